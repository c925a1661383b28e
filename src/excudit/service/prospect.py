"""What would become public of a selection, and what stands against it: told before there is even
a draft. Nothing is changed and nothing is called at a target."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from excudit.domain.errors import Permanent, Retryable, Unavailable
from excudit.domain.model import Actor, Dataset, Snapshot
from excudit.domain.problem import Problem, blocking
from excudit.domain.publication import Part, Publication
from excudit.domain.sentence import Sentence
from excudit.metadata import datacite_json
from excudit.ports import Measure, Measuring, Source
from excudit.service import queries, selection
from excudit.service.basket import Until
from excudit.service.beginnings import look
from excudit.service.checking import check_json
from excudit.service.merged import main_title, names_of
from excudit.service.parts import Parts
from excudit.service.prefill import prefilled
from excudit.settings import Route
from excudit.store import baskets
from excudit.store.baskets import Holder

READING_S = 15.0
_ONE_S = 5.0
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Looked:
    """One dataset of the selection. `folder` is where its files will stand ("" = on top); `files`
    and `bytes` are none where they could not be counted quickly."""

    ref: str
    title: str
    folder: str = ""
    files: int | None = None
    bytes: int | None = None
    holder: Holder | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A target: what it is, what cannot be taken back there, what it says against the record.
    `asked`: whether it could be asked yet; it cannot while the record is incomplete."""

    name: str
    kind: str
    final: str
    asked: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Prospect:
    """The whole. `to_complete` are the problems of the prefilled record: the form mends them, so
    they keep nobody from a draft. `whole` are problems of the selection as such."""

    route: str
    source: str
    datasets: tuple[Looked, ...]
    record: Mapping[str, Any] = field(default_factory=dict)
    to_complete: tuple[Problem, ...] = ()
    whole: tuple[Problem, ...] = ()
    places: tuple[Place, ...] = ()
    address: str = ""

    @property
    def blockers(self) -> int:
        """How many problems keep the selection from becoming a draft."""
        every = [*self.whole, *(p for d in self.datasets for p in d.problems)]
        return len(blocking(every))

    @property
    def warnings(self) -> int:
        """How many things are to be looked at."""
        every = [*self.whole, *(p for d in self.datasets for p in d.problems)]
        return len(every) - self.blockers

    @property
    def counted(self) -> tuple[Looked, ...]:
        """The datasets whose files are counted."""
        return tuple(d for d in self.datasets if d.files is not None)

    @property
    def files(self) -> int:
        """Files of the datasets that are counted."""
        return sum(d.files or 0 for d in self.counted)

    @property
    def bytes(self) -> int:
        """Bytes of the datasets that are counted."""
        return sum(d.bytes or 0 for d in self.counted)


def of(
    parts: Parts,
    actor: Actor,
    route: str,
    refs: Sequence[str],
    *,
    titles: Mapping[str, str] | None = None,
    seconds: float = READING_S,
) -> Prospect:
    """Look at datasets as the actor's selection for a route. What cannot be read within that time
    is told as a warning. `titles` name the datasets that are not there any more. Raises NotFound
    for an unknown route, Unavailable when the source does not answer."""
    rules = parts.route(route)
    chosen = list(dict.fromkeys(refs))
    asked = chosen[: selection.LIMIT]
    seen = dict(zip(asked, _read(parts, actor, rules, asked, seconds), strict=True))
    with parts.database.read() as connection:
        sight = queries.sight(parts, actor)
        holders = baskets.held(connection, rules.source, asked, sight)
    names = titles or {}
    known = [
        Part(rules.source, ref, s.dataset.title if s.dataset else names.get(ref, ""))
        for ref, s in seen.items()
    ]
    looked = tuple(
        _looked(part, seen[part.ref], holders.get(part.ref), folder)
        for part, folder in zip(known, selection.folders(known), strict=True)
    )
    prospect = Prospect(route, rules.source, looked, whole=tuple(_as_such(chosen)))
    datasets = [s.dataset for s in seen.values() if s.dataset is not None]
    return _foreseen(parts, rules, prospect, datasets) if datasets else prospect


def as_it_is(parts: Parts, actor: Actor, found: Publication) -> Prospect:
    """The datasets of a publication as they are at their source now, and how much there is of
    them; where the source does not answer in time, they are told as not counted."""
    rules, refs = parts.route(found.route), [part.ref for part in found.parts]
    try:
        seen = _read(parts, actor, rules, refs, _ONE_S)
    except Retryable:
        seen = [_Seen(problems=_LATE)] * len(refs)
    every = zip(found.parts, seen, selection.folders(found.parts), strict=True)
    looked = (_looked(part, one, None, folder) for part, one, folder in every)
    return Prospect(found.route, rules.source, tuple(looked), address=parts.landing_url(found.slug))


def _foreseen(
    parts: Parts, rules: Route, prospect: Prospect, datasets: Sequence[Dataset]
) -> Prospect:
    """With the record as it would be prefilled, and what the targets say of it."""
    record = prefilled(rules, selection.as_one(datasets))
    problems = tuple(check_json(record, xsd=parts.settings.service.datacite_xsd))
    return replace(
        prospect,
        record=record,
        to_complete=problems,
        whole=(*prospect.whole, *_licences(rules, datasets)),
        places=_places(parts, rules, record, problems),
        address=parts.landing_url(""),
    )


def _as_such(refs: Sequence[str]) -> list[Problem]:
    if not refs:
        return [Problem("", "No dataset is chosen.", "Choose at least one.", rule="selection")]
    if len(refs) > selection.LIMIT:
        words = (
            f"{len(refs):,} datasets are chosen; one publication holds at most "
            f"{selection.LIMIT:,}. Only the first {selection.LIMIT:,} were looked at."
        )
        return [Problem("", words, "Take some out of the basket.", rule="selection")]
    return []


@dataclass(frozen=True, slots=True)
class _Seen:
    """What reading one dataset gave."""

    dataset: Dataset | None = None
    measure: Measure | None = None
    problems: tuple[Problem, ...] = ()


def _read(
    parts: Parts, actor: Actor, rules: Route, refs: Sequence[str], seconds: float
) -> list[_Seen]:
    """Every dataset, several at once, as far as the time goes."""
    source, end = parts.source(rules.source), time.monotonic() + seconds
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="excudit-check")
    readings = [pool.submit(_see, source, actor, ref, end) for ref in refs]
    wait(readings, timeout=seconds + _ONE_S)
    pool.shutdown(wait=False, cancel_futures=True)
    return [
        r.result() if r.done() and not r.cancelled() else _Seen(problems=_LATE) for r in readings
    ]


def _see(source: Source, actor: Actor, ref: str, end: float) -> _Seen:
    if time.monotonic() > end:
        return _Seen(problems=_LATE)
    try:
        dataset = look(source, actor, ref)
    except Permanent as error:
        found = error.problems or (Problem("", error.message, error.hint, rule="dataset"),)
        return _Seen(problems=found)
    if not isinstance(source, Measuring):
        return _Seen(
            dataset, problems=(*dataset.notes, *(_EMPTY if dataset.file_count == 0 else ()))
        )
    try:
        measure = source.measure(ref, Until(min(end, time.monotonic() + _ONE_S)))
    except Permanent as error:
        found = error.problems or (Problem("", error.message, error.hint, rule="dataset"),)
        return _Seen(dataset, problems=(*dataset.notes, *found))
    except Unavailable:
        raise
    except Retryable:  # it was told to stop
        return _Seen(dataset, problems=(*dataset.notes, *_UNCOUNTED))
    return _Seen(dataset, measure, (*dataset.notes, *measure.notes))


_LATE = (
    Problem(
        "",
        "The source had no time to tell of this dataset.",
        "It is looked at again when the draft is made.",
        "warning",
        "late",
    ),
)
_EMPTY = (Problem("", "It holds no files.", "", "warning", "empty"),)
_UNCOUNTED = (
    Problem(
        "",
        "It holds too many files to count them quickly.",
        "They are counted and read when the draft is submitted.",
        "warning",
        "uncounted",
    ),
)


def _looked(part: Part, seen: _Seen, holder: Holder | None, folder: str) -> Looked:
    known = seen.dataset
    return Looked(
        part.ref,
        part.title or part.ref,
        folder,
        seen.measure.files if seen.measure else known.file_count if known else None,
        seen.measure.bytes if seen.measure else known.bytes if known else None,
        holder,
        tuple(dict.fromkeys((*_held(holder), *seen.problems))),
    )


def _held(holder: Holder | None) -> tuple[Problem, ...]:
    """A dataset goes to the public by one work only."""
    if holder is None:
        return ()
    title = f" ({holder.title})" if holder.mine_to_see else ""
    if holder.state in ("published", "withdrawn"):
        mend = "Make a new version of that publication instead."
        return (
            Problem(
                "", Sentence("It is already published%(title)s.", title=title), mend, rule="held"
            ),
        )
    if holder.state == "draft" and holder.mine_to_see:
        words = f"You have begun to publish it already{title}."
        mend = "Go on with that one, or delete it."
        return (Problem("", words, mend, "warning", "held"),)
    mend = "Wait until that is decided, or ask its owner."
    return (
        Problem(
            "", Sentence("It is already being published%(title)s.", title=title), mend, rule="held"
        ),
    )


def _licences(rules: Route, datasets: Sequence[Dataset]) -> list[Problem]:
    """Datasets without a licence, and datasets that do not agree on one."""
    fallback = rules.defaults.get("rightsList")
    said = [d.metadata.get("rightsList") or fallback or [] for d in datasets]
    without = [d.title for d, rights in zip(datasets, said, strict=True) if not rights]
    found = []
    if without:
        names = ", ".join(without[:3]) + (f" and {len(without) - 3} more" if without[3:] else "")
        found.append(
            Problem(
                "",
                Sentence("No licence is known for: %(names)s.", names=names),
                "Choose one in the form.",
                "warning",
            )
        )
    every = [frozenset(n for r in rights for n in names_of("rightsList", r)) for rights in said]
    if len({rights for rights in every if rights}) > 1:
        found.append(
            Problem(
                "",
                "The datasets have different licences.",
                "One publication has one set of licences: choose in the form, or publish apart.",
                "warning",
            )
        )
    return found


def _places(
    parts: Parts, rules: Route, record: Mapping[str, Any], known: tuple[Problem, ...]
) -> tuple[Place, ...]:
    """The targets; asked only with a record that is sound in itself. What is known without them
    is not told again."""
    meant = None if blocking(known) else datacite_json.read_tree(dict(record))[0]
    found = []
    for name in rules.targets:
        target = parts.target(name)
        problems: tuple[Problem, ...] = ()
        if meant is not None:
            # Nothing is frozen yet: without files, digest and name of its own.
            sketch = Snapshot(
                "", rules.source, "", "", meant, (), "", "", 0, landing_url=parts.landing_url("-")
            )
            problems = tuple(p for p in target.check(sketch) if p not in known)
        words = target.capabilities
        found.append(Place(name, words.kind, words.final, meant is not None, problems))
    return tuple(found)


def people(record: Mapping[str, Any]) -> list[str]:
    """The names of creators and contributors, each once."""
    every = [*_listed(record, "creators"), *_listed(record, "contributors")]
    names = (str(p["name"]) for p in every if isinstance(p, Mapping) and p.get("name"))
    return list(dict.fromkeys(names))


def licences(record: Mapping[str, Any]) -> list[str]:
    """The licences in words."""
    every = (r for r in _listed(record, "rightsList") if isinstance(r, Mapping))
    members = ("rights", "rightsIdentifier", "rightsUri")
    return [next((str(r[m]) for m in members if r.get(m)), "") for r in every]


def title(record: Mapping[str, Any]) -> str:
    """The proposed title."""
    return main_title(record)


def _listed(record: Mapping[str, Any], member: str) -> Sequence[Any]:
    value = record.get(member)
    return value if isinstance(value, list | tuple) else ()
