"""How to cite a record: as text, BibTeX, RIS and CSL-JSON.

Mapping: DataCite 4.7 to the three formats as DataCite's own content negotiation has it, except
that CSL-JSON says "dataset" and "software" as CSL 1.0.2 does.
"""

from __future__ import annotations

import re
from typing import Any

from excudit.domain.record import Contributor, Creator, Record
from excudit.metadata.web_links import doi_url

_CSL_TYPES = {
    "Audiovisual": "motion_picture",
    "Book": "book",
    "BookChapter": "chapter",
    "ConferencePaper": "paper-conference",
    "Dissertation": "thesis",
    "Image": "graphic",
    "JournalArticle": "article-journal",
    "Preprint": "article",
    "Report": "report",
    "Software": "software",
    "Text": "document",
}
_RIS_TYPES = {
    "Book": "BOOK",
    "BookChapter": "CHAP",
    "ConferencePaper": "CPAPER",
    "Dissertation": "THES",
    "JournalArticle": "JOUR",
    "Report": "RPRT",
    "Software": "COMP",
}
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?=$|T)")
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")

Person = Creator | Contributor


def issued(record: Record) -> tuple[int, ...]:
    """The date of publication as (year, month, day), as far as it is known."""
    for date in record.dates:
        found = _ISO_DATE.match(date.date) if date.date_type == "Issued" else None
        if found:
            return tuple(int(part) for part in found.groups() if part)
    return (record.publication_year,)


def kind_words(record: Record) -> str:
    """The resource type in words: "Dataset", "Journal article"."""
    return words(record.types.resource_type_general)


def words(term: str) -> str:
    """A CamelCase term of DataCite as words with a capital: "Journal article"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", term)
    return spaced[:1] + spaced[1:].lower()


def text(record: Record) -> str:
    """The citation that DataCite recommends:
    "Creator (Year): Title. Version. Publisher. (Dataset). https://doi.org/…"."""
    parts = [f"{_people(record.creators)} ({record.publication_year}): {_line(record.main_title)}"]
    if record.version:
        parts.append(f"Version {_line(record.version)}")
    parts += [_line(record.publisher.name), f"({kind_words(record)})"]
    end = f" {doi_url(record.doi)}" if record.doi else ""
    return "".join(_stopped(part) + " " for part in parts).rstrip() + end


def _stopped(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else sentence + "."


def _people(people: tuple[Person, ...]) -> str:
    names = [_line(person.name) for person in people]
    if len(names) > 20:
        names = [*names[:19], "… " + names[-1]]
    return "; ".join(names)


def csl(record: Record) -> dict[str, Any]:
    """The record as one CSL-JSON entry (CSL 1.0.2)."""
    entry = {
        "id": doi_url(record.doi) if record.doi else record.url,
        "type": _CSL_TYPES.get(record.types.resource_type_general, "dataset"),
        "title": record.main_title,
        "author": [_csl_name(creator) for creator in record.creators],
        "editor": [_csl_name(c) for c in record.contributors if c.contributor_type == "Editor"],
        "translator": [
            _csl_name(c) for c in record.contributors if c.contributor_type == "Translator"
        ],
        "issued": {"date-parts": [list(issued(record))]},
        "publisher": record.publisher.name,
        "version": record.version,
        "abstract": abstract(record),
        "keyword": ", ".join(s.subject for s in record.subjects if s.subject),
        "language": record.language,
        "DOI": record.doi,
        "URL": record.url or (doi_url(record.doi) if record.doi else ""),
    }
    return {key: value for key, value in entry.items() if value}


def _csl_name(person: Person) -> dict[str, str]:
    family, given = split_name(person)
    return {"family": family, "given": given} if given else {"literal": person.name}


def split_name(person: Person) -> tuple[str, str]:
    """(family name, given name); the given name is "" for organisations and single names."""
    if person.name_type == "Organizational":
        return person.name, ""
    if person.family_name and person.given_name:
        return person.family_name, person.given_name
    family, comma, given = person.name.partition(",")
    return (family.strip(), given.strip()) if comma and given.strip() else (person.name, "")


def abstract(record: Record) -> str:
    """The first abstract, else the first description; line breaks as "\\n"; "" without any."""
    ranked = sorted(record.descriptions, key=lambda d: d.description_type != "Abstract")
    return re.sub(r"\s*<br ?/?>\s*", "\n", ranked[0].description) if ranked else ""


def bibtex(record: Record) -> str:
    """The record as one BibTeX entry, ASCII specials escaped."""
    date = issued(record)
    fields = {
        "doi": record.doi,
        "url": record.url,
        "author": " and ".join(_bibtex_name(creator) for creator in record.creators),
        "title": f"{{{_bibtex(record.main_title)}}}",
        "publisher": _bibtex(record.publisher.name),
        "year": str(record.publication_year),
        "month": str(date[1]) if len(date) > 1 else "",
        "version": _bibtex(record.version),
        "keywords": ", ".join(_bibtex(s.subject) for s in record.subjects if s.subject),
        "language": record.language,
        "copyright": ", ".join(_bibtex(r.rights) for r in record.rights_list if r.rights),
        "abstract": _bibtex(abstract(record)),
        "howpublished": kind_words(record),
    }
    key = re.sub(r"[^A-Za-z0-9./:_-]", "", record.doi or record.url) or "record"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _bibtex_name(person: Person) -> str:
    family, given = split_name(person)
    return f"{_bibtex(family)}, {_bibtex(given)}" if given else f"{{{_bibtex(family)}}}"


def _bibtex(value: str) -> str:
    return "".join(_BIBTEX.get(sign, sign) for sign in _line(value))


def ris(record: Record) -> str:
    """The record in RIS; lines end with CRLF."""
    date = issued(record)
    rows = [
        ("TY", _RIS_TYPES.get(record.types.resource_type_general, "DATA")),
        ("T1", record.main_title),
        *(("AU", _ris_name(creator)) for creator in record.creators),
        *(("ED", _ris_name(c)) for c in record.contributors if c.contributor_type == "Editor"),
        ("PY", str(record.publication_year)),
        ("DA", "/".join(f"{part:02d}" for part in date) if len(date) == 3 else ""),
        ("PB", record.publisher.name),
        ("ET", record.version),
        ("AB", abstract(record)),
        *(("KW", subject.subject) for subject in record.subjects),
        ("LA", record.language),
        ("DO", record.doi),
        ("UR", record.url),
    ]
    lines = [f"{tag}  - {_line(value)}\r\n" for tag, value in rows if value]
    return "".join(lines) + "ER  - \r\n"


def _ris_name(person: Person) -> str:
    family, given = split_name(person)
    return f"{family}, {given}" if given else family


def _line(value: str) -> str:
    return " ".join(_NO_TEXT.sub(" ", value).split())
