"""What is written down before a target is asked, so that a lost answer is looked for, and a second
deposit or publication is never begun while the first may still appear."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from excudit.domain.errors import ExcuditError, RateLimited, Uncertain
from excudit.domain.model import Deposit
from excudit.engine.step import Call
from excudit.ports import Lagging, Naming, Target
from excudit.service.parts import Parts
from excudit.store import deposits, publications
from excudit.store.database import Connection


def first(parts: Parts, call: Call, target: Target) -> bool:
    """Write down that a deposit is being asked for; True only when no call can have been sent."""
    with parts.database.write() as connection:
        if target.capabilities.identifier:
            name = _given(parts, connection, call.subject) or target.name_doi()
            deposits.choose_doi(connection, call.subject, target.name, name)
            return deposits.first_ask(connection, call.subject, call.target)
        return deposits.ask(connection, call.subject, call.target, time.time())


def _given(parts: Parts, connection: Connection, publication: str) -> str:
    """The name that another target of the route has invented; "" where none does."""
    route = parts.route(publications.get(connection, publication).route)
    for name in route.targets:
        target = parts.target(name)
        deposit = deposits.find(connection, publication, name)
        if isinstance(target, Naming) and deposit is not None:
            return target.named(deposit)
    return ""


def asked(parts: Parts, call: Call, target: Target) -> bool:
    """Whether anything of ours may be at the target."""
    with parts.database.read() as connection:
        if target.capabilities.identifier:
            return deposits.asked(connection, call.subject, call.target)
        return deposits.find(connection, call.subject, call.target) is not None


def forget(parts: Parts, call: Call, target: Target) -> None:
    """Nothing of ours is at the target any more."""
    with parts.database.write() as connection:
        named = target.capabilities.identifier
        deposits.forget(connection, call.subject, call.target, named=named)


def known(parts: Parts, call: Call, target: Target) -> Deposit | None:
    """The deposit as written down, where the target's own `find` may be late."""
    if not isinstance(target, Lagging):
        return None
    with parts.database.read() as connection:
        found = deposits.find(connection, call.subject, call.target)
    return found if found is not None and found.remote_id else None


def wait(parts: Parts, call: Call, target: Target, *, first: bool = False) -> None:
    """After a look that found nothing: raise RateLimited while what was asked for may still
    appear; then write down that it is asked for anew."""
    if first or not isinstance(target, Lagging):
        return
    with parts.database.read() as connection:
        row = deposits.find(connection, call.subject, call.target)
    asked_at = float(row.data.get("asked_at", 0)) if row else 0.0
    left = asked_at + target.find_lag_s - time.time()
    if left > 0:
        raise RateLimited(
            f"{call.target} may still show the draft that was asked for before.",
            delay_s=left,
            hint="It is looked for again; a second one is not opened meanwhile.",
        )
    if not call.undoing:
        with parts.database.write() as connection:
            deposits.forget(connection, call.subject, call.target, named=False)
            deposits.ask(connection, call.subject, call.target, time.time())


def previous(parts: Parts, call: Call, target: Target) -> Deposit | None:
    """The deposit of the version before, where the target keeps versions."""
    if not target.capabilities.versions:
        return None
    with parts.database.read() as connection:
        before = publications.get(connection, call.subject).previous
        found = deposits.find(connection, before, call.target) if before else None
    return found if found is not None and found.remote_id else None


@contextmanager
def publishing(parts: Parts, call: Call, target: Target, deposit: Deposit) -> Iterator[Deposit]:
    """Write down when publication is asked for, before it is. Gives the deposit as it was before,
    so that the target can tell the first time from the next; see `ports.Lagging`."""
    if not isinstance(target, Lagging):
        yield deposit
        return
    waiting = time.time() - float(deposit.data.get("sent_at", 0)) < target.publish_lag_s
    if not waiting:
        data = {**deposit.data, "sent_at": time.time()}
        with parts.database.write() as connection:
            deposits.save(connection, call.subject, replace(deposit, data=data))
    try:
        yield deposit
    except Uncertain:
        raise
    except ExcuditError:
        if not waiting:  # refused, or never sent: the next time may ask at once
            with parts.database.write() as connection:
                deposits.save(connection, call.subject, deposit)
        raise
