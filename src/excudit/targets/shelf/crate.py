"""`ro-crate-metadata.json` (RO-Crate 1.1) of a published folder, written as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson

from excudit.domain.model import FileEntry, Snapshot
from excudit.domain.record import Creator

NAME = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def pieces(snapshot: Snapshot, prefix: str) -> Iterator[bytes]:
    """The document in pieces; `prefix` stands before the path of each file ("data/" in a bag).

    The same snapshot gives the same bytes. Only one file's entry is in memory at a time.
    """
    record = snapshot.record
    authors = [_author(n, person) for n, person in enumerate(record.creators, 1)]
    root = {**_root(snapshot), "author": [{"@id": one["@id"]} for one in authors]}
    yield b'{"@context":' + orjson.dumps(_CONTEXT) + b',"@graph":['
    yield orjson.dumps(_DESCRIPTOR) + b",\n"
    yield orjson.dumps(root)[:-1] + b',"hasPart":['
    yield from _joined(orjson.dumps({"@id": _id(prefix, f)}) for f in snapshot.files)
    yield b"]}"
    for entity in (*authors, *_licences(snapshot), *_publisher(snapshot)):
        yield b",\n" + orjson.dumps(entity)
    for file in snapshot.files:
        yield b",\n" + orjson.dumps(_file(prefix, file))
    yield b"]}\n"


_DESCRIPTOR = {
    "@id": NAME,
    "@type": "CreativeWork",
    "about": {"@id": "./"},
    "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
}


def _joined(entries: Iterator[bytes]) -> Iterator[bytes]:
    for number, entry in enumerate(entries):
        yield (b"," if number else b"") + entry


def _root(snapshot: Snapshot) -> dict[str, Any]:
    record = snapshot.record
    told: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": record.titles[0].title if record.titles else snapshot.key,
        "description": record.descriptions[0].description
        if record.descriptions
        else "The files of a published dataset.",
        "datePublished": str(record.publication_year),
        "license": [{"@id": one["@id"]} for one in _licences(snapshot)],
    }
    if snapshot.doi:
        told["identifier"] = f"https://doi.org/{snapshot.doi}"
    if snapshot.landing_url:
        told["url"] = snapshot.landing_url
    if publisher := _publisher(snapshot):
        told["publisher"] = {"@id": publisher[0]["@id"]}
    return {k: v for k, v in told.items() if v}


def _licences(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {"@id": one.rights_uri, "@type": "CreativeWork", "name": one.rights or one.rights_uri}
        for one in snapshot.record.rights_list
        if one.rights_uri
    ]


def _publisher(snapshot: Snapshot) -> list[dict[str, Any]]:
    publisher = snapshot.record.publisher
    name = getattr(publisher, "name", "") or ""
    return [{"@id": "#publisher", "@type": "Organization", "name": name}] if name else []


def _author(number: int, person: Creator) -> dict[str, Any]:
    orcid = next(
        (
            i.name_identifier
            for i in person.name_identifiers
            if i.name_identifier_scheme.upper() == "ORCID"
        ),
        "",
    )
    who = orcid if orcid.startswith("https://") else f"https://orcid.org/{orcid}"
    kind = "Organization" if person.name_type == "Organizational" else "Person"
    return {"@id": who if orcid else f"#author-{number}", "@type": kind, "name": person.name}


def _file(prefix: str, file: FileEntry) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@id": _id(prefix, file),
        "@type": "File",
        "name": file.path,
        "contentSize": str(file.size),
        "sha256": file.sha256,
    }
    if file.media_type:
        told["encodingFormat"] = file.media_type
    return told


def _id(prefix: str, file: FileEntry) -> str:
    return quote(f"{prefix}{file.path}")
