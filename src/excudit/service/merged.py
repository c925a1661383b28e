"""What several datasets say of themselves, as one offer of metadata (DataCite REST JSON)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from excudit.domain.model import Dataset

DESCRIPTIONS = 10
"""Different descriptions taken over at most: a thousand abstracts are no abstract."""

# They name or measure one dataset, not the selection.
_OF_ONE = frozenset({"titles", "doi", "url", "identifiers", "alternateIdentifiers", "sizes"})


def merged(datasets: Sequence[Mapping[str, Any] | Dataset]) -> dict[str, Any]:
    """The metadata of all: lists without repetitions, first come first; single values where all
    that have one agree. One dataset's metadata come as they are.

    People with the same identifier (ORCID) or the same name are one; what the first mention left
    out is taken from the later ones.
    """
    every = [d.metadata if isinstance(d, Dataset) else d for d in datasets]
    if len(every) == 1:
        return dict(every[0])
    offer: dict[str, Any] = {}
    if title := joint_title([main_title(m) for m in every]):
        offer["titles"] = [{"title": title}]
    for member in dict.fromkeys(k for m in every for k in m if k not in _OF_ONE):
        given = [m[member] for m in every if m.get(member) not in (None, "", [], {}, ())]
        if given and all(isinstance(g, list | tuple) for g in given):
            offer[member] = _united(member, (entry for g in given for entry in g))
        elif given and all(g == given[0] for g in given):
            offer[member] = given[0]
    return offer


def joint_title(titles: Sequence[str]) -> str:
    """A proposal: the first title, and how many more there are."""
    if len(titles) < 2:
        return "".join(titles)
    return f"{titles[0]} and {len(titles) - 1} more" if titles[0] else ""


def main_title(record: Mapping[str, Any]) -> str:
    """The title of a record, "" while it has none; any form of record is endured."""
    titles = record.get("titles")
    for title in titles if isinstance(titles, list | tuple) else ():
        if isinstance(title, dict) and title.get("title") and not title.get("titleType"):
            return str(title["title"])
    return ""


def names_of(member: str, entry: Any) -> list[Hashable]:
    """By what an entry of a list is known: two entries that share one of these are the same."""
    known = _KNOWN_BY.get(member, _itself)(entry) if isinstance(entry, Mapping) else ()
    return list(known) or [_bytes(entry)]


def _united(member: str, entries: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    place: dict[Hashable, int] = {}
    for entry in entries:
        names = names_of(member, entry)
        at = next((place[name] for name in names if name in place), len(kept))
        if at == len(kept):
            if member == "descriptions" and at == DESCRIPTIONS:
                continue
            kept.append(entry)
        elif isinstance(kept[at], Mapping) and isinstance(entry, Mapping):
            kept[at] = {**entry, **{k: v for k, v in kept[at].items() if v not in ("", [], None)}}
        for name in names:
            place.setdefault(name, at)
    return kept


def _person(entry: Mapping[str, Any]) -> Iterable[Hashable]:
    role = entry.get("contributorType", "")
    identifiers = entry.get("nameIdentifiers")
    found = [
        ("id", role, _plain(i["nameIdentifier"]).removeprefix("https://orcid.org/"))
        for i in (identifiers if isinstance(identifiers, list) else ())
        if isinstance(i, Mapping) and i.get("nameIdentifier")
    ]
    if entry.get("name"):
        found.append(("name", role, _plain(entry["name"])))
    return found


def _subject(entry: Mapping[str, Any]) -> Iterable[Hashable]:
    if entry.get("subject"):
        yield (_plain(entry["subject"]), _plain(entry.get("subjectScheme") or ""))


def _funding(entry: Mapping[str, Any]) -> Iterable[Hashable]:
    funder = entry.get("funderIdentifier") or entry.get("funderName")
    if funder:
        yield (_plain(funder), _plain(entry.get("awardNumber") or entry.get("awardTitle") or ""))


def _rights(entry: Mapping[str, Any]) -> Iterable[Hashable]:
    for member in ("rightsIdentifier", "rightsUri"):
        if entry.get(member):
            yield (member, _plain(entry[member]).rstrip("/"))


def _itself(entry: Mapping[str, Any]) -> Iterable[Hashable]:
    yield _bytes(entry)


_KNOWN_BY: dict[str, Callable[[Mapping[str, Any]], Iterable[Hashable]]] = {
    "creators": _person,
    "contributors": _person,
    "subjects": _subject,
    "fundingReferences": _funding,
    "rightsList": _rights,
}


def _plain(text: Any) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text)).casefold().split())


def _bytes(entry: Any) -> bytes:
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS, default=str)
