"""Requests as lists of another system's API show them: a page at an offset, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from excudit.domain.publication import Publication
from excudit.store import tables as t
from excudit.store.database import Connection
from excudit.store.publications import _COLUMNS

Order = Literal[
    "type",
    "target_type",
    "requested_by",
    "date_submitted",
    "status",
    "date_updated",
    "updated_by",
]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Word:
    """One status: where it holds. An empty tuple means any; `untaken`: only while nobody reviews;
    no `word`: the publication's label, where it has one."""

    word: str
    states: tuple[str, ...]
    healths: tuple[str, ...] = ()
    untaken: bool = False


@dataclass(frozen=True, slots=True)
class Requested:
    """A publication that was asked for: since when, its status, and who changed it last."""

    publication: Publication
    submitted_at: datetime
    status: str
    updated_by: str


def _condition(word: Word) -> ColumnElement[bool]:
    held: list[ColumnElement[bool]] = [t.publications.c.state.in_(word.states)]
    if word.healths:
        held.append(t.publications.c.health.in_(word.healths))
    if word.untaken:
        held.append(t.publications.c.reviewer == "")
    if not word.word:
        held.append(t.publications.c.label != "")
    return and_(*held)


def _status(words: Sequence[Word]) -> ColumnElement[Any]:
    ways = [(_condition(w), literal(w.word) if w.word else t.publications.c.label) for w in words]
    return case(*ways, else_=t.publications.c.state)


_FIRST = (
    select(func.min(t.events.c.at))
    .where(t.events.c.publication == t.publications.c.id, t.events.c.action == "submit")
    .scalar_subquery()
)
_LAST = (
    select(t.events.c.actor)
    .where(t.events.c.publication == t.publications.c.id)
    .order_by(t.events.c.id.desc())
    .limit(1)
    .scalar_subquery()
)


def page(
    connection: Connection,
    routes: Sequence[str],
    words: Sequence[Word],
    *,
    owner: str = "",
    statuses: Sequence[str] = (),
    order: Order = "date_submitted",
    descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[int, list[Requested]]:
    """How many there are in all, and those of one page; equal ones in the order of their ids.

    `owner`: of one person only. `statuses`: only those with one of these words.
    """
    status = _status(words)
    first = _FIRST
    asked: list[ColumnElement[bool]] = [t.publications.c.route.in_(routes), first.is_not(None)]
    if owner:
        asked.append(t.publications.c.owner == owner)
    if statuses:
        asked.append(status.in_(statuses))
    total = connection.execute(select(func.count()).where(*asked)).scalar_one()
    keys: dict[str, ColumnElement[Any]] = {
        "requested_by": t.publications.c.owner,
        "date_submitted": first,
        "status": status,
        "date_updated": t.publications.c.updated_at,
        "updated_by": _LAST,
    }
    key = keys.get(order, t.publications.c.id)
    query = (
        select(*_COLUMNS, first.label("first"), status.label("status"), _LAST.label("last"))
        .where(*asked)
        .order_by(key.desc() if descending else key.asc(), t.publications.c.id)
        .offset(offset)
    )
    if limit is not None:
        query = query.limit(limit)
    rows = []
    for row in connection.execute(query).mappings():
        told = dict(row)
        at, word, last = told.pop("first"), told.pop("status"), told.pop("last")
        rows.append(Requested(Publication(**told), at, word, last))
    return total, rows
