"""A first record, from what the source knows and what the route says, and where each of its
values came from."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from excudit.domain.model import Dataset
from excudit.domain.publication import Part, Publication
from excudit.domain.storable import UNSTORABLE
from excudit.service.merged import names_of
from excudit.service.parts import Parts
from excudit.settings import Route
from excudit.store import events
from excudit.store.publications import now

TRACED = 200
"""Entries of one list that are traced one by one; longer lists only as a whole."""
SHORT = 30
"""Characters of a reference that people still read at a glance."""
_ROUTE, _SERVICE = -1, -2
_WORDS = {_ROUTE: "From the route's settings", _SERVICE: "Filled in by excudit"}
_NAMED_BY_US = ("doi", "url")


def prefilled(route: Route, dataset: Dataset) -> dict[str, Any]:
    """The record as a person would find it: the source's words first, then the route's defaults,
    then what is true of any publication made today."""
    fallback: dict[str, Any] = {
        "titles": [{"title": dataset.title}] if dataset.title else [],
        "publicationYear": now().year,
        "types": {"resourceTypeGeneral": "Dataset"},
    }
    record = {**fallback, **route.defaults, **_known(dataset.metadata)}
    # The names are given by excudit: a DOI or URL in the metadata belongs to something else.
    return {k: cleaned(v) for k, v in record.items() if k not in _NAMED_BY_US}


def cleaned(tree: Any) -> Any:
    """The tree without what no database keeps: NUL characters and halves of surrogate pairs."""
    if isinstance(tree, str):
        return UNSTORABLE.sub("\ufffd", tree)
    if isinstance(tree, Mapping):
        return {cleaned(k): cleaned(v) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return [cleaned(entry) for entry in tree]
    return tree


def _known(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in metadata.items() if v not in ("", None, [], {}, ())}


def traces(
    record: Mapping[str, Any], route: Route, datasets: Sequence[Dataset]
) -> dict[str, dict[str, list[int]]]:
    """Where each value of a prefilled record came from, to be kept with the event of its making:
    member → digest of the value → [position of the first dataset that says so, how many say so].

    Position -1 is the route, -2 the service. A value that is changed later loses its digest, one
    that is moved keeps it.
    """
    found: dict[str, dict[str, list[int]]] = {}
    for member, value in record.items():
        said = _said(member, datasets)
        default = _ROUTE if member in route.defaults else _SERVICE
        found[member] = {
            key: next((said[n] for n in _names(member, entry) if n in said), [default, 1])
            for key, entry in _keyed(value)
        }
    if len(datasets) > 1 and any(d.title for d in datasets):
        found["titles"] = {k: [0, len(datasets)] for k in found.get("titles", ())}
    elif datasets and datasets[0].title and not datasets[0].metadata.get("titles"):
        found["titles"] = {k: [0, 1] for k in found.get("titles", ())}
    return found


def traces_of_copy(record: Mapping[str, Any]) -> dict[str, dict[str, list[int]]]:
    """The like for a record taken over from another publication, which the event names."""
    return {m: {key: [0, 1] for key, _ in _keyed(value)} for m, value in record.items()}


def _said(member: str, datasets: Sequence[Dataset]) -> dict[Hashable, list[int]]:
    """Which dataset first says a value, and how many do."""
    said: dict[Hashable, list[int]] = {}
    for position, dataset in enumerate(datasets):
        value = dataset.metadata.get(member)
        whole = value if isinstance(value, list | tuple) else [value]
        names = {n for entry in whole if entry is not None for n in _names(member, entry)}
        for name in names:
            said.setdefault(name, [position, 0])[1] += 1
    return said


def _names(member: str, value: Any) -> list[Hashable]:
    return names_of(member, value)


def _keyed(value: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a list under their digests, or a single value under its own; under "" what
    stands for a list that is too long."""
    if isinstance(value, list | tuple) and len(value) > TRACED:
        yield "", value[0]
    elif isinstance(value, list | tuple):
        yield from ((_digest(entry), entry) for entry in value)
    else:
        yield _digest(value), value


def _digest(value: Any) -> str:
    body = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(body).hexdigest()[:12]


def origins(parts: Parts, publication: Publication) -> dict[str, str]:
    """JSON pointers into the publication's record → where that value came from, in words; only
    for values that still stand as they were prefilled or copied."""
    with parts.database.read() as connection:
        told = events.of(connection, publication.id)
    details = next((dict(e.details) for e in told if e.action == "create"), {})
    kept = details.get("origins") or {}
    found: dict[str, str] = {}
    for member, value in publication.record.items():
        known = kept.get(member) or {}
        if "" in known and isinstance(value, list):
            found[f"/{member}"] = _words(publication, details, known[""])
        elif isinstance(value, list):
            found |= {
                f"/{member}/{at}": _words(publication, details, known[key])
                for at, (key, _) in enumerate(_keyed(value))
                if key in known
            }
        elif (key := _digest(value)) in known:
            found[f"/{member}"] = _words(publication, details, known[key])
    return found


def _words(publication: Publication, details: Mapping[str, Any], origin: Sequence[int]) -> str:
    position, count = origin
    if position < 0:
        return _WORDS[position]
    if earlier := details.get("copied_from"):
        return f"From the publication “{_cut(earlier['title'])}”"
    if position >= len(publication.parts):
        return "From the source"
    first = publication.parts[position]
    more = f" and {count - 1} more" if count > 1 else ""
    return f"From {short(first)}{more}"


def short(dataset: Part) -> str:
    """What a dataset is called beside a field: the last part of its reference, or its title where
    that part is long, as in identifiers that nobody can tell apart."""
    last = dataset.ref.rstrip("/").rpartition("/")[2]
    return last if 0 < len(last) <= SHORT else _cut(dataset.title or dataset.ref)


def _cut(text: str) -> str:
    return text if len(text) <= 2 * SHORT else f"{text[: 2 * SHORT].rstrip()}…"
