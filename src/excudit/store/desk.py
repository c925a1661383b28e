"""Somebody's own publications, and those that stand still: what the desk shows.

As in the review queue, every state asked for is one walk along an index, so that no answer sorts
or counts all publications, whoever owns how many.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, union_all

from excudit.domain.publication import Publication
from excudit.store import tables as t
from excudit.store import tables_review as r
from excudit.store.publications import sought

_PUBLICATIONS = t.publications.c
_COLUMNS = [c for c in _PUBLICATIONS if c.name in Publication.__slots__ and c.name != "record"]
_NEWEST = (_PUBLICATIONS.updated_at.desc(), _PUBLICATIONS.id.desc())


def mine(
    connection: Connection,
    user: str,
    states: Sequence[str],
    *,
    archived: bool = False,
    title: str = "",
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Publication]:
    """What this person owns or works on, newest change first, without records and datasets.

    `title` is a part of the title's first 200 characters, capitals or not. `archived` shows what
    its owner has hidden, and only that; `after` is the last one's (updated_at, id).
    """
    if not states:
        return []
    own = and_(_PUBLICATIONS.owner == user, _PUBLICATIONS.archived.is_(archived))
    walks = [_walk(and_(own, _PUBLICATIONS.state == s), title, after, limit) for s in states]
    if not archived:
        joined = select(r.collaborators.c.publication).where(r.collaborators.c.user == user)
        others = and_(_PUBLICATIONS.id.in_(joined), _PUBLICATIONS.state.in_(states))
        walks.append(_walk(others, title, after, limit))
    return _merged(connection, walks, limit)


def still(
    connection: Connection, healths: Sequence[str], *, owner: str = "", limit: int = 20
) -> list[Publication]:
    """Those of one owner, or of all, with one of these healths; newest change first."""
    own = [_PUBLICATIONS.owner == owner] if owner else []
    walks = [_walk(and_(_PUBLICATIONS.health == h, *own), "", None, limit) for h in healths]
    return _merged(connection, walks, limit)


def _walk(
    place: ColumnElement[bool], title: str, after: tuple[datetime, str] | None, limit: int
) -> Select[Any]:
    c = _PUBLICATIONS
    query = select(c.id, c.updated_at).where(place).order_by(*_NEWEST).limit(limit)
    if title:
        query = query.where(c.title_sought.contains(sought(title), autoescape=True))
    if after is not None:
        moment, key = after
        # The first half alone lets the database begin there; the second says the rest.
        query = query.where(c.updated_at <= moment, or_(c.updated_at < moment, c.id < key))
    return query


def _merged(connection: Connection, walks: Sequence[Select[Any]], limit: int) -> list[Publication]:
    every = [walk.subquery() for walk in walks]
    found = union_all(*(select(w.c.id, w.c.updated_at) for w in every)).subquery()
    keys = select(found.c.id).order_by(found.c.updated_at.desc(), found.c.id.desc()).limit(limit)
    query = select(*_COLUMNS).where(_PUBLICATIONS.id.in_(keys)).order_by(*_NEWEST)
    return [Publication(**row) for row in connection.execute(query).mappings()]


def runs_of(connection: Connection, publications: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The run of each publication that is not at its end, parked ones included."""
    if not publications:
        return {}
    query = select(
        t.runs.c.publication,
        t.runs.c.plan,
        t.runs.c.steps,
        t.runs.c.status,
        t.runs.c.position,
        t.runs.c.next_try_at,
    ).where(t.runs.c.publication.in_(publications), t.runs.c.ended_at.is_(None))
    return {row["publication"]: dict(row) for row in connection.execute(query).mappings()}
