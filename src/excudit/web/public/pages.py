"""The public addresses. All look the same for everyone and set no cookie."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from excudit.domain.errors import NotFound
from excudit.domain.model import SERVICE
from excudit.service import queries
from excudit.service.parts import Parts
from excudit.web import assets, brand, kinds, rendering
from excudit.web.public import landing, links
from excudit.web.public.exports import EXPORTS, Export
from excudit.web.public.negotiate import HTML, wanted
from excudit.web.public.shown import Shown, find

RECENT = 20
_SLUG = re.compile(r"[0-9a-z]{1,32}")
_OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Content-Location",
}


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _shown(request: Request) -> Shown:
    slug = request.path_params["slug"]
    if not _SLUG.fullmatch(slug):
        raise NotFound("There is no such page.")
    return find(_parts(request), slug)


def landing_page(request: Request) -> Response:
    """A dataset's page, its tombstone, or the same as metadata where the reader asks for it."""
    shown = _shown(request)
    form = wanted(", ".join(request.headers.getlist("accept")))
    if form != HTML:
        at = links.export_url(shown, form)
        return _export(request, shown, EXPORTS[form], {"Content-Location": at}, negotiated=True)
    after = _position(request.query_params.get("after", ""))
    files = queries.files(
        _parts(request), shown.publication.id, after=after, limit=landing.FILES_PER_PAGE
    )
    text = rendering.render(
        "tombstone.html" if shown.withdrawn else "landing.html",
        shown.site,
        {**landing.values(shown, files), "first_page": after < 0},
    )
    headers = {"Vary": "Accept", "Link": links.header(links.of_page(shown)), **_robots(shown)}
    return rendering.fresh(request, text.encode(), "text/html", headers)


def _position(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1


def _robots(shown: Shown) -> dict[str, str]:
    return {"X-Robots-Tag": "noindex"} if shown.hidden else {}


def export(request: Request) -> Response:
    """One fixed form of a dataset's metadata, whatever the reader accepts."""
    form = EXPORTS.get(request.path_params["form"])
    if form is None:
        raise NotFound(
            "There is no such export.", hint="There are: " + ", ".join(sorted(EXPORTS)) + "."
        )
    return _export(request, _shown(request), form, {})


def _export(
    request: Request, shown: Shown, form: Export, more: dict[str, str], *, negotiated: bool = False
) -> Response:
    found = links.of_page(shown) if negotiated else links.of_export(shown)
    headers = {**_OPEN_TO_ALL, "Link": links.header(found), **_robots(shown), **more}
    if negotiated:
        headers["Vary"] = "Accept"
    elif form.download:
        name = f"{shown.publication.slug}.{form.download}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return rendering.fresh(request, form.write(shown), form.media_type, headers)


def start(request: Request) -> Response:
    """The newest published datasets."""
    parts = _parts(request)
    recent = queries.listing(parts, SERVICE, state="published", limit=RECENT)
    rows: list[dict[str, Any]] = []
    for publication in recent:
        shown = find(parts, publication.slug) if publication.page_open else None
        if shown and not shown.newest and not shown.withdrawn:
            rows.append({**landing.brief(shown), "at": publication.published_at})
    text = rendering.render("start.html", parts.settings.site, {"rows": rows})
    return rendering.fresh(request, text.encode(), "text/html", {})


def problem(request: Request) -> Response:
    """What a kind of failure means: where the `type` of a problem+json answer leads."""
    kind = kinds.named(request.path_params["kind"])
    if kind is None:
        raise NotFound("There is no such kind of failure.")
    site = _parts(request).settings.site
    text = rendering.render("problem.html", site, {"kind": kind})
    return rendering.fresh(request, text.encode(), "text/html", {})


def robots(request: Request) -> Response:
    """Crawlers may read the public pages; it is no access control."""
    root = rendering.root(_parts(request).settings.site)
    return PlainTextResponse(f"User-agent: *\nDisallow: {root}/api/\n")


def icon(request: Request) -> Response:
    """The little picture of the site."""
    return Response(
        assets.ICON, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"}
    )


ROUTES = [
    Route("/", start),
    Route("/d/{slug}", landing_page),
    Route("/d/{slug}/export/{form}", export),
    Route("/problems/{kind}", problem),
    Route("/robots.txt", robots),
    Route("/favicon.svg", icon),
    Route("/favicon.ico", icon),
    *assets.ROUTES,
    *brand.ROUTES,
]
