"""Publications that begin by themselves: a source is asked what is ready, and each dataset is begun
once per revision."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import ExcuditError, NotFound, Permanent, Rejected
from excudit.domain.model import SERVICE, Actor, Dataset
from excudit.domain.publication import Part, Publication
from excudit.service import acts, beginnings, selection
from excudit.service.parts import Parts
from excudit.service.prefill import cleaned, prefilled
from excudit.store import intakes, publications, site_events, users
from excudit.store.intakes import Taken
from excudit.store.publications import now

log = logging.getLogger(__name__)
HOLD_S = 900.0
"""A worker that died while it asked a source is waited for so long."""
LOOK_S = 1.0
MOST = 200


def take_in(parts: Parts, route: str) -> int:
    """Ask the route's source once what is ready, and begin what is new; how many were begun.

    What is known at the same revision costs nothing. One dataset that fails keeps no other from
    it. Raises what the source raises when it cannot list.
    """
    rules = parts.route(route)
    with parts.database.read() as connection:
        known = intakes.known(connection, route, rules.source)
    listed = begun = 0
    try:
        for dataset in parts.source(rules.source).ready():
            listed += 1
            if rules.groups and dataset.group and dataset.group not in rules.groups:
                continue
            if len(dataset.ref.encode()) > selection.REF_BYTES:
                log.warning("%s is ready, but its reference is too long.", dataset.ref[:200])
            elif _is_news(known.get(dataset.ref), dataset):
                begun += _look_at(parts, route, dataset).status == "begun"
    except ExcuditError as error:
        _end_turn(parts, route, listed, error.as_data())
        raise
    _end_turn(parts, route, listed, None)
    return begun


def _end_turn(parts: Parts, route: str, listed: int, error: Mapping[str, Any] | None) -> None:
    with parts.database.write() as connection:
        intakes.end_turn(connection, route, listed, error)


def _is_news(known: tuple[str, str] | None, dataset: Dataset) -> bool:
    if known is None or known[0] != dataset.revision:
        return True
    return known[1] in ("held", "failed")


def _look_at(parts: Parts, route: str, dataset: Dataset) -> Taken:
    """Begin one dataset, and write down what became of it."""
    taken = Taken(
        route=route,
        source=parts.route(route).source,
        ref=dataset.ref,
        revision=dataset.revision,
        title=cleaned(dataset.title),
        status="failed",
        publication=None,
        error=None,
        seen_at=now(),
    )
    try:
        made = begin(parts, route, dataset)
        taken = replace(taken, status="begun" if made else "held", publication=made)
    except Permanent as error:
        taken = replace(taken, status="quarantined", error=error.as_data())
    except ExcuditError as error:
        taken = replace(taken, error=error.as_data())
    if taken.error:
        log.warning("%s is ready at %s but was not begun: %s", taken.ref, taken.source, taken.error)
    with parts.database.write() as connection:
        intakes.put(connection, taken)
        intakes.keep_turn(connection, route, HOLD_S)
    return taken


def begin(parts: Parts, route: str, dataset: Dataset) -> str | None:
    """Begin the publication of a dataset that is ready, or its next version where this revision is
    not the published one; the id of its publication, None while another work on it is under way.

    Raises what creating and submitting raise, and Rejected where nobody could own it.
    """
    rules = parts.route(route)
    with parts.database.read() as connection:
        there = intakes.work_of(connection, rules.source, dataset.ref)
    if there is None:
        if rules.groups and not dataset.group:
            # The list did not tell its group; where it belongs elsewhere, the next one will.
            seen = parts.source(rules.source).look(dataset.ref)
            if seen.group not in rules.groups:
                return None
        made = beginnings.create(
            parts,
            _owner(parts, route, dataset),
            route,
            dataset.ref,
            submitting=rules.intake == "submitted",
        )
    elif there.state in intakes.UNDER_WAY:
        mine = any(p.ref == dataset.ref and p.revision == dataset.revision for p in there.parts)
        return there.id if mine else None
    elif there.state == "withdrawn" or there.route != route:
        return None
    elif any(p.ref == dataset.ref and p.revision == dataset.revision for p in there.parts):
        return there.id
    else:
        made = _next_version(parts, there, dataset)
    _tell(parts, made, dataset)
    return made.id


def _tell(parts: Parts, made: Publication, dataset: Dataset) -> None:
    details = {"source": dataset.source, "ref": dataset.ref, "revision": dataset.revision}
    with parts.database.write() as connection:
        found = publications.get(connection, made.id)
        acts.tell(connection, parts, found, actor=SERVICE, action="intake", details=details)


def _owner(parts: Parts, route: str, dataset: Dataset) -> Actor:
    """The account that the source names as the dataset's owner, else the one of the settings; it
    may do what is done for it."""
    named = (dataset.owner, parts.route(route).intake_owner)
    with parts.database.read() as connection:
        for name in filter(None, named):
            found = users.get(connection, name) or users.by_email(connection, name)
            if found is not None:
                return Actor(found.name, frozenset({"service"}), found.email)
    raise Rejected(
        f"Nobody here could own {dataset.ref}: there is no account {dataset.owner!r}.",
        hint="Add the account, or name one in the route's setting intake_owner; then look again.",
    )


def _next_version(parts: Parts, old: Publication, dataset: Dataset) -> Publication:
    """The draft of the next version with what the source says now, submitted where it is to be;
    both or neither."""
    rules = parts.route(old.route)
    now_there = parts.source(rules.source).look(dataset.ref)
    news = prefilled(rules, now_there) if len(old.parts) == 1 else {}
    fresh = Part(rules.source, dataset.ref, cleaned(now_there.title), dataset.revision)
    datasets = tuple(fresh if p.ref == dataset.ref else p for p in old.parts)
    actor = Actor(old.owner, frozenset({"service"}), old.owner_email)
    with parts.database.write() as connection:
        made = beginnings.new_version_in(
            connection, parts, actor, old.id, news=news, datasets=datasets
        )
        if rules.intake == "submitted":
            return beginnings.submit_in(connection, parts, actor, made.id)
        return made


def listing(
    parts: Parts, actor: Actor, *, before: tuple[Any, str] | None = None, limit: int = 50
) -> Sequence[Taken]:
    """What is ready and was not begun, the newest first. Raises Denied."""
    permissions.require_site("operate", actor.roles)
    with parts.database.read() as connection:
        return intakes.trouble(connection, before=before, limit=limit)


def turns(parts: Parts, actor: Actor) -> list[dict[str, Any]]:
    """The routes on which publications begin by themselves, each with how its source was last
    asked. Raises Denied."""
    permissions.require_site("operate", actor.roles)
    with parts.database.read() as connection:
        known = intakes.turns(connection)
    fresh = {"asked_at": None, "due_at": None, "listed": 0, "error": None}
    return [
        {**fresh, **known.get(name, {}), "route": name, "title": route.title or name}
        for name, route in sorted(parts.settings.routes.items())
        if route.intake
    ]


def look_again(parts: Parts, actor: Actor, route: str, ref: str) -> None:
    """Let a dataset be looked at again at the next turn, which is now. Raises Denied, NotFound."""
    _change(parts, actor, route, ref, "look_again")


def quarantine(parts: Parts, actor: Actor, route: str, ref: str) -> None:
    """Begin this revision of a dataset never again, until it changes or somebody says so. Raises
    Denied, NotFound."""
    _change(parts, actor, route, ref, "quarantine")


def _change(parts: Parts, actor: Actor, route: str, ref: str, action: str) -> None:
    permissions.require_site("operate", actor.roles)
    source = parts.route(route).source
    with parts.database.write() as connection:
        found = intakes.find(connection, route, source, ref)
        if found is None:
            raise NotFound(f"{ref[:200]} was not looked at on this route.")
        if action == "quarantine":
            intakes.put(connection, replace(found, status="quarantined"))
        else:
            intakes.forget(connection, route, source, ref)
            intakes.hasten(connection, route)
        details = {"route": route, "revision": found.revision}
        about = f"intake:{ref}"[:200]
        site_events.append(
            connection, actor=actor.name, action=action, about=about, details=details
        )


class Intaker:
    """Asks each route's source in its own time, one worker at a time, in a thread of its own.
    `start` and `stop` once each."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="intaker", daemon=True)
        self._routes = {n: r for n, r in parts.settings.routes.items() if r.intake}

    def start(self) -> None:
        """Begin; nothing where no route takes in by itself."""
        if self._routes:
            self._thread.start()

    def stop(self) -> None:
        """Ask no more; a listing under way is not waited for."""
        self._done.set()

    def _run(self) -> None:
        looked: dict[str, float] = {}
        while not self._done.wait(LOOK_S if looked else 0):
            for name, route in self._routes.items():
                # Between turns the database is asked only as often as somebody may press a button.
                pause = min(float(route.intake_s), 5 * LOOK_S)
                if time.monotonic() - looked.get(name, -pause) >= pause:
                    looked[name] = time.monotonic()
                    self._turn(name, route.intake_s)

    def _turn(self, name: str, every_s: float) -> None:
        try:
            with self._parts.database.write() as connection:
                mine = intakes.take_turn(connection, name, every_s, HOLD_S)
            if mine and (begun := take_in(self._parts, name)):
                log.info("%d publication(s) of route %s began by themselves", begun, name)
        except ExcuditError as error:
            log.warning("Route %s was not asked what is ready: %s", name, error.message)
