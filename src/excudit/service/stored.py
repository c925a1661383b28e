"""What the database knows of a publication's deposit, as the people of a route ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from excudit.domain.errors import NotFound, Unsupported
from excudit.domain.model import Actor, Deposit
from excudit.domain.publication import Publication
from excudit.ports import Displayed, Displaying, Guarded, Receiving
from excudit.service import wording
from excudit.service.parts import Parts
from excudit.store import deposits, runs, whereabouts
from excudit.store.database import Connection


@dataclass(frozen=True, slots=True)
class Stored:
    """One deposit of one dataset.

    `dataset` is its id at the source, `deposit` the target's own id of it; `created_at` is when
    the deposit was created, `state` the process in the words of the route, `status` DRAFT or
    PUBLISHED, `published_at` when it was published.
    """

    publication: str
    dataset: str
    target: str
    deposit: str
    created_at: datetime | None
    state: str
    status: str
    published_at: datetime | None
    url: str
    doi: str

    @property
    def is_published(self) -> bool:
        """Whether the database knows it as public."""
        return self.status == "PUBLISHED"


def of(parts: Parts, publication: Publication) -> list[Stored]:
    """Every deposit of a publication that the database knows of, by target."""
    with parts.database.read() as connection:
        known = [d for d in deposits.of(connection, publication.id) if d.remote_id]
        return [_stored(connection, parts, publication, one) for one in known]


def _stored(
    connection: Connection, parts: Parts, publication: Publication, deposit: Deposit
) -> Stored:
    status = wording.status_now(parts, connection, publication)
    # What a target calls public may have further words, such as a DOI that is pending.
    public = publication.published_at is not None or deposit.state.startswith("published")
    return Stored(
        publication=publication.id,
        dataset=publication.parts[0].ref if publication.parts else "",
        target=deposit.target,
        deposit=deposit.remote_id,
        created_at=_created_at(connection, publication.id, deposit.target),
        state=status.word if status else publication.words,
        status="PUBLISHED" if public else "DRAFT",
        published_at=publication.published_at,
        url=deposit.url,
        doi=deposit.doi,
    )


def _created_at(connection: Connection, publication: str, target: str) -> datetime | None:
    """The end of the attempt that opened the deposit which counts: the last that went well."""
    ended = [
        attempt["ended_at"]
        for run in runs.of(connection, publication)
        for attempt in runs.attempts(connection, run["id"])
        if attempt["step"] == f"reserve.{target}"
        and attempt["status"] == "ok"
        and not attempt["undoing"]
    ]
    return ended[-1] if ended else None


def by_deposit(parts: Parts, route: str, deposit: str) -> Publication | None:
    """The publication that has this deposit at one of the route's targets; None = none."""
    with parts.database.read() as connection:
        for target in parts.route(route).targets:
            if found := whereabouts.of_deposit(connection, target, deposit):
                return found
    return None


def entitled(parts: Parts, actor: Actor, publication: Publication) -> bool:
    """Whether the datasets are this person's at their source."""
    sources = [(parts.source(part.source), part.ref) for part in publication.parts]
    return bool(sources) and all(
        isinstance(source, Guarded) and source.sees(ref, actor=actor) for source, ref in sources
    )


def live(parts: Parts, stored: Stored) -> Displayed:
    """The deposit as its target shows it at this moment. Raises NotFound, Unavailable,
    Unsupported."""
    target = parts.target(stored.target)
    if not isinstance(target, Displaying):
        raise Unsupported(f"{stored.target} does not tell how a deposit looks.")
    with parts.database.read() as connection:
        deposit = deposits.find(connection, stored.publication, stored.target)
    if deposit is None:
        raise NotFound(f"There is no deposit {stored.deposit} any more.")
    return target.display(deposit)


def route_called(parts: Parts, words: str) -> str:
    """The route that uses these words and takes documents in; "" = this site has none."""
    for name, route in parts.settings.routes.items():
        if route.words == words and isinstance(parts.sources.get(route.source), Receiving):
            return name
    return ""
