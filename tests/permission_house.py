"""One service for thousands of attempts: persons of every kind, publications put into any state."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from excudit.domain import lifecycle, permissions
from excudit.domain.errors import Conflict, Denied
from excudit.domain.lifecycle import STATES, Situation, State
from excudit.domain.publication import Part, Publication
from excudit.service.parts import Parts
from excudit.settings import Settings
from excudit.store import (
    collaborators,
    deposits,
    labels,
    publications,
    runs,
    suggestions,
    tables,
)
from excudit.store.database import Connection
from web_house import RECORD, House

HERE, ELSEWHERE, TWO_EYES = "to-doi", "elsewhere", "two-eyes"
NOBODY = "00000000-0000-7000-8000-000000000000"
SOME_FIRST = [
    s
    if s in ("draft", "in_review", "approved", "published")
    else pytest.param(s, marks=pytest.mark.slow)
    for s in STATES
]
"""All states; those where people do little are tried in the long suite."""
ROLES: dict[str, tuple[str, ...]] = {
    "nora": (),
    "rita": ("reviewer",),
    "cora": ("curator",),
    "adam": ("admin",),
    "elke": (f"curator:{ELSEWHERE}",),
    "hera": (f"curator:{HERE}",),
}
"""Accounts → the roles that they were given."""
OWNER, HELPER, JUDGE = "olga", "colin", "rhea"
RELATIONS = ("stranger", "owner", "collaborator")
STEPS = [
    {"key": "reserve.registry", "title": "Open a draft at registry", "do": "reserve"}
    | {"undo": "discard", "args": {"target": "registry"}, "target": "registry"},
    {"key": "publish.registry", "title": "Publish", "do": "publish", "final": "it is public"},
]
PLANS = {"submitted": "take-in", "published": "amend", "withdrawn": "withdraw"}
RUNS = ("", "running", "parked", "past_final")
"""How a run of the publication is: none, under way, standing still, and that after a final step."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account in its relation to the publication that it tries something with."""

    name: str
    relation: str

    def roles(self, route: str = HERE) -> frozenset[str]:
        """What counts towards a publication of the route, said from the accounts alone."""
        found = {
            r.partition(":")[0] for r in ROLES[self.name] if r.partition(":")[2] in ("", route)
        }
        return frozenset(found | ({self.relation} - {"stranger"}))

    def __str__(self) -> str:
        return f"{' '.join(ROLES[self.name]) or 'no role'} as {self.relation}"


PERSONS = tuple(Person(name, relation) for name, relation in product(ROLES, RELATIONS))


def settings(known: Settings) -> Settings:
    """Three routes: the one of most publications, another, and one without the four eyes."""
    data = known.model_dump()
    route = data["routes"][HERE] | {"publish": "manual"}
    data["routes"] = {
        HERE: route,
        ELSEWHERE: {**route, "title": "Elsewhere"},
        TWO_EYES: {**route, "title": "Two eyes", "four_eyes": False},
    }
    return Settings.model_validate(data)


class Place:
    """The service with its accounts. Publications are made by `placed`."""

    def __init__(self, house: House) -> None:
        self.house = replace(
            house, parts=replace(house.parts, settings=settings(house.parts.settings))
        )
        for name, roles in {**ROLES, OWNER: (), HELPER: (), JUDGE: ("reviewer",)}.items():
            self.house.token(name, *roles)
        self.browsers = {name: self.house.signed_in(name) for name in ROLES}
        self._count = 0
        # The registry gives one name only; here many publications ask for theirs.
        self.house.registry.name_doi = lambda: f"10.5072/name-{publications.new_slug()}"  # type: ignore[method-assign]
        self._frozen = self.house.opened(doi="").snapshot
        with self.parts.database.write() as connection:
            labels.add(connection, "urgent", "", by="cora")

    @property
    def parts(self) -> Parts:
        return self.house.parts

    def placed(
        self, state: State, person: Person, *, route: str = HERE, run: str = "", owner: str = OWNER
    ) -> str:
        """A publication in a state, written directly into the database; returns its id."""
        self._count += 1
        owner = person.name if person.relation == "owner" else owner
        with self.parts.database.write() as connection:
            made = self._row(connection, state, owner, route)
            if person.relation == "collaborator":
                collaborators.add(connection, made.id, person.name, by=owner)
            suggestions.add(
                connection,
                made.id,
                author=JUDGE,
                field="/titles/0/title",
                before=RECORD["titles"][0]["title"],
                after="A better title",
                note="",
            )
            if run:
                self._run(connection, made, run)
        return made.id

    def _row(self, connection: Connection, state: State, owner: str, route: str) -> Publication:
        key, moment = publications.new_id(), publications.now()
        public = state in ("published", "withdrawn")
        frozen = dict(
            connection.execute(
                select(tables.snapshots).where(tables.snapshots.c.id == self._frozen)
            )
            .mappings()
            .one()
        )
        made = Publication(
            id=key,
            slug=publications.new_slug(),
            route=route,
            owner=owner,
            title=RECORD["titles"][0]["title"],
            state=state,
            health="idle",
            concept=key,
            version=1,
            created_at=moment,
            updated_at=moment,
            owner_email=f"{owner}@example.org",
            approved_digest=frozen["digest"],
            page_open=public,
            published_at=moment if public else None,
            round=1,
            record=RECORD,
            edited=True,
            parts=(Part("shelf", f"set-{self._count}", "A set"),),
        )
        publications.add(connection, made)
        values = {"id": publications.new_id(), "publication": key, "files_of": self._frozen}
        connection.execute(insert(tables.snapshots), {**frozen, **values})
        publications.change(connection, key, snapshot=values["id"])
        if public:
            deposits.choose_doi(connection, key, "registry", f"10.5072/{made.slug}")
        return made

    def _run(self, connection: Connection, found: Publication, how: str) -> None:
        plan = PLANS.get(found.state, "publish")
        run = runs.begin(connection, found.id, plan, STEPS, actor=found.owner)
        final = how == "past_final"
        runs.change(
            connection,
            run,
            status="running" if how == "running" else "parked",
            position="publish.registry" if final else "reserve.registry",
            past_final=final,
        )
        health = "running" if how == "running" else "needs_attention"
        publications.change(connection, found.id, health=health)

    def state(self, publication: str) -> str:
        with self.parts.database.read() as connection:
            return publications.get(connection, publication).state


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tables say of an attempt: the status, 200 for every success, and the state after
    it ("" = nothing may change)."""

    status: int
    after: str = ""


def seen(state: State, roles: frozenset[str]) -> bool:
    """Whether somebody with these roles may know that there is such a publication."""
    return permissions.refusal("view", state, roles) is None


def verdict(
    action: str,
    state: State,
    roles: frozenset[str],
    *,
    run: str = "",
    four_eyes: bool = True,
    reason: str = "Because.",
) -> Verdict:
    """The tables' own answer."""
    if not seen(state, roles):
        return Verdict(404)
    if action == "note" and roles & {"owner", "collaborator"}:
        # Nobody is told what reviewers say of their own work, whatever else they are.
        roles = roles & {"owner", "collaborator"}
    try:
        if action in lifecycle.ACTIONS:
            now = situation(state, roles, run=run, four_eyes=four_eyes, reason=reason)
            return Verdict(200, lifecycle.step(action, now, roles))
        permissions.require(action, state, roles)
    except Denied:
        return Verdict(403)
    except Conflict:
        return Verdict(409)
    return Verdict(200, state)


def situation(
    state: State, roles: frozenset[str], *, run: str, four_eyes: bool = True, reason: str = ""
) -> Situation:
    """What the guards look at: a run that stands still on what is public can be replaced."""
    parked = run in ("parked", "past_final")
    return Situation(
        state=state,
        run_active=bool(run) and not (parked and state == "published"),
        run_parked=parked,
        past_final=run == "past_final",
        is_author=bool(roles & {"owner", "collaborator"}),
        four_eyes=four_eyes,
        reason=reason,
    )


class Watch:
    """Sees whether anything at all was written into the database, beside sessions and tokens."""

    ASIDE = ("sessions", "tokens", "throttle")

    def __init__(self, place: Place) -> None:
        url = place.parts.database.engine.url
        self._own = sqlite3.connect(str(url.database))
        self._database = place.parts.database
        self._version = -1
        self._content = ""

    def now(self) -> str:
        """A digest of all rows; cheap while nobody writes."""
        version = self._own.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version, self._content = version, self._digest()
        return self._content

    def _digest(self) -> str:
        found = hashlib.sha256()
        names = [
            r[0] for r in self._own.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for name in sorted(set(names) - set(self.ASIDE)):
            for row in self._own.execute(f'SELECT * FROM "{name}"'):
                found.update(repr(row).encode())
        return found.hexdigest()

    def close(self) -> None:
        self._own.close()


def one_row(place: Place, statement: str, **values: Any) -> Mapping[str, Any]:
    """A row of the database as it stands."""
    with place.parts.database.read() as connection:
        return dict(connection.execute(text(statement), values).mappings().one())
