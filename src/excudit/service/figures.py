"""Figures for those who watch the service from outside: how much there is of what, never what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from excudit.engine import standing
from excudit.service.parts import Parts
from excudit.store import figures
from excudit.store.database import Connection
from excudit.store.publications import now

Sample = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: a gauge, with a value for each set of labels."""

    name: str
    about: str
    samples: tuple[Sample, ...]


def every(parts: Parts) -> list[Figure]:
    """All figures as they are now, by a fixed number of queries."""
    with parts.database.read() as connection:
        return [*_of_publications(connection), *_of_queues(connection), *_of_mails(connection)]


def _of_publications(connection: Connection) -> Iterator[Figure]:
    rows = figures.publications(connection)
    samples = tuple(({"state": s, "health": h}, float(n)) for s, h, n in rows)
    yield Figure("publications", "Publications by state and health.", samples)
    samples = tuple(({"status": s}, float(n)) for s, n in figures.runs(connection))
    yield Figure("runs", "Runs that are not at their end, by status.", samples)
    samples = tuple(({"status": s}, float(n)) for s, n in figures.attempts(connection))
    yield Figure("attempts_last_hour", "Attempts that ended in the last hour, by status.", samples)


def _of_queues(connection: Connection) -> Iterator[Figure]:
    depths, moment = standing.depths(connection), now()
    words = ("enqueued", "working", "delayed")
    counts = [
        ({"queue": d.queue, "status": w}, float(getattr(d, w))) for d in depths for w in words
    ]
    yield Figure("queue_runs", "Runs in the queues, by status.", tuple(counts))
    ages = [(d.queue, (moment - d.oldest).total_seconds()) for d in depths if d.oldest]
    about = "How long the first run of a queue has been waiting for a worker."
    samples = tuple(({"queue": queue}, max(0.0, age)) for queue, age in ages)
    yield Figure("queue_oldest_seconds", about, samples)
    workers = standing.workers(connection)
    alive = float(sum(1 for worker in workers if worker.lasts_s > 0))
    yield Figure("workers_alive", "Worker processes that count as alive.", (({}, alive),))
    heard = min((worker.heard_s for worker in workers), default=None)
    about = "How long ago a worker was heard last, within a day."
    yield Figure("worker_heard_seconds", about, (({}, heard),) if heard is not None else ())


def _of_mails(connection: Connection) -> Iterator[Figure]:
    samples = tuple(({"status": s}, float(n)) for s, n in figures.mails(connection))
    yield Figure("mails", "Mails that wait, are held together, or were given up.", samples)
    since = figures.due_since(connection)
    age = (now() - since).total_seconds() if since else 0.0
    about = "How long the mail that has been due longest is overdue."
    yield Figure("outbox_age_seconds", about, (({}, max(0.0, age)),))
