"""Preview links: made, listed and revoked by those who work on it, and read by who has one."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from excudit.domain import permissions
from excudit.domain.errors import ExcuditError
from excudit.service import previews, queries
from excudit.service.parts import Parts
from excudit.service.previews import Seen
from excudit.web import rendering, shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.public import landing
from excudit.web.public.shown import Shown
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
LONGEST_NOTE = 200
USUAL_DAYS = "30"
SECRET = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@ROUTER.get("/publications/{publication}/previews")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The links of a publication, and the form for a new one."""
    return _page(request, parts, person, publication)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    made: str = "",
) -> Response:
    seen = visible(parts, person.actor, publication)
    found, links = previews.of(parts, person.actor, seen.id)
    values = {
        "publication": found,
        "links": links,
        "typed": typed or {"note": "", "days": USUAL_DAYS, "anonymous": ""},
        "errors": errors or {},
        "made": made,
        "longest": previews.LONGEST_DAYS,
        "drawn_up": found.state in permissions.states_of("preview"),
    }
    status = 422 if errors else 200
    headers = {"Cache-Control": "no-store"} if made else {}
    return shell.show(request, person, "previews/list.html", values, status=status, headers=headers)


@ROUTER.post("/publications/{publication}/previews")
def make(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """A new link, shown on the answer and never again."""
    found = visible(parts, person.actor, publication)
    typed = {name: frame.typed(form, name).strip() for name in ("note", "days", "anonymous")}
    errors = {"note": frame.wrong_text(typed["note"], LONGEST_NOTE)}
    days = int(typed["days"]) if re.fullmatch(r"[0-9]{1,4}", typed["days"]) else 0
    if not 1 <= days <= previews.LONGEST_DAYS:
        errors["days"] = f"Give a number of days from 1 to {previews.LONGEST_DAYS}."
    wrong = {name: words for name, words in errors.items() if words}
    if wrong:
        return _page(request, parts, person, found.id, typed=typed, errors=wrong)
    _, token = previews.make(
        parts,
        person.actor,
        found.id,
        days=days,
        anonymous=bool(typed["anonymous"]),
        note=typed["note"],
    )
    return _page(request, parts, person, found.id, made=_address(parts, token))


@ROUTER.post("/publications/{publication}/previews/{preview}/revoke")
def revoke(
    parts: Wired, person: SignedIn, publication: str, preview: str, form: Posted
) -> Response:
    """Close a link at once."""
    found = visible(parts, person.actor, publication)
    previews.revoke(parts, person.actor, found.id, preview)
    shell.say(parts, person, "The link is revoked: it leads nowhere any more.")
    return shell.go(parts, f"/publications/{found.id}/previews")


def _address(parts: Parts, token: str) -> str:
    return f"{parts.settings.site.base_url.rstrip('/')}/preview/{token}"


@ROUTER.get("/preview/{token}")
def read(request: Request, parts: Wired, token: str) -> Response:
    """What the link leads to, for anybody who has it; no cookie is read or set."""
    seen = previews.opened(parts, token)
    if seen.moved:
        return RedirectResponse(parts.landing_url(seen.moved), 302, dict(SECRET))
    after = request.query_params.get("after", "")
    position = int(after) if re.fullmatch(r"[0-9]{1,9}", after) else -1
    files = queries.files(parts, seen.publication.id, after=position, limit=landing.FILES_PER_PAGE)
    shown = _shown(parts, seen, _address(parts, token))
    rows = [_nameless(row) for row in files] if seen.anonymous else files
    values = {
        **landing.values(shown, rows),
        "published": "Not yet",
        "first_page": position < 0,
        "seen": seen,
    }
    return rendering.page("pages/previews/shown.html", shown.site, values, headers=SECRET)


def _shown(parts: Parts, seen: Seen, url: str) -> Shown:
    if seen.record is None:
        raise ExcuditError("A preview without a record.")
    return Shown(
        publication=seen.publication,
        record=seen.record.model_copy(update={"url": ""}),
        resolves=False,
        url=url,
        files=seen.frozen.files if seen.frozen else 0,
        bytes=seen.frozen.bytes if seen.frozen else 0,
        copies=(),
        versions=(),
        site=parts.settings.site,
    )


def _nameless(row: dict[str, Any]) -> dict[str, Any]:
    """A file without its path, which may name people; its checksum may be known elsewhere."""
    ending = re.search(r"\.[a-z0-9]{1,8}$", row["path"].lower())
    name = f"File {row['position'] + 1}{ending[0] if ending else ''}"
    return {**row, "path": name, "sha256": "withheld"}
