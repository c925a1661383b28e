"""How long people usually take, measured on what they did."""

from __future__ import annotations

import statistics
from math import ceil

from sqlalchemy import Connection, func, select

from excudit.store import tables as t

DECISIONS = ("approve", "return", "reject")
NEWEST = 300
"""The decisions of the site that are looked at, so that the question stays quick."""
FEWEST = 3
DAY_S = 86_400


def usual_days(connection: Connection, route: str) -> int | None:
    """Days from a request's being taken in to the decision on it, the median of the route's among
    the newest of the site, rounded up; None for fewer than three."""
    decided = t.events.alias("decided")
    newest = (
        select(decided.c.id, decided.c.publication, decided.c.at)
        .where(decided.c.action.in_(DECISIONS))
        .order_by(decided.c.at.desc(), decided.c.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    taken_in = (
        select(func.max(t.events.c.at))
        .where(
            t.events.c.publication == newest.c.publication,
            t.events.c.action == "take_in",
            t.events.c.id < newest.c.id,
        )
        .scalar_subquery()
    )
    query = (
        select(taken_in, newest.c.at)
        .join(t.publications, t.publications.c.id == newest.c.publication)
        .where(t.publications.c.route == route)
    )
    times = [(at - since).total_seconds() for since, at in connection.execute(query) if since]
    if len(times) < FEWEST:
        return None
    return max(1, ceil(float(statistics.median(times)) / DAY_S))
