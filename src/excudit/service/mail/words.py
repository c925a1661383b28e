"""How values become words in a mail: cleaned, on one line, bidi-safe, as links and times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from excudit.settings import Site

# Controls except tab and line feed; embeddings, overrides and isolates that would turn round the
# text after them (UAX #9 §2), which are set here and nowhere else; lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
FSI, PDI = "\u2068", "\u2069"


def clean(value: Any) -> Any:
    """The value with every text in it free of what could break a header or mislead a reader."""
    if isinstance(value, str):
        text = _LINE_ENDS.sub("\n", value)
        return _SURROGATES.sub("\ufffd", _UNWANTED.sub("", text))
    if isinstance(value, Mapping):
        return {key: clean(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(member) for member in value]
    return value


def line(text: str) -> str:
    """The text on one line; markup stays markup."""
    return type(text)(" ").join(text.split())


def isolated(text: str) -> str:
    """One line whose direction does not spill over, for plain text (UAX #9 §2.7)."""
    text = line(str(text))
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
    return f"{FSI}{text}{PDI}" if turns else text


def isolated_html(text: str) -> Markup:
    """The same for HTML."""
    return Markup("<bdi>{}</bdi>").format(line(str(text)))


def moment(when: datetime | str) -> str:
    """A time with its zone, e.g. "2 March 2026, 14:10 UTC"; a string as it is.

    Raises ValueError for a time without zone.
    """
    if isinstance(when, str):
        return when
    if when.tzinfo is None:
        raise ValueError(f"the time {when} has no zone")
    at = when.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def paragraphs(text: str) -> list[str]:
    """The non-empty lines of a text."""
    return [line(part) for part in text.splitlines() if part.strip()]


def quoted_lines(text: str) -> str:
    """What a person or a remote wrote, marked line by line as theirs."""
    return "\n".join(f"> {part}".rstrip() for part in text.strip().splitlines())


def resolver(doi: str) -> str:
    """Where a DOI resolves (DOI Handbook §3.8)."""
    return "https://doi.org/" + quote(doi, safe="/:;().-_~")


def contact(address: str) -> str:
    """The link to the site's contact: a page, or else an e-mail address."""
    return address if web(address) else "mailto:" + quote(address, safe="@+")


def web(url: str) -> str:
    """The URL if it is plain http or https, else "": words without a link."""
    try:
        plain = urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return ""
    return url if plain and not re.search(r"\s", url) else ""


def page(site: Site, path: str) -> str:
    """The URL of a page of this site. Raises ValueError for another site's page, and for a query:
    links in mails open a page after sign-in, they carry no token and never act."""
    base = site.base_url.rstrip("/")
    path = path.removeprefix(base)
    if not re.fullmatch(r"/(?!/)[^?\s]*", path):
        raise ValueError(f"a mail links pages of {base} without a query, not {path!r}")
    return base + path


def rows(places: Iterable[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Named links as rows of label, words and address."""
    return [(place["name"], place["url"], web(place["url"])) for place in places]


def _environment(*, html: bool) -> Environment:
    made = Environment(
        loader=PackageLoader("excudit.service.mail"),
        autoescape=html,  # noqa: S701 - the text part is no markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "line": line,
        "name": isolated_html if html else isolated,
        "moment": moment,
        "paragraphs": paragraphs,
        "quoted_lines": quoted_lines,
        "resolver": resolver,
        "contact": contact,
        "rows": rows,
    }
    return made


TEXT = _environment(html=False)
HTML = _environment(html=True)
