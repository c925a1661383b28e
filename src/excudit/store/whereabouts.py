"""Publications found by what they are about: a dataset at its source, a deposit at its target."""

from __future__ import annotations

from sqlalchemy import Connection, select

from excudit.domain.publication import Publication
from excudit.store import publications
from excudit.store import tables as t


def of_dataset(connection: Connection, route: str, source: str, ref: str) -> Publication | None:
    """The newest publication of a dataset by this route that was not given up; None = none."""
    query = (
        select(t.publications.c.id)
        .join(t.datasets, t.datasets.c.publication == t.publications.c.id)
        .where(t.datasets.c.source == source, t.datasets.c.ref == ref)
        .where(t.publications.c.route == route)
        .where(t.publications.c.state.not_in(("cancelled", "rejected")))
        .order_by(t.publications.c.created_at.desc(), t.publications.c.version.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return publications.get(connection, found) if found else None


def of_deposit(connection: Connection, target: str, remote_id: str) -> Publication | None:
    """The publication that has this deposit at a target; None = none of ours."""
    query = (
        select(t.deposits.c.publication)
        .where(t.deposits.c.target == target, t.deposits.c.remote_id == remote_id)
        .order_by(t.deposits.c.updated_at.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return publications.get(connection, found) if found else None
