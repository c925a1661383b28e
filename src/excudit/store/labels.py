"""Status words that curators define, and which publication had which of them when."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import Conflict
from excudit.store import tables as p
from excudit.store import tables_review as t
from excudit.store.publications import now


def every(connection: Connection) -> list[dict[str, Any]]:
    """All labels by name, each with how many publications have it now."""
    used = (
        select(p.publications.c.label, func.count().label("used"))
        # As the partial index says it, so that SQLite uses it.
        .where(text("label <> ''"))
        .group_by(p.publications.c.label)
        .subquery()
    )
    query = (
        select(t.labels, func.coalesce(used.c.used, 0).label("used"))
        .outerjoin(used, used.c.label == t.labels.c.name)
        .order_by(func.lower(t.labels.c.name))
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def names(connection: Connection) -> list[str]:
    """The names of all labels, retired ones included."""
    query = select(t.labels.c.name).order_by(func.lower(t.labels.c.name))
    return list(connection.execute(query).scalars())


def find(connection: Connection, name: str) -> dict[str, Any] | None:
    """The label of this name, however it is capitalised."""
    rows = connection.execute(select(t.labels)).mappings()
    return next((dict(row) for row in rows if row["name"].casefold() == name.casefold()), None)


def add(connection: Connection, name: str, meaning: str, *, by: str) -> None:
    """Define one. Raises Conflict when it is there already, also when two come at once."""
    row = {"name": name, "meaning": meaning, "created_by": by, "created_at": now()}
    try:
        with connection.begin_nested():
            connection.execute(insert(t.labels), row)
    except IntegrityError as error:
        raise Conflict(f"There is a label {name} already.") from error


def change(connection: Connection, name: str, **values: Any) -> None:
    """Change columns of one label."""
    connection.execute(update(t.labels).where(t.labels.c.name == name).values(**values))


def used(connection: Connection, name: str) -> bool:
    """Whether any publication has or ever had it."""
    query = select(t.labelings.c.id).where(t.labelings.c.label == name).limit(1)
    return connection.execute(query).first() is not None


def remove(connection: Connection, name: str) -> None:
    """Delete one that nothing ever used."""
    connection.execute(delete(t.labels).where(t.labels.c.name == name))


def put(connection: Connection, publication: str, label: str, *, by: str, comment: str) -> None:
    """Write down that the publication has this label from now on; "" = none."""
    row = {
        "publication": publication,
        "at": now(),
        "actor": by,
        "label": label,
        "comment": comment,
    }
    connection.execute(insert(t.labelings), row)


def history(connection: Connection, publication: str) -> list[dict[str, Any]]:
    """Every label that the publication got or lost, newest first."""
    query = (
        select(t.labelings)
        .where(t.labelings.c.publication == publication)
        .order_by(t.labelings.c.id.desc())
    )
    return [dict(row) for row in connection.execute(query).mappings()]
