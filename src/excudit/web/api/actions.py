"""The verbs: each is one call on a publication, and each answers the publication after it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Response

from excudit.service import verbs
from excudit.web.api.asks import Amendment, Approval, Because, PublicationId, TurnedDown
from excudit.web.api.models import PublicationShown
from excudit.web.api.publications import tagged
from excudit.web.api.represent import address, visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import ETAG, LOCATION, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/publications/{publication}", tag="actions")

_BODIES = (400, 413, 415)
_REFUSED = (403, 404, 409, 422)
_BEGINS: dict[str, Any] = {"status_code": 202, "responses": {202: ETAG, **troubles(*_REFUSED)}}
_BEGINS_WITH_BODY: dict[str, Any] = {
    "status_code": 202,
    "responses": {202: ETAG, **troubles(*_REFUSED, *_BODIES)},
}
_DECIDES: dict[str, Any] = {"responses": {200: ETAG, **troubles(*_REFUSED, *_BODIES)}}
_GOES_BACK: dict[str, Any] = {"responses": {200: ETAG, **troubles(*_REFUSED)}}


@ROUTER.post("/submit", summary="Submit", **_BEGINS)
def submit(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Ask for publication: the dataset is held, frozen and checked against every target."""
    found = visible(parts, actor, publication)
    verbs.submit(parts, actor, found.id)
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/approve", summary="Approve", **_BEGINS_WITH_BODY)
def approve(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    approval: Annotated[Approval | None, Body()] = None,
) -> PublicationShown:
    """Say yes to what was frozen; publishing starts where the route says so."""
    found = visible(parts, actor, publication)
    said = approval or Approval()
    verbs.approve(parts, actor, found.id, digest=said.digest, reason=said.reason.strip())
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/return", summary="Return to the owner", **_DECIDES)
def give_back(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId, no: TurnedDown
) -> PublicationShown:
    """Send it back for changes, with a reason that the owner reads."""
    found = visible(parts, actor, publication)
    verbs.turn_down(parts, actor, found.id, "return", no.reason, digest=no.digest)
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/reject", summary="Reject", **_DECIDES)
def reject(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId, no: TurnedDown
) -> PublicationShown:
    """Refuse it for good, with a reason that the owner reads."""
    found = visible(parts, actor, publication)
    verbs.turn_down(parts, actor, found.id, "reject", no.reason, digest=no.digest)
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/recall", summary="Take back from review", **_GOES_BACK)
def recall(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Back to a draft, to change it."""
    found = visible(parts, actor, publication)
    verbs.step_back(parts, actor, found.id, "recall")
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/cancel", summary="Cancel", **_GOES_BACK)
def cancel(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Give it up; the dataset is free again."""
    found = visible(parts, actor, publication)
    verbs.step_back(parts, actor, found.id, "cancel")
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/publish", summary="Publish", **_BEGINS_WITH_BODY)
def publish(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    approval: Annotated[Approval | None, Body()] = None,
) -> PublicationShown:
    """Start what cannot be taken back; with `digest`, exactly this. Called twice it starts once:
    the second gets 409, as does a call before the publish date."""
    found = visible(parts, actor, publication)
    verbs.publish(parts, actor, found.id, digest=approval.digest if approval else "")
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/stop", summary="Stop and undo", **_BEGINS)
def stop(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Ask the run to stop and take back what it did; possible until something is public."""
    found = visible(parts, actor, publication)
    verbs.stop(parts, actor, found.id)
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/retry", summary="Retry", **_BEGINS)
def retry(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Let a run that stands still go on at the step where it stands."""
    found = visible(parts, actor, publication)
    verbs.retry(parts, actor, found.id)
    return tagged(parts, actor, found.id, response)


@ROUTER.post("/amend", summary="Amend the public metadata", **_BEGINS_WITH_BODY)
def amend(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    amendment: Amendment,
) -> PublicationShown:
    """New metadata for what is public; refused with all problems before anything changes."""
    found = visible(parts, actor, publication)
    verbs.amend(parts, actor, found.id, amendment.record, amendment.reason)
    return tagged(parts, actor, found.id, response)


@ROUTER.post(
    "/new-version",
    summary="Begin a new version",
    status_code=201,
    responses={201: LOCATION, **troubles(*_REFUSED)},
)
def new_version(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """A draft for the next version of the same dataset, prefilled from this one."""
    found = visible(parts, actor, publication)
    made = verbs.new_version(parts, actor, found.id)
    response.headers["Location"] = address(parts, "publications", made.id)
    return tagged(parts, actor, made.id, response)


@ROUTER.post("/withdraw", summary="Withdraw", **_BEGINS_WITH_BODY)
def withdraw(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId, because: Because
) -> PublicationShown:
    """Take it back from the public, with a reason that everybody reads; a tombstone stays."""
    found = visible(parts, actor, publication)
    verbs.withdraw(parts, actor, found.id, because.reason)
    return tagged(parts, actor, found.id, response)
