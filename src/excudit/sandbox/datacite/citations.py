"""CSL-JSON, BibTeX, RIS, JATS, CSV and a formatted citation."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.sax.saxutils import escape

from excudit.sandbox.datacite import normalise
from excudit.sandbox.datacite.linked_data import date, title
from excudit.sandbox.datacite.store import Doi
from excudit.sandbox.datacite.views import published

_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {character: f"\\{character}" for character in "&%$#_{}"}
_KINDS = {"Dataset": "Data set", "Software": "Computer software", "Audiovisual": "Video"}
_COLUMNS = (
    *("doi", "url", "registered", "state", "resourceTypeGeneral", "resourceType", "title"),
    *("author", "publisher", "publicationYear"),
)


def csl(doi: Doi) -> dict[str, Any]:
    """The DOI as CSL-JSON."""
    kept, container = doi.metadata, _container(doi)
    types = kept.get("types") or {}
    software = types.get("resourceTypeGeneral") == "Software" and kept.get("version")
    pages = "-".join(str(p) for p in (container.get("firstPage"), container.get("lastPage")) if p)
    entry = {
        "type": "book" if software else types.get("citeproc") or "article",
        "id": f"https://doi.org/{doi.doi}",
        "categories": [s.get("subject") for s in kept.get("subjects") or ()],
        "language": kept.get("language"),
        "author": [_csl_name(one) for one in kept.get("creators") or ()],
        "editor": _csl_contributors(doi, "Editor"),
        "translator": _csl_contributors(doi, "Translator"),
        "issued": _csl_date(published(doi)),
        "submitted": _csl_date(date(doi, "Submitted")),
        "abstract": _abstract(doi),
        "container-title": container.get("title"),
        "DOI": doi.doi,
        "volume": container.get("volume"),
        "issue": container.get("issue"),
        "page": pages,
        "publisher": _publisher(doi),
        "title": title(doi),
        "URL": doi.url,
        "copyright": next((r.get("rights") for r in kept.get("rightsList") or ()), None),
        "version": kept.get("version"),
    }
    return {name: value for name, value in entry.items() if value not in (None, "", [], {})}


def bibtex(doi: Doi) -> str:
    """The DOI as one BibTeX entry."""
    kept, container = doi.metadata, _container(doi)
    kind = (kept.get("types") or {}).get("bibtex") or "misc"
    names = [_bibtex_name(one) for one in kept.get("creators") or ()]
    fields = {
        "doi": doi.doi,
        "url": doi.url,
        "author": " and ".join(names),
        "keywords": ", ".join(str(s.get("subject")) for s in kept.get("subjects") or ()),
        "language": kept.get("language"),
        "title": title(doi),
        "journal": container.get("title"),
        "volume": container.get("volume"),
        "issue": container.get("issue"),
        "publisher": _publisher(doi),
        "year": kept.get("publicationYear"),
        "copyright": next((r.get("rights") for r in kept.get("rightsList") or ()), None),
    }
    raw = ("doi", "url", "author")
    lines = [
        f"  {name} = {{{value if name in raw else _escaped(str(value))}}}"
        for name, value in fields.items()
        if value not in (None, "")
    ]
    return f"@{kind}{{https://doi.org/{doi.doi},\n" + ",\n".join(lines) + "\n}\n"


def ris(doi: Doi) -> str:
    """The DOI as one RIS record with CRLF line ends."""
    kept, container = doi.metadata, _container(doi)
    pairs: list[tuple[str, Any]] = [
        ("TY", (kept.get("types") or {}).get("ris") or "GEN"),
        ("T1", title(doi)),
        ("T2", container.get("title")),
        *(("AU", one.get("name")) for one in kept.get("creators") or ()),
        *(("ED", one["name"]) for one in _of_type(doi, "Editor")),
        ("DO", doi.doi),
        ("UR", doi.url),
        ("AB", _abstract(doi)),
        *(("KW", one.get("subject")) for one in kept.get("subjects") or ()),
        ("PY", kept.get("publicationYear")),
        ("PB", _publisher(doi)),
        ("LA", kept.get("language")),
        ("VL", container.get("volume")),
        ("IS", container.get("issue")),
        ("SP", container.get("firstPage")),
        ("EP", container.get("lastPage")),
        ("ET", kept.get("version")),
    ]
    lines = [f"{tag}  - {_one_line(value)}" for tag, value in pairs if value not in (None, "")]
    return "\r\n".join([*lines, "ER  - ", ""])


def jats(doi: Doi) -> str:
    """The DOI as a JATS element-citation."""
    kept = doi.metadata
    kind = "data" if (kept.get("types") or {}).get("resourceTypeGeneral") == "Dataset" else "other"
    names = "".join(
        f"<name><surname>{escape(str(one.get('familyName') or one.get('name', '')))}</surname>"
        f"<given-names>{escape(str(one.get('givenName') or ''))}</given-names></name>"
        for one in kept.get("creators") or ()
    )
    year = escape(str(kept.get("publicationYear") or ""))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<element-citation publication-type="{kind}">'
        f'<person-group person-group-type="author">{names}</person-group>'
        f"<data-title>{escape(title(doi))}</data-title><year>{year}</year>"
        f"<publisher-name>{escape(_publisher(doi))}</publisher-name>"
        f'<pub-id pub-id-type="doi">{escape(doi.doi)}</pub-id></element-citation>\n'
    )


def table(doi: Doi) -> str:
    """The DOI as CSV with a header line."""
    types = doi.metadata.get("types") or {}
    people = [str(one.get("name", "")) for one in doi.metadata.get("creators") or ()]
    values = (
        *(doi.doi, doi.url, doi.registered, doi.state, types.get("resourceTypeGeneral")),
        *(types.get("resourceType"), title(doi), "; ".join(people), _publisher(doi)),
        doi.metadata.get("publicationYear"),
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerow(["" if value is None else value for value in values])
    return text.getvalue()


def apa(doi: Doi) -> str:
    """The DOI as a citation in the style of APA."""
    kept = doi.metadata
    people = [_apa_name(one) for one in kept.get("creators") or ()]
    authors = (
        ", ".join(people[:-1]) + ", &amp; " + people[-1] if len(people) > 1 else "".join(people)
    )
    version = f" (Version {kept['version']})" if kept.get("version") else ""
    kind = _KINDS.get((kept.get("types") or {}).get("resourceTypeGeneral", ""), "")
    shown_kind = f" [{kind}]" if kind else ""
    year = kept.get("publicationYear") or "n.d."
    parts = (f"{authors} ({year})", f"{title(doi)}{version}{shown_kind}", _publisher(doi))
    text = ". ".join(part for part in parts if part).replace("&amp;", "&")
    return f"{text}. https://doi.org/{doi.doi}"


def _container(doi: Doi) -> dict[str, Any]:
    return doi.metadata.get("container") or normalise.container(doi.metadata)


def _publisher(doi: Doi) -> str:
    return str((doi.metadata.get("publisher") or {}).get("name") or "")


def _abstract(doi: Doi) -> str | None:
    texts = doi.metadata.get("descriptions") or ()
    found = (t.get("description") for t in texts if t.get("descriptionType") == "Abstract")
    return next(found, None)


def _of_type(doi: Doi, kind: str) -> list[dict[str, Any]]:
    people = doi.metadata.get("contributors") or ()
    return [one for one in people if one.get("contributorType") == kind and one.get("name")]


def _csl_contributors(doi: Doi, kind: str) -> list[dict[str, Any]]:
    return [_csl_name(one) for one in _of_type(doi, kind)]


def _csl_name(one: dict[str, Any]) -> dict[str, Any]:
    if one.get("familyName"):
        name = {"family": one["familyName"], "given": one.get("givenName")}
        return {key: value for key, value in name.items() if value}
    return {"literal": one.get("name", "")}


def _csl_date(text: str | None) -> dict[str, Any]:
    parts = re.match(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text or "")
    return {"date-parts": [[int(p) for p in parts.groups() if p]]} if parts else {}


def _bibtex_name(one: dict[str, Any]) -> str:
    if one.get("familyName"):
        names = (str(p) for p in (one["familyName"], one.get("givenName")) if p)
        return _escaped(", ".join(names))
    text = _escaped(str(one.get("name", "")))
    return f"{{{text}}}" if one.get("nameType") == "Organizational" else text


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def _apa_name(one: dict[str, Any]) -> str:
    if not one.get("familyName"):
        return str(one.get("name", ""))
    initials = " ".join(f"{part[0]}." for part in str(one.get("givenName") or "").split())
    return ", ".join(part for part in (str(one["familyName"]), initials) if part)


def _one_line(value: Any) -> str:
    return re.sub(r"\s*[\r\n]+\s*", " ", str(value)).strip()
