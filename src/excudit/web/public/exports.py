"""The metadata of a publication in its fixed forms, one address each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from excudit.metadata import citation, datacite_json, datacite_xml, schema_org
from excudit.web.public.shown import Shown


@dataclass(frozen=True, slots=True)
class Export:
    """One form. `name` is the end of its address, `label` the words on its link; `profile` is
    what signposting says of it; `download` the ending under which browsers keep it."""

    name: str
    label: str
    media_type: str
    write: Callable[[Shown], bytes]
    profile: str = ""
    download: str = ""


def _json(tree: object) -> bytes:
    return orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def schemaorg(shown: Shown) -> bytes:
    """The JSON-LD that also stands in the page."""
    return _json(schema_org.document(shown.record, shown.place()))


def _datacite_json(shown: Shown) -> bytes:
    return _json(datacite_json.to_rest(shown.record))


def _datacite_xml(shown: Shown) -> bytes:
    return datacite_xml.to_xml(shown.record)


def _csl(shown: Shown) -> bytes:
    return _json(citation.csl(shown.record))


def _bibtex(shown: Shown) -> bytes:
    return citation.bibtex(shown.record).encode()


def _ris(shown: Shown) -> bytes:
    return citation.ris(shown.record).encode()


def _text(shown: Shown) -> bytes:
    return f"{citation.text(shown.record)}\n".encode()


EXPORTS: dict[str, Export] = {
    e.name: e
    for e in (
        Export("bibtex", "BibTeX", "application/x-bibtex", _bibtex, download="bib"),
        Export("ris", "RIS", "application/x-research-info-systems", _ris, download="ris"),
        Export("csl", "CSL JSON", "application/vnd.citationstyles.csl+json", _csl),
        Export("citation", "Plain text", "text/x-bibliography", _text),
        Export(
            "schemaorg",
            "schema.org JSON-LD",
            "application/ld+json",
            schemaorg,
            profile="http://schema.org/",
        ),
        Export(
            "datacite.json",
            "DataCite JSON",
            "application/vnd.datacite.datacite+json",
            _datacite_json,
        ),
        Export(
            "datacite.xml",
            "DataCite XML",
            "application/vnd.datacite.datacite+xml",
            _datacite_xml,
            profile="http://datacite.org/schema/kernel-4",
        ),
    )
}
