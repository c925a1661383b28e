"""Templates to answers: one environment, always escaped, ETags from the bytes themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations, find
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from excudit.domain.errors import NotFound
from excudit.domain.lifecycle import STATE_WORDS
from excudit.domain.sentence import Sentence
from excudit.metadata.web_links import web_url
from excudit.settings import Site
from excudit.web import assets, brand, weight
from excudit.web.figures import size

_LOCALE = files("excudit.web") / "locale"
_PERCENT = re.compile(r"%%|%\(\w+\)[sd]|%")


@cache
def templates(language: str, catalogues: str = "") -> Environment:
    """The templates in a language. Raises NotFound when there is no catalogue for it."""
    made = Environment(
        loader=PackageLoader("excudit.web"),
        autoescape=True,
        undefined=StrictUndefined,
        # An upgrade under a running process must not mix new templates with old code.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = _catalogue(language, catalogues)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda one: _whole(words, one) if isinstance(one, Sentence) else _plain(words.gettext(one)),
        lambda one, many, n: _plain(words.ngettext(one, many, n)),
        newstyle=True,
    )
    # One way to write sizes on all pages; Jinja's own has another one.
    made.filters["filesizeformat"] = size
    made.filters["cut"] = weight.cut
    made.filters["in_words"] = lambda state: STATE_WORDS.get(state, state)
    made.filters["spoken"] = lambda text: _spoken(words, text)
    return made


def _spoken(words: NullTranslations, text: Any) -> str:
    """A text in the language of the catalogue; a sentence with its values in it, markup and what
    no catalogue knows as they are."""
    if isinstance(text, Sentence):
        found = words.ngettext(text.text, text.many, text.number) if text.many else ""
        found = found or words.gettext(text.text)
        values = {
            name: _spoken(words, value) if isinstance(value, Sentence) else value
            for name, value in text.values.items()
        }
        try:
            return found % values if values else found
        except (KeyError, TypeError, ValueError):  # a catalogue with a place that we do not fill
            return str(text)
    if not text or isinstance(text, Markup):
        return text or ""
    return words.gettext(str(text))


def _whole(words: NullTranslations, sentence: Sentence) -> str:
    """A sentence for `_()`, which is to fill nothing more into it."""
    return str(escape(_spoken(words, sentence))).replace("%", "%%")


def _plain(words: str) -> str:
    """Words as `_()` must have them, which takes them for HTML with places for values: no message
    of ours holds HTML, and what others wrote is shown as they wrote it."""
    return _PERCENT.sub(lambda m: "%%" if m[0] == "%" else m[0], str(escape(words)))


def _catalogue(language: str, catalogues: str) -> NullTranslations:
    if language.lower().split("-")[0] == "en":
        return NullTranslations()
    for place in filter(None, (catalogues, str(_LOCALE))):
        found = find("excudit", place, [language.replace("-", "_")])
        if found:
            with Path(found).open("rb") as file:
                return GNUTranslations(file)
    raise NotFound(
        f"There is no catalogue of words for the language {language!r}.",
        hint=f"Put {language.replace('-', '_')}/LC_MESSAGES/excudit.mo into site.catalogues, "
        'or set site.language = "en".',
    )


def root(site: Site) -> str:
    """The path under which the service is mounted, without a final slash."""
    return urlsplit(site.base_url).path.rstrip("/")


def contact_url(site: Site) -> str:
    """Where the site's contact leads: a page, or else an e-mail address."""
    return web_url(site.contact) or f"mailto:{site.contact}"


def render(template: str, site: Site, values: Mapping[str, Any]) -> str:
    """A page as text; `values` are reached by their names."""
    prefix = root(site)
    environment = templates(site.language, site.catalogues)
    own = brand.of(site)
    return environment.get_template(template).render(
        **values,
        site=site,
        page_language=site.language,
        root=prefix,
        stylesheets=[prefix + sheet.path for sheet in (assets.STYLE, own.style) if sheet],
        logo=prefix + own.logo.path if own.logo else "",
        scripts=(prefix + assets.HTMX.path, prefix + assets.SCRIPT.path),
        contact_url=contact_url(site),
    )


def page(
    template: str,
    site: Site,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page as an answer."""
    return HTMLResponse(render(template, site, values), status, dict(headers or {}))


def fresh(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The body with its ETag, or 304 without it when the reader has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    sent = {"ETag": tag, "Cache-Control": "no-cache", **headers}
    if known(tag, ", ".join(request.headers.getlist("if-none-match"))):
        return Response(status_code=304, headers=sent)
    return Response(body, headers=sent, media_type=media_type)


def known(tag: str, if_none_match: str | None) -> bool:
    """Whether the reader has this version already (RFC 9110 §13.1.2)."""
    asked = asked_tags(if_none_match or "")
    return tag in asked or asked == ["*"]


def asked_tags(header: str) -> list[str]:
    """The entity tags of an If-Match or If-None-Match header, weak marks taken off."""
    return [tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()]
