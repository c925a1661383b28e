"""The step that tells everybody, for routes whose people count it among their stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from excudit.domain.model import SERVICE
from excudit.engine.step import Call
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.store import events, publications, runs
from excudit.store.database import Connection


def notify(parts: Parts, call: Call) -> Mapping[str, Any] | None:
    """Put the mails that say it is published in the outbox, once; they go out from there, also
    after a mail server that is down."""
    with parts.database.write() as connection:
        found = publications.get(connection, call.subject, lock=True)
        if is_told(connection, call.subject):
            return None
        run = runs.get(connection, call.run)
        by = run["began_by"] if run else SERVICE.name
        acts.tell(
            connection,
            parts,
            found,
            actor=SERVICE,
            action="published",
            run=call.run,
            details={"by": by},
        )
    return None


def is_told(connection: Connection, publication: str) -> bool:
    """Whether it was said already that this publication is public."""
    return bool(events.of(connection, publication, action="published"))
