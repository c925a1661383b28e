"""All that a reviewer looks at before deciding: the record in words, what the checks found, what
exactly is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from excudit.domain import lifecycle, permissions
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.publication import Frozen, Publication
from excudit.metadata.field_words import FIELDS, in_words, label
from excudit.service import acts, wording
from excudit.service.checking import check_json
from excudit.service.parts import Parts
from excudit.store import publications, runs, snapshots
from excudit.store.database import Connection

MOST = 50
"""Entries of one member that the sheet shows; the metadata page shows them all."""
LONGEST = 10_000
MOST_FINDINGS = 100
JUDGED = ("submitted", "in_review", "approved")
DECISIONS = acts.DECISIONS


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of the record: its place (JSON pointer), its name and its value in words."""

    place: str
    label: str
    words: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the checks found. `source` is "record", or "take-in" for what only the run
    saw; `label` names the place in words."""

    problem: Problem
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is judged. `frozen` is none before the first submission; while authors edit, the record
    is their draft and `judged` is false. `refused`: decision → why it is not possible now.
    `decisions` are those that the route has."""

    publication: Publication
    frozen: Frozen | None
    judged: bool
    record: Mapping[str, Any]
    fields: list[Field]
    findings: list[Finding]
    refused: dict[str, str]
    roles: frozenset[str]
    own: bool
    decisions: tuple[str, ...] = DECISIONS

    def may(self, action: str) -> bool:
        """Whether this can be done by the one who looks ("suggest", "assign", "label", …)."""
        return permissions.refusal(action, self.publication.state, self.roles) is None


def sheet(parts: Parts, actor: Actor, publication: str) -> Sheet:
    """The sheet of one publication for one reviewer. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
        roles = acts.roles_of(connection, actor, found)
        now = acts.situation(connection, parts, found, actor)
        seen = _seen_by_take_in(connection, found.id)
        own = wording.refusals(parts, connection, found)
    words = wording.vocabulary(parts, found.route)
    judged = frozen is not None and found.state in JUDGED
    record = frozen.record if frozen is not None and judged else found.record
    there = [a for a in DECISIONS if a not in words.without]
    refused = {a: lifecycle.refusal(a, now, roles, ask=True) or own(a) for a in there}
    return Sheet(
        publication=found,
        frozen=frozen,
        judged=judged,
        record=record,
        fields=fields(record),
        findings=_findings(parts, record, seen),
        refused={action: why for action, why in refused.items() if why},
        roles=roles,
        own=now.is_author,
        decisions=tuple(there),
    )


def fields(record: Mapping[str, Any]) -> list[Field]:
    """The record in words, in the order in which people read it; every member is there."""
    known = [m for m in FIELDS if m in record]
    found: list[Field] = []
    for member in (*known, *sorted(record.keys() - FIELDS.keys())):
        value = record[member]
        entries = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for number, entry in entries[:MOST]:
            place = f"/{member}" if number is None else f"/{member}/{number}"
            words = in_words(entry)
            if words:
                lang = str(entry.get("lang") or "") if isinstance(entry, Mapping) else ""
                found.append(Field(place, label(place, record), _short(words), lang))
        if len(entries) > MOST:
            more = f"and {len(entries) - MOST:,} more"
            found.append(Field(f"/{member}", label(f"/{member}", record), more))
    return found


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST]} …"


def _seen_by_take_in(connection: Connection, publication: str) -> list[Problem]:
    """What the checks of the last take-in run found, errors and warnings."""
    taken_in = [run for run in runs.of(connection, publication) if run["plan"] == "take-in"]
    if not taken_in:
        return []
    found: list[Problem] = []
    for attempt in runs.attempts(connection, taken_in[-1]["id"]):
        outcome = attempt["outcome"] or {}
        result, error = outcome.get("result") or {}, outcome.get("error") or {}
        told = [*(result.get("warnings") or ()), *(error.get("problems") or ())]
        found += [Problem.from_data(p) for p in told]
    return found


def _findings(parts: Parts, record: Mapping[str, Any], seen: list[Problem]) -> list[Finding]:
    """Errors first; what both the record's own check and the run found is told once."""
    present = check_json(record, xsd=parts.settings.service.datacite_xsd)
    told = {(p.where, p.message) for p in present}
    every = [(p, "record") for p in present]
    every += [(p, "take-in") for p in seen if (p.where, p.message) not in told]
    every.sort(key=lambda pair: pair[0].severity != "error")
    return [
        Finding(p, label(p.where, record) if p.where.startswith("/") else p.where, source)
        for p, source in every[:MOST_FINDINGS]
    ]
