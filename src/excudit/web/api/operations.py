"""Running the service: targets, runs in trouble, mails that failed, and who did what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import AwareDatetime, Field

from excudit.domain.errors import Rejected
from excudit.service import audit, operations
from excudit.store.audit import Filters
from excudit.store.operations import Trouble
from excudit.web.api import cursors
from excudit.web.api.asks import Ask, Because, Cursor, Limit, Text
from excudit.web.api.models import Answer, ProblemShown
from excudit.web.api.paging import next_page
from excudit.web.api.represent import address
from excudit.web.api.rooms import room
from excudit.web.api.troubles import NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="operations")
Troubled = Literal["needs_attention", "out_of_sync", "cleanup_pending", "waiting"]
Target = Annotated[Text, Path(max_length=100, description="A target of the settings.")]
_BODIES = (400, 413, 415)


class PlaceShown(Answer):
    """A source or a target."""

    kind: Literal["source", "target"]
    name: str
    plugin: str
    well: Annotated[bool | None, Field(description="null: nobody has looked at it yet.")]
    probed_at: datetime | None
    well_at: datetime | None
    failed_at: datetime | None
    problems: list[ProblemShown]
    calls: Annotated[
        Literal["free", "left_alone", "paused"],
        Field(description="left_alone: it failed several times in a row."),
    ]
    wait_s: Annotated[float, Field(description="Seconds to the next call, when not free.")]
    rate: Annotated[float, Field(description="Calls a second at most; 0 = no limit.")]


class QueueShown(Answer):
    """Runs of one queue that are not at their end."""

    queue: str
    enqueued: int
    working: int
    delayed: int
    oldest: Annotated[datetime | None, Field(description="The first that is free to begin.")]


class WorkerShown(Answer):
    """A worker process."""

    worker: str
    alive: bool


class OverviewShown(Answer):
    """The service at a glance."""

    places: list[PlaceShown]
    queues: list[QueueShown]
    workers: list[WorkerShown]
    troubled: Annotated[dict[str, int], Field(description="Publications in each health.")]
    mails: Annotated[dict[str, int], Field(description="Mails that are due, and given up.")]
    version: str
    database: str
    revision: str
    disk_free: int
    disk_total: int


class TroubleShown(Answer):
    """A publication whose runs are not idle."""

    id: str
    title: str
    route: str
    owner: str
    state: str
    health: str
    updated_at: datetime
    plan: str
    step: str
    next_try_at: datetime | None
    error: dict[str, Any] | None


class TroublesShown(Answer):
    """A page of them, the latest change first."""

    publications: list[TroubleShown]
    next: str | None


class Retries(Ask):
    """Which publications to retry."""

    publications: Annotated[
        list[Annotated[Text, Field(max_length=36)]], Field(min_length=1, max_length=operations.MOST)
    ]
    reason: Annotated[Text, Field(max_length=10_000)] = ""


class ResultShown(Answer):
    """What became of one of several; `words`: why not, empty when it was done."""

    id: str
    title: str
    words: str


class ResultsShown(Answer):
    """What became of each."""

    results: list[ResultShown]


class Resumption(Ask):
    """Why it is resumed."""

    reason: Annotated[Text, Field(max_length=10_000)] = ""


class Resumed(Answer):
    """How many waiting runs try now."""

    runs: int


class Probed(Answer):
    """How many do not answer as they should."""

    failing: int


class FailedMail(Answer):
    """A mail that was given up."""

    id: int
    publication: str
    kind: str
    recipient: str
    subject: str
    attempts: int
    error: str


class FailedMails(Answer):
    """A page of them, newest first."""

    mails: list[FailedMail]
    next: str | None


class Resend(Ask):
    """Which mails to try again."""

    mails: Annotated[
        list[Annotated[int, Field(ge=1, lt=2**63)]], Field(min_length=1, max_length=500)
    ]


class Resent(Answer):
    """How many are tried again; those that were not given up are left as they are."""

    mails: int


class AuditEntry(Answer):
    """One thing that happened, to a publication or to the site."""

    trail: Literal["publication", "site"]
    id: int
    at: datetime
    actor: str
    action: str
    publication: str
    about: str
    before: str
    after: str
    reason: str
    run: str
    details: dict[str, Any]


class AuditShown(Answer):
    """A page of it, newest first."""

    entries: list[AuditEntry]
    next: str | None


@ROUTER.get("/operations", summary="The service at a glance", responses=troubles(403))
def service_overview(parts: Wired, actor: Caller) -> OverviewShown:
    """Sources and targets, queues, workers, and how many publications and mails need somebody."""
    seen = operations.overview(parts, actor)
    return OverviewShown(
        places=[_place(one) for one in seen.places],
        queues=[QueueShown.model_validate(one) for one in seen.depths],
        workers=[WorkerShown(worker=w.worker, alive=w.lasts_s > 0) for w in seen.workers],
        troubled=dict(seen.troubled),
        mails=dict(seen.mails),
        version=seen.version,
        database=seen.database,
        revision=seen.revision,
        disk_free=seen.disk[0],
        disk_total=seen.disk[1],
    )


def _place(one: operations.Outside) -> PlaceShown:
    probe, breaker = one.probe, one.breaker
    calls: Literal["free", "left_alone", "paused"] = "free"
    if breaker is not None and breaker.open:
        calls = "paused" if breaker.paused else "left_alone"
    return PlaceShown(
        kind="source" if one.kind == "source" else "target",
        name=one.name,
        plugin=one.plugin,
        well=None if probe is None else not probe.problems,
        probed_at=probe.probed_at if probe else None,
        well_at=probe.well_at if probe else None,
        failed_at=probe.failed_at if probe else None,
        problems=[ProblemShown(**p) for p in probe.problems] if probe else [],
        calls=calls,
        wait_s=breaker.wait_s if breaker else 0.0,
        rate=one.rate,
    )


@ROUTER.get(
    "/operations/runs",
    summary="Publications whose runs are in trouble",
    responses={200: NEXT, **troubles(403, 422)},
)
def troubled_runs(
    parts: Wired,
    actor: Caller,
    response: Response,
    health: Troubled = "needs_attention",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TroublesShown:
    """Those in this health, the latest change first, each with the step where it stands."""
    after = cursors.moment_and_id(cursor) if cursor else None
    rows = operations.troubled(parts, actor, health, after=after, limit=limit + 1)
    following = None
    if len(rows) > limit:
        end = cursors.write(rows[limit - 1].updated_at, rows[limit - 1].id)
        filters = {"health": health, "limit": str(limit)}
        following = next_page(address(parts, "operations", "runs"), filters, end, response)
    return TroublesShown(publications=[_trouble(one) for one in rows[:limit]], next=following)


def _in_utc(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError as error:
        raise Rejected(f"{moment} is no time that a clock shows.") from error


def _trouble(one: Trouble) -> TroubleShown:
    run = one.run or {}
    known = {n: getattr(one, n) for n in ("id", "title", "route", "owner", "state", "health")}
    return TroubleShown(
        **known,
        updated_at=one.updated_at,
        plan=run.get("plan", ""),
        step=run.get("position", ""),
        next_try_at=run.get("next_try_at"),
        error=run.get("error"),
    )


@ROUTER.post("/operations/retry", summary="Retry several", responses=troubles(403, 422, *_BODIES))
def retry_many(parts: Wired, actor: Caller, ask: Retries) -> ResultsShown:
    """Each goes on at the step where it stands, on its own: one that fails stops no other."""
    results = operations.retry_many(parts, actor, ask.publications, reason=ask.reason)
    return ResultsShown(results=[ResultShown.model_validate(one) for one in results])


@ROUTER.post(
    "/operations/targets/{target}/pause",
    summary="Pause the calls to a target",
    status_code=204,
    responses=troubles(403, 404, 422, *_BODIES),
)
def pause_target(parts: Wired, actor: Caller, target: Target, because: Because) -> None:
    """No worker calls it until it is resumed; runs wait at their step."""
    operations.pause(parts, actor, target, because.reason)


@ROUTER.post(
    "/operations/targets/{target}/resume",
    summary="Resume the calls to a target",
    responses=troubles(403, 404, 422, *_BODIES),
)
def resume_target(parts: Wired, actor: Caller, target: Target, ask: Resumption) -> Resumed:
    """Calls go to it again, and the runs that wait for it try now."""
    return Resumed(runs=operations.resume(parts, actor, target, ask.reason))


@ROUTER.post(
    "/operations/probe", summary="Look at all sources and targets", responses=troubles(403)
)
def probe_all(parts: Wired, actor: Caller) -> Probed:
    """Whether they answer and let us in; takes as long as the slowest of them."""
    return Probed(failing=operations.probe(parts, actor))


@ROUTER.get(
    "/operations/mails", summary="Mails given up", responses={200: NEXT, **troubles(403, 422)}
)
def failed_mails(
    parts: Wired, actor: Caller, response: Response, limit: Limit = 50, cursor: Cursor = None
) -> FailedMails:
    """Newest first, without their texts."""
    before = cursors.position(cursor) if cursor else None
    rows = operations.failed_mails(parts, actor, before=before, limit=limit + 1)
    following = None
    if len(rows) > limit:
        end = cursors.write(rows[limit - 1]["id"])
        here = address(parts, "operations", "mails")
        following = next_page(here, {"limit": str(limit)}, end, response)
    return FailedMails(mails=[FailedMail(**row) for row in rows[:limit]], next=following)


@ROUTER.post(
    "/operations/mails/resend", summary="Send mails again", responses=troubles(403, 422, *_BODIES)
)
def resend_mails(parts: Wired, actor: Caller, ask: Resend) -> Resent:
    """Let mails that were given up be tried again now."""
    return Resent(mails=operations.resend(parts, actor, ask.mails))


@ROUTER.get("/audit", summary="Who did what", responses={200: NEXT, **troubles(403, 422)})
def audited(
    parts: Wired,
    actor: Caller,
    response: Response,
    who: Annotated[Text, Query(max_length=200)] = "",
    action: Annotated[Text, Query(max_length=50)] = "",
    publication: Annotated[Text, Query(max_length=36)] = "",
    since: Annotated[AwareDatetime | None, Query(description="Included.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Not included.")] = None,
    reason: Annotated[Text, Query(max_length=300, description="Words in the reason.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditShown:
    """Both trails in one, newest first."""
    before = cursors.place(cursor) if cursor else None
    filters = Filters(who, action, publication, _in_utc(since), _in_utc(until), reason)
    rows, _ = audit.entries(parts, actor, filters, before=before, limit=limit + 1)
    following = None
    if len(rows) > limit:
        asked = {"who": who, "action": action, "publication": publication, "reason": reason}
        kept: dict[str, str | None] = {n: text or None for n, text in asked.items()}
        kept |= {"since": since.isoformat() if since else None, "limit": str(limit)}
        kept["until"] = until.isoformat() if until else None
        end = cursors.write(*rows[limit - 1].place)
        following = next_page(address(parts, "audit"), kept, end, response)
    return AuditShown(
        entries=[AuditEntry.model_validate(one) for one in rows[:limit]], next=following
    )
