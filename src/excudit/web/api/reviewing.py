"""The review queue, assigning, labels, suggestions, and decisions on many at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from excudit.domain import permissions
from excudit.domain.lifecycle import Health, State
from excudit.service import assigning, bulk, labels, queue, suggestions
from excudit.service.bulk import Bulk, Given
from excudit.service.queue import Filters
from excudit.service.suggestions import Suggestion
from excudit.web.api import cursors
from excudit.web.api import reviewing_models as m
from excudit.web.api.asks import Cursor, Limit, PublicationId, Text
from excudit.web.api.models import PublicationShown
from excudit.web.api.paging import next_page
from excudit.web.api.publications import tagged
from excudit.web.api.represent import address, brief, visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import ETAG, NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="reviewing")
_BODY = (400, 413, 415)
_CHANGES = troubles(403, 404, 409, 422, *_BODY)
_PLAIN = troubles(403, 404, 409, 422)
Word = Annotated[Text, Query(max_length=200)]
Id = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]*$")]


@ROUTER.get("/queue", responses={200: NEXT, **troubles(403, 422)}, summary="The review queue")
def review_queue(
    parts: Wired,
    actor: Caller,
    response: Response,
    state: Annotated[State | None, Query(description="None: what is open.")] = None,
    every: Annotated[bool, Query(description="Every state; `state` is not looked at.")] = False,
    reviewer: Annotated[
        Text, Query(max_length=200, description='"me", "nobody", "anyone", an account; "": both.')
    ] = "",
    route: Word = "",
    source: Word = "",
    label: Word = "",
    health: Health | None = None,
    title: Word = "",
    older: Annotated[int, Query(ge=0, le=3650, description="Waiting for more days.")] = 0,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> m.QueueShown:
    """What waits and you may decide on, oldest first."""
    filters = Filters(
        state=queue.EVERY if every else state or "",
        reviewer=reviewer,
        route=route,
        source=source,
        label=label,
        health=health or "",
        title=title,
        older=older,
    )
    after = cursors.moment_and_id(cursor) if cursor else None
    found = queue.listing(parts, actor, filters, after=after, limit=limit)
    following = None
    if found.more:
        kept = {k: v for k, v in filters.active().items() if k != "state" or not every}
        asked = {**kept, "limit": str(limit), **({"every": "true"} if every else {})}
        last = found.rows[-1].publication
        end = cursors.write(last.waiting_since, last.id)
        following = next_page(address(parts, "queue"), asked, end, response)
    rows = [
        m.QueueRow(
            **brief(parts, row.publication).model_dump(),
            source=row.source,
            reviewer=row.publication.reviewer,
            round=row.publication.round,
            label=row.publication.label,
            approved_by=row.publication.approved_by,
            waiting_since=row.publication.waiting_since,
            standing=row.standing % {"name": row.reviewer},
            next=row.next,
        )
        for row in found.rows
    ]
    return m.QueueShown(publications=rows, total=found.total, next=following)


@ROUTER.post(
    "/publications/{publication}/claim",
    responses={200: ETAG, **_PLAIN},
    summary="Take the review for yourself",
)
def claim(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Taken by you already: done. Taken by another: 409 with the name."""
    found = visible(parts, actor, publication)
    assigning.claim(parts, actor, found.id)
    return tagged(parts, actor, found.id, response)


@ROUTER.post(
    "/publications/{publication}/assign",
    responses={200: ETAG, **_CHANGES},
    summary="Say who reviews it",
)
def assign(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId, ask: m.Assignment
) -> PublicationShown:
    """It stays with the reviewer over all rounds; an empty account gives it back to nobody."""
    found = visible(parts, actor, publication)
    assigning.assign(parts, actor, found.id, ask.reviewer, seen=ask.seen)
    return tagged(parts, actor, found.id, response)


@ROUTER.post(
    "/publications/{publication}/label",
    responses={200: ETAG, **_CHANGES},
    summary="Set or take off the label",
)
def set_label(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId, ask: m.LabelAsked
) -> PublicationShown:
    """The same again without a comment changes nothing."""
    found = visible(parts, actor, publication)
    labels.put(parts, actor, found.id, ask.label, ask.comment)
    return tagged(parts, actor, found.id, response)


@ROUTER.get(
    "/publications/{publication}/labels",
    responses=troubles(404, 422),
    summary="The labels it has and had",
)
def label_history(parts: Wired, actor: Caller, publication: PublicationId) -> m.Labelings:
    """Newest first."""
    found = visible(parts, actor, publication)
    shown = [{k: h[k] for k in m.Labeling.model_fields} for h in labels.history(parts, found.id)]
    return m.Labelings(labelings=[m.Labeling(**h) for h in shown])


@ROUTER.get("/labels", responses=troubles(403), summary="All labels")
def every_label(parts: Wired, actor: Caller) -> m.LabelsShown:
    """By name, retired ones included."""
    permissions.require_site("queue", actor.roles)
    return m.LabelsShown(labels=[m.LabelShown(**label) for label in labels.every(parts)])


@ROUTER.post(
    "/labels", status_code=201, responses=troubles(403, 409, 422, *_BODY), summary="Define a label"
)
def define_label(parts: Wired, actor: Caller, ask: m.NewLabel) -> m.LabelShown:
    """A word of your own; not the name of a state, and not twice."""
    return _label(parts, labels.define(parts, actor, ask.name, ask.meaning))


def _label(parts: Wired, name: str) -> m.LabelShown:
    known = {label["name"].casefold(): label for label in labels.every(parts)}
    return m.LabelShown(**known[name.casefold()])


@ROUTER.put("/labels", responses=troubles(403, 404, 422, *_BODY), summary="Change a label")
def change_label(parts: Wired, actor: Caller, ask: m.LabelChange) -> m.LabelShown:
    """Describe it anew, retire it, or bring it back into use."""
    if ask.retired is not None:
        (labels.retire if ask.retired else labels.restore)(parts, actor, ask.name)
    if ask.meaning is not None or ask.retired is None:
        labels.describe(parts, actor, ask.name, ask.meaning or "")
    return _label(parts, ask.name)


@ROUTER.delete("/labels", status_code=204, responses=_PLAIN, summary="Delete a label")
def delete_label(
    parts: Wired, actor: Caller, name: Annotated[Text, Query(min_length=1, max_length=200)]
) -> None:
    """Only one that was never used; others are retired."""
    labels.delete(parts, actor, name)


@ROUTER.get(
    "/publications/{publication}/suggestions",
    responses=troubles(404, 422),
    summary="The suggestions",
)
def every_suggestion(parts: Wired, actor: Caller, publication: PublicationId) -> m.SuggestionsShown:
    """First to last, with what became of each."""
    found = visible(parts, actor, publication)
    shown = [m.SuggestionShown.model_validate(s) for s in suggestions.of(parts, found.id)]
    return m.SuggestionsShown(suggestions=shown)


@ROUTER.post(
    "/publications/{publication}/suggestions",
    status_code=201,
    responses=_CHANGES,
    summary="Suggest a value",
)
def suggest(
    parts: Wired, actor: Caller, publication: PublicationId, ask: m.NewSuggestion
) -> m.SuggestionShown:
    """For an author to accept or decline; nothing changes by it."""
    found = visible(parts, actor, publication)
    made = suggestions.suggest(parts, actor, found.id, ask.field, ask.after, ask.note)
    return m.SuggestionShown.model_validate(made)


@ROUTER.post(
    "/publications/{publication}/suggestions/{suggestion}/accept",
    responses=_PLAIN,
    summary="Accept a suggestion",
)
def accept_suggestion(
    parts: Wired, actor: Caller, publication: PublicationId, suggestion: Id
) -> m.SuggestionShown:
    """The record gets the value; 409 when its place was changed since."""
    found = visible(parts, actor, publication)
    suggestions.accept(parts, actor, found.id, suggestion)
    return m.SuggestionShown.model_validate(_one(parts, found.id, suggestion))


@ROUTER.post(
    "/publications/{publication}/suggestions/{suggestion}/decline",
    responses=_PLAIN,
    summary="Decline a suggestion",
)
def decline_suggestion(
    parts: Wired, actor: Caller, publication: PublicationId, suggestion: Id
) -> m.SuggestionShown:
    """The record stays as it is."""
    found = visible(parts, actor, publication)
    suggestions.decline(parts, actor, found.id, suggestion)
    return m.SuggestionShown.model_validate(_one(parts, found.id, suggestion))


@ROUTER.post(
    "/publications/{publication}/suggestions/{suggestion}/take-back",
    responses=_PLAIN,
    summary="Take your suggestion back",
)
def take_back_suggestion(
    parts: Wired, actor: Caller, publication: PublicationId, suggestion: Id
) -> m.SuggestionShown:
    """While nobody has decided on it."""
    found = visible(parts, actor, publication)
    suggestions.take_back(parts, actor, found.id, suggestion)
    return m.SuggestionShown.model_validate(_one(parts, found.id, suggestion))


def _one(parts: Wired, publication: str, suggestion: str) -> Suggestion:
    return next(s for s in suggestions.of(parts, publication) if s.id == suggestion)


@ROUTER.post("/bulks", status_code=201, responses=_CHANGES, summary="Plan one decision on many")
def plan_bulk(parts: Wired, actor: Caller, ask: m.NewBulk) -> m.BulkShown:
    """Says for which it is possible, and why not for the others; nothing is done yet."""
    permissions.require_site("queue", actor.roles)
    for key in ask.publications:
        visible(parts, actor, key)
    return _bulk(bulk.prepare(parts, actor, ask.action, ask.publications))


@ROUTER.get("/bulks/{bulk_id}", responses=troubles(404, 422), summary="What became of it")
def read_bulk(parts: Wired, actor: Caller, bulk_id: Id) -> m.BulkShown:
    """Your own only."""
    return _bulk(bulk.get(parts, actor, bulk_id))


@ROUTER.post("/bulks/{bulk_id}/carry-out", responses=_CHANGES, summary="Do it for each")
def carry_out_bulk(parts: Wired, actor: Caller, bulk_id: Id, given: m.BulkGiven) -> m.BulkShown:
    """Each row for itself; one failure stops no other. Called twice it does each thing once."""
    said = Given(given.reason, given.reviewer, given.label)
    return _bulk(bulk.carry_out(parts, actor, bulk_id, said, count=given.count))


def _bulk(plan: Bulk) -> m.BulkShown:
    rows = [
        m.BulkRow(**{name: getattr(row, name) for name in m.BulkRow.model_fields})
        for row in plan.rows
    ]
    return m.BulkShown(
        id=plan.id, action=plan.action, begun=plan.begun, count=plan.count, rows=rows
    )
