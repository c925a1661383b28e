"""What there is to read beside publications themselves: history, files, routes, datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Response

from excudit.domain.problem import blocking
from excudit.service import queries
from excudit.service.checking import check_json
from excudit.store import runs as stored_runs
from excudit.web.api import cursors
from excudit.web.api.asks import Cursor, Limit, PublicationId, RecordToCheck, Text
from excudit.web.api.models import (
    Checked,
    Datasets,
    DatasetShown,
    Events,
    EventShown,
    Files,
    FileShown,
    Link,
    Mails,
    MailShown,
    ProblemShown,
    Routes,
    RouteShown,
    Runs,
    RunShown,
)
from excudit.web.api.paging import next_page
from excudit.web.api.represent import address, visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room()


@ROUTER.get(
    "/publications/{publication}/events",
    tags=["history"],
    responses={200: NEXT, **troubles(404, 422)},
    summary="All that happened",
)
def events(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Events:
    """The audit trail, first to last; nothing in it is ever changed. Internal notes are told to
    reviewers only."""
    found = visible(parts, actor, publication)
    after = cursors.number(cursor) if cursor else 0
    rows = queries.timeline(parts, found.id, actor, after=after, limit=limit + 1)
    here = address(parts, "publications", found.id, "events")
    following = _following(rows, limit, here, response)
    return Events(events=[EventShown(**e) for e in rows[:limit]], next=following)


def _following(
    rows: Sequence[Mapping[str, Any]], limit: int, here: str, response: Response
) -> str | None:
    """The page after the first `limit` of numbered rows."""
    if len(rows) <= limit:
        return None
    end = cursors.write(rows[limit - 1]["id"])
    return next_page(here, {"limit": str(limit)}, end, response)


@ROUTER.get(
    "/publications/{publication}/files",
    tags=["history"],
    responses={200: NEXT, **troubles(404, 422)},
    summary="The frozen files",
)
def files(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Files:
    """In the order of their paths; empty before the first submission."""
    found = visible(parts, actor, publication)
    after = cursors.position(cursor) if cursor else -1
    rows = queries.files(parts, found.id, after=after, limit=limit + 1)
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        here = address(parts, "publications", found.id, "files")
        end = cursors.write(page[-1]["position"])
        following = next_page(here, {"limit": str(limit)}, end, response)
    return Files(files=[FileShown(**f) for f in page], next=following)


@ROUTER.get(
    "/publications/{publication}/runs",
    tags=["history"],
    responses=troubles(404, 422),
    summary="The runs with their steps",
)
def runs(parts: Wired, actor: Caller, publication: PublicationId) -> Runs:
    """First to last; the last one also stands in the publication."""
    found = visible(parts, actor, publication)
    with parts.database.read() as connection:
        rows = stored_runs.of(connection, found.id)
        return Runs(runs=[RunShown(**queries.shown_run(connection, row)) for row in rows])


@ROUTER.get(
    "/publications/{publication}/mails",
    tags=["history"],
    responses={200: NEXT, **troubles(404, 422)},
    summary="The mails",
)
def mails(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Mails:
    """To whom, about what, and how far they are."""
    found = visible(parts, actor, publication)
    after = cursors.number(cursor) if cursor else 0
    rows = queries.sent_mails(parts, found.id, actor, after=after, limit=limit + 1)
    here = address(parts, "publications", found.id, "mails")
    following = _following(rows, limit, here, response)
    return Mails(mails=[MailShown(**m) for m in rows[:limit]], next=following)


@ROUTER.get("/routes", tags=["service"], responses=troubles(), summary="The routes")
def routes(parts: Wired, actor: Caller) -> Routes:
    """The ways to the public that this service offers."""
    shown = [
        RouteShown(
            name=name,
            title=route.title or name,
            source=route.source,
            targets=route.targets,
            review=route.review,
            publish=route.publish,
            links={"datasets": Link(href=address(parts, f"datasets?route={name}"))},
        )
        for name, route in sorted(parts.settings.routes.items())
    ]
    return Routes(routes=shown)


@ROUTER.get(
    "/datasets",
    tags=["service"],
    responses=troubles(403, 404, 422, 429, 501, 502),
    summary="Look for datasets",
)
def datasets(
    parts: Wired,
    actor: Caller,
    route: Annotated[Text, Query(max_length=100)],
    q: Annotated[Text, Query(max_length=500, description="Words; empty: all.")] = "",
    limit: Limit = 50,
) -> Datasets:
    """What the route's source finds and you may see, best match first."""
    source = parts.source(parts.route(route).source)
    found = source.search(q, actor=actor, limit=limit)
    return Datasets(datasets=[DatasetShown.model_validate(d) for d in found])


@ROUTER.post(
    "/records/check",
    tags=["service"],
    responses=troubles(400, 413, 415, 422),
    summary="Check a record",
)
def check(parts: Wired, actor: Caller, ask: RecordToCheck) -> Checked:
    """All problems at once, as at submission; nothing is stored."""
    problems = check_json(ask.record, xsd=parts.settings.service.datacite_xsd)
    return Checked(
        publishable=not blocking(problems),
        problems=[ProblemShown(**p.as_data()) for p in problems],
    )
