"""Looking for datasets at a source with a person's own permission."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from excudit.domain.errors import ExcuditError, Permanent, Retryable
from excudit.domain.model import Actor, Dataset
from excudit.ports import Measuring, Source
from excudit.service import queries
from excudit.service.basket import Until
from excudit.service.parts import Parts
from excudit.service.prefill import cleaned
from excudit.settings import Route
from excudit.store import baskets
from excudit.store.baskets import Holder

MATCHES = 1_000
"""Matches of one search at most: as many as one publication can hold."""
SEARCH_S = 10.0
MOST_KNOWN = 50
_KEPT_S = 90.0
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `capped`: there are more than `MATCHES`; `late`: the source had not
    told everything within `SEARCH_S`; `failed`: what went wrong on the way, if anything."""

    datasets: tuple[Dataset, ...]
    capped: bool = False
    late: bool = False
    failed: ExcuditError | None = None


@dataclass(frozen=True, slots=True)
class Narrow:
    """What of the matches is wanted, by what every source tells of its datasets: of one `owner`, of
    one `access`, only `free` ones that no work holds yet."""

    owner: str = ""
    access: str = ""
    free: bool = False

    def __bool__(self) -> bool:
        return bool(self.owner or self.access or self.free)


@dataclass(frozen=True, slots=True)
class Row:
    """A dataset in the list: with who has it already, and whether it is in the basket. `size` is
    what the dataset says of it in words."""

    dataset: Dataset
    holder: Holder | None
    picked: bool
    size: str


def search(
    parts: Parts,
    actor: Actor,
    source: str,
    text: str,
    *,
    anew: bool = True,
    seconds: float = SEARCH_S,
) -> Found:
    """All matches that the actor may see, best first, at most `MATCHES`, within that time.

    Without `anew` what the same search lately found is good enough: for turning pages, and for
    taking exactly what was counted. Metadata are left out. Raises NotFound for an unknown source.
    """
    place = parts.source(source)
    key, now = (actor.name, source, text), time.monotonic()
    kept = None if anew else parts.searches.get(key)
    if kept is not None and now - kept[0] < _KEPT_S:
        lately: Found = kept[1]
        return lately
    found = _search(place, actor, text, seconds)
    if found.failed is None:
        parts.searches[key] = (now, found)
        # Copied first: other threads search meanwhile.
        for old in [*parts.searches][:-_KEPT]:
            parts.searches.pop(old, None)
    return found


def narrowed(parts: Parts, actor: Actor, source: str, found: Found, by: Narrow) -> Found:
    """Those of the matches that are wanted."""
    wanted = [
        d for d in found.datasets if by.owner in ("", d.owner) and by.access in ("", d.access)
    ]
    if by.free and wanted:
        with parts.database.read() as connection:
            sight = queries.sight(parts, actor)
            held = baskets.held(connection, source, [d.ref for d in wanted], sight)
        wanted = [d for d in wanted if d.ref not in held]
    return replace(found, datasets=tuple(wanted))


def known(found: Found, what: str) -> list[str]:
    """What the matches say of their "owner" or "access", each once; the first fifty."""
    return sorted({str(getattr(d, what)) for d in found.datasets} - {""})[:MOST_KNOWN]


def _search(source: Source, actor: Actor, text: str, seconds: float) -> Found:
    told: list[Dataset] = []
    enough = Event()

    def read() -> None:
        for dataset in source.search(text, actor=actor, limit=MATCHES + 1):
            if enough.is_set():
                return
            told.append(dataset)

    pool = ThreadPoolExecutor(1, thread_name_prefix="excudit-search")
    reading = pool.submit(read)
    wait([reading], timeout=seconds)
    enough.set()
    pool.shutdown(wait=False)
    late = not reading.done()
    failed = None
    try:
        if not late:
            reading.result()
    except ExcuditError as error:
        failed = error
    seen = tuple(replace(d, title=cleaned(d.title), metadata=_sizes(d)) for d in told[:MATCHES])
    return Found(seen, capped=len(told) > MATCHES, late=late, failed=failed)


def _sizes(dataset: Dataset) -> dict[str, Any]:
    """Of the metadata only what rows show: a thousand records need not stay in memory."""
    return {"sizes": dataset.metadata.get("sizes")}


def rows(
    parts: Parts, actor: Actor, source: str, datasets: Sequence[Dataset], *, seconds: float = 0.3
) -> list[Row]:
    """Datasets as rows for this person; who has one is told as far as the person may see it. Where
    the source can count files, as many are counted as that time allows."""
    refs = [d.ref for d in datasets]
    with parts.database.read() as connection:
        holders = baskets.held(connection, source, refs, queries.sight(parts, actor))
        there = baskets.there(connection, actor.name, source, refs)
    until = Until(time.monotonic() + seconds)
    place = parts.source(source)
    return [
        Row(_measured(place, d, until), holders.get(d.ref), d.ref in there, _size(d))
        for d in datasets
    ]


def _measured(source: Source, dataset: Dataset, until: Until) -> Dataset:
    if dataset.file_count is not None or not isinstance(source, Measuring) or until.stop():
        return dataset
    try:
        found = source.measure(dataset.ref, until)
    except (Permanent, Retryable):
        return dataset
    return replace(dataset, file_count=found.files, bytes=found.bytes)


def _size(dataset: Dataset) -> str:
    sizes = dataset.metadata.get("sizes")
    return ", ".join(str(s) for s in sizes[:3]) if isinstance(sizes, list | tuple) else ""


def places(parts: Parts, route: Route) -> list[dict[str, str]]:
    """The targets of a route in words: name, kind, and what publishing there makes final."""
    every = [(name, parts.target(name).capabilities) for name in route.targets]
    return [{"name": name, "kind": c.kind, "final": c.final} for name, c in every]
