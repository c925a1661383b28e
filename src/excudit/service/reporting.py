"""Telling the source what became of its datasets."""

from __future__ import annotations

from excudit.domain.model import Outcome
from excudit.engine.step import Call
from excudit.service.frozen import snapshot_of
from excudit.service.parts import Parts
from excudit.store import deposits, publications, runs


def report(parts: Parts, call: Call) -> None:
    """Tell each dataset's source how it ended and what is at every target by now."""
    _, snapshot = snapshot_of(parts, call.subject)
    with parts.database.read() as connection:
        publication = publications.get(connection, call.subject)
        there = tuple(deposits.of(connection, call.subject))
        run = runs.get(connection, call.run)
    # What a follow-up adds is news of its own.
    aside = run["given"].get("target") if run and run["plan"] == "follow-up" else ""
    key = f"{call.subject}:{aside}" if aside else call.subject
    outcome = Outcome(True, snapshot.doi, snapshot.landing_url, deposits=there)
    for part in publication.parts:
        parts.source(part.source).report(part.ref, outcome, key=key)
