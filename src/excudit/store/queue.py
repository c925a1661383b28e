"""The review queue: what waits for reviewers, oldest first, whatever else there is.

Every state, and every reviewer asked for, is one walk along an index that holds all filters; the
walks are merged, so that no answer sorts or counts all publications.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, union_all, update

from excudit.domain.publication import Publication
from excudit.store import tables as t
from excudit.store import tables_people as people
from excudit.store import tables_review as r
from excudit.store.publications import now, sought

# Counting stops here: nobody reads more, and no page waits for it.
COUNTED = 1_000
_WALKS = 24
_PUBLICATIONS = t.publications.c
_COLUMNS = [c for c in _PUBLICATIONS if c.name in Publication.__slots__ and c.name != "record"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; an empty member asks for nothing.

    `reviewers`: accounts, "" = nobody. `routes`: none = every route. `before`: waiting since
    before this moment. `title`: a part of the title's first 200 characters, capitals or not.
    `label`: None = any, "" = none.
    """

    states: tuple[str, ...]
    reviewers: tuple[str, ...] = ()
    routes: tuple[str, ...] | None = None
    label: str | None = None
    health: str = ""
    before: datetime | None = None
    title: str = ""


def page(
    connection: Connection,
    wanted: Wanted,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Publication]:
    """Oldest first by (waiting_since, id), after that place; without records and datasets."""
    found = _merged(wanted, after, limit)
    if found is None:
        return []
    keys = select(found.c.id).order_by(found.c.waiting_since, found.c.id).limit(limit)
    order = (_PUBLICATIONS.waiting_since, _PUBLICATIONS.id)
    query = select(*_COLUMNS).where(_PUBLICATIONS.id.in_(keys)).order_by(*order)
    return [Publication(**row) for row in connection.execute(query).mappings()]


def keys(connection: Connection, wanted: Wanted, *, limit: int) -> list[str]:
    """The ids alone, oldest first."""
    found = _merged(wanted, None, limit)
    if found is None:
        return []
    query = select(found.c.id).order_by(found.c.waiting_since, found.c.id).limit(limit)
    return list(connection.execute(query).scalars())


def count(connection: Connection, wanted: Wanted) -> int:
    """How many there are, counted up to one more than COUNTED."""
    found = _merged(wanted, None, COUNTED + 1)
    if found is None:
        return 0
    some = select(found.c.id).limit(COUNTED + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def oldest(connection: Connection, wanted: Wanted) -> datetime | None:
    """Since when the one waits that waits longest."""
    found = _merged(wanted, None, 1)
    if found is None:
        return None
    query = select(found.c.waiting_since).order_by(found.c.waiting_since).limit(1)
    moment: datetime | None = connection.execute(query).scalars().first()
    return moment


def _merged(wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> Any:
    """All walks as one; None when there can be nothing."""
    if not wanted.states or wanted.routes == ():
        return None
    walks = [_walk(wanted, place, after, limit).subquery() for place in _places(wanted)]
    return union_all(*(select(w.c.id, w.c.waiting_since) for w in walks)).subquery()


def _places(wanted: Wanted) -> list[ColumnElement[bool]]:
    """One condition per walk; too many reviewers are looked for along the way."""
    states = [_PUBLICATIONS.state == s for s in wanted.states]
    if not wanted.reviewers or len(states) * len(wanted.reviewers) > _WALKS:
        return states
    reviewers = [_PUBLICATIONS.reviewer == r for r in wanted.reviewers]
    return [and_(state, reviewer) for state, reviewer in product(states, reviewers)]


def _walk(
    wanted: Wanted, place: ColumnElement[bool], after: tuple[datetime, str] | None, limit: int
) -> Select[Any]:
    c = _PUBLICATIONS
    query = select(c.id, c.waiting_since).where(place).order_by(c.waiting_since, c.id).limit(limit)
    if wanted.reviewers:
        query = query.where(c.reviewer.in_(wanted.reviewers))
    if wanted.routes is not None:
        query = query.where(c.route.in_(wanted.routes))
    if wanted.label is not None:
        query = query.where(c.label == wanted.label)
    if wanted.health:
        query = query.where(c.health == wanted.health)
    if wanted.before is not None:
        query = query.where(c.waiting_since < wanted.before)
    if wanted.title:
        query = query.where(c.title_sought.contains(sought(wanted.title), autoescape=True))
    if after is not None:
        moment, key = after
        # The first half alone lets the database begin there; the second says the rest.
        beyond = or_(c.waiting_since > moment, c.id > key)
        query = query.where(c.waiting_since >= moment, beyond)
    return query


def worked_on(connection: Connection, user: str, publications: Collection[str]) -> set[str]:
    """Those of these publications on which this person works with the owner."""
    query = select(r.collaborators.c.publication).where(
        r.collaborators.c.user == user, r.collaborators.c.publication.in_(publications)
    )
    return set(connection.execute(query).scalars()) if publications else set()


def reviewed_by(connection: Connection, name: str, states: Collection[str]) -> list[str]:
    """The ids of what this person reviews, in these states."""
    query = select(_PUBLICATIONS.id).where(
        _PUBLICATIONS.reviewer == name, _PUBLICATIONS.state.in_(states)
    )
    return list(connection.execute(query).scalars())


def people_with_roles(connection: Connection) -> Sequence[Mapping[str, Any]]:
    """Everybody whose account counts and who has a role: name, full_name, roles; by name."""
    u = people.users.c
    query = select(u.name, u.full_name, u.roles).where(u.disabled_at.is_(None)).order_by(u.name)
    return [dict(row) for row in connection.execute(query).mappings() if row["roles"]]


def set_reviewer(connection: Connection, publication: str, reviewer: str) -> None:
    """Who reviews it; no edit of anybody is in conflict with it, so the edition stays."""
    _quietly(connection, publication, reviewer=reviewer)


def set_label(connection: Connection, publication: str, label: str) -> None:
    """Its label; no edit of anybody is in conflict with it, so the edition stays."""
    _quietly(connection, publication, label=label)


def _quietly(connection: Connection, publication: str, **values: str) -> None:
    connection.execute(
        update(t.publications)
        .where(t.publications.c.id == publication)
        .values(updated_at=now(), **values)
    )
