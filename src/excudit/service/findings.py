"""What stands between a draft and its publication, and how it would look today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import ExcuditError
from excudit.domain.model import Snapshot
from excudit.domain.problem import Problem, blocking
from excudit.domain.publication import Publication
from excudit.domain.record import Record
from excudit.metadata import check, datacite_json
from excudit.metadata.shape import record_of
from excudit.metadata.sketch import apart_from, sketch
from excudit.service.parts import Parts
from excudit.store import deposits
from excudit.store.publications import now


@dataclass(frozen=True, slots=True)
class Found:
    """One problem of a draft; `by` is the target that found it, "" for the record's own rules."""

    problem: Problem
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A draft read once: `tree` in today's form of DataCite's JSON ({} where it is nothing of the
    kind), `record` where it is one by the schema, and what is wrong by the schema."""

    tree: Mapping[str, Any]
    record: Record | None
    problems: Sequence[Problem]

    @property
    def complete(self) -> Record | None:
        """The record, while nothing by the schema stops it."""
        return None if blocking(list(self.problems)) else self.record


def read(record: Mapping[str, Any]) -> Reading:
    """What a draft says, in any known form of JSON."""
    parsed, problems = record_of(dict(record))
    named = parsed is not None and any(i.identifier_type == "DOI" for i in parsed.identifiers)
    if parsed is not None and not problems and not named:
        return Reading(record, parsed, ())
    tree = today(record)
    parsed, problems = datacite_json.read_tree(tree)
    return Reading(tree, parsed, problems)


def today(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record in today's form of DataCite's JSON; {} where it is nothing of the kind."""
    found = datacite_json.today_of(dict(record))
    return found if isinstance(found, dict) else {}


def problems(draft: Reading) -> list[Problem]:
    """All problems of a draft at once: where the schema is broken, the rest is judged as far as
    it can be."""
    found = list(draft.problems)
    judged, filled = (draft.record, frozenset[str]()) if draft.record else sketch(draft.tree)
    if judged is not None:
        found += apart_from(filled, check.check_record(judged))
    return list(dict.fromkeys(found))


def of(parts: Parts, publication: Publication, draft: Reading) -> list[Found]:
    """The problems of a publication's draft, by the record's rules and, where the record can be
    read, by every target of its route. No side effect. A target that does not answer now is
    asked again when the publication is submitted."""
    own = problems(draft)
    found = [Found(p) for p in own]
    if not blocking(own) and draft.record is not None:
        known = {_key(p) for p in own}
        for name in targets(parts, publication):
            asked = _asked(parts, publication, draft.record, name)
            # What a target says about files is about those that are frozen at submission.
            fresh = [p for p in asked if p.where.startswith("/") and _key(p) not in known]
            known.update(map(_key, fresh))
            found += [Found(p, name) for p in fresh]
    return found


def _key(problem: Problem) -> tuple[str, str]:
    return problem.where, problem.message


def targets(parts: Parts, publication: Publication) -> list[str]:
    """The targets of the publication's route."""
    route = parts.settings.routes.get(publication.route)
    return [name for name in (route.targets if route else ()) if name in parts.targets]


def _asked(parts: Parts, publication: Publication, record: Record, target: str) -> list[Problem]:
    with parts.database.read() as connection:
        doi = deposits.doi_of(connection, publication.id)
    part = publication.parts[0] if publication.parts else None
    snapshot = Snapshot(
        key=publication.id,
        source=part.source if part else "",
        ref=part.ref if part else "",
        revision=part.revision if part else "",
        record=record,
        files=(),
        manifest_digest="",
        digest="",
        bytes=0,
        landing_url=parts.landing_url(publication.slug),
        doi=doi,
    )
    try:
        return list(parts.target(target).check(snapshot))
    except ExcuditError:
        return []


def as_it_looks(draft: Reading) -> Record | None:
    """A record for looking at only: what is missing is named in brackets."""
    parsed = draft.record or sketch(_filled(draft.tree))[0]
    # A DOI or address in a draft belongs to something else: excudit gives its own.
    return parsed.model_copy(update={"doi": "", "url": ""}) if parsed else None


def _filled(draft: Mapping[str, Any]) -> dict[str, Any]:
    tree = dict(draft)
    missing: dict[str, Any] = {
        "creators": [{"name": "[Creators]"}],
        "titles": [{"title": "[Title]"}],
        "publisher": {"name": "[Publisher]"},
        "publicationYear": now().year,
        "types": {"resourceTypeGeneral": "Dataset"},
    }
    for name, filler in missing.items():
        if not tree.get(name):
            tree[name] = filler
    for name, inner in (("creators", "name"), ("titles", "title")):
        entries = tree[name] if isinstance(tree[name], list) else []
        said = [e for e in entries if isinstance(e, dict) and e.get(inner)]
        tree[name] = said or missing[name]
    return tree
