"""One function per verb: what people and programs can do with a publication.

Every function takes the wired parts and the actor, does its work in one transaction, and raises
NotFound, Denied, Conflict or Rejected. A verb that starts a run only queues it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Rejected
from excudit.domain.model import Actor
from excudit.domain.problem import Problem, blocking
from excudit.domain.publication import Frozen, Publication
from excudit.domain.sentence import Sentence
from excudit.metadata import datacite_json
from excudit.service import acts, drafts, following, resume
from excudit.service.beginnings import copy as copy
from excudit.service.beginnings import create as create
from excudit.service.beginnings import new_version as new_version
from excudit.service.beginnings import submit_in as submit_in
from excudit.service.checking import check_json
from excudit.service.frozen import snapshot_of
from excudit.service.merged import main_title
from excudit.service.parts import Parts
from excudit.store import publications, runs, snapshots


def edit(
    parts: Parts,
    actor: Actor,
    publication: str,
    record: Mapping[str, Any],
    *,
    edition: int | None = None,
) -> Publication:
    """Replace the draft record, which may be incomplete. Nothing is lost on a conflict.

    With `edition` the change is refused with Conflict when somebody else changed it since.
    """
    return drafts.replace(parts, actor, publication, record, edition=edition)


def submit(
    parts: Parts, actor: Actor, publication: str, *, edition: int | None = None
) -> Publication:
    """Ask for publication: the dataset is held, frozen and checked. Raises Conflict when another
    work holds the dataset, and when the draft is not of this `edition`, where one is given."""
    with parts.database.write() as connection:
        return submit_in(connection, parts, actor, publication, edition=edition)


def approve(
    parts: Parts, actor: Actor, publication: str, *, digest: str = "", reason: str = ""
) -> Publication:
    """Say yes to what was frozen, and start publishing where the route says so; a publish date
    that has not come yet is waited for.

    `digest`, when given, must be the digest that the reviewer saw. `reason` is what the reviewer
    says along with it.
    """
    with parts.database.write() as connection:
        return approve_in(connection, parts, actor, publication, digest=digest, reason=reason)


def approve_in(
    connection: Any,
    parts: Parts,
    actor: Actor,
    publication: str,
    *,
    digest: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> Publication:
    """`approve` inside the caller's transaction."""
    frozen = _as_seen(connection, publication, digest)
    approved = acts.act(
        connection,
        parts,
        actor,
        publication,
        "approve",
        reason=reason,
        details=details,
        approved_digest=frozen.digest if frozen else "",
    )
    if parts.route(approved.route).publish == "auto" and not approved.waits(publications.now()):
        return publish_in(connection, parts, actor, publication, by_service=True)
    return approved


def _as_seen(connection: Any, publication: str, digest: str) -> Frozen | None:
    """What is frozen. Raises Conflict when somebody decides on something else than that."""
    found = publications.get(connection, publication, lock=True)
    frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
    if digest and digest != (frozen.digest if frozen else ""):
        raise Conflict(
            "What you decided on is not what is frozen now.",
            hint="Look at the changes and decide again.",
        )
    return frozen


def publish(parts: Parts, actor: Actor, publication: str, *, digest: str = "") -> Publication:
    """Start what cannot be taken back. Pressing twice starts it once: the second raises
    Conflict.

    `digest`, when given, must be that of what was approved. Raises Conflict before a publish date
    that was set: it is lifted first.
    """
    with parts.database.write() as connection:
        seen = publications.get(connection, publication, lock=True)
        if seen.state == "approved" and seen.waits(publications.now()):
            raise Conflict(
                Sentence(
                    "It is to be published on %(publish_at)s UTC, not before.",
                    publish_at=format(seen.publish_at, "%Y-%m-%d %H:%M"),
                ),
                hint="Lift the publish date first, or wait for it.",
            )
        if seen.state == "approved" and digest and digest != seen.approved_digest:
            raise Conflict(
                "What you saw is not what is approved now.",
                hint="Look at it again and decide again.",
            )
        return publish_in(connection, parts, actor, publication)


def publish_in(
    connection: Any, parts: Parts, actor: Actor, publication: str, *, by_service: bool = False
) -> Publication:
    """`publish` inside the caller's transaction; `by_service` when a rule, an approval or a date
    asks. The publish date is taken off with it: it must begin nothing a second time."""
    who = replace(actor, roles=actor.roles | {"service"}) if by_service else actor
    at = publications.get(connection, publication, lock=True).publish_at
    details = {"publish_at": at.isoformat()} if at else None
    going = acts.act(
        connection, parts, who, publication, "publish", details=details, publish_at=None
    )
    acts.start(connection, parts, going, "publish", actor=actor)
    return publications.get(connection, publication)


def turn_down(
    parts: Parts, actor: Actor, publication: str, action: str, reason: str, *, digest: str = ""
) -> Publication:
    """Return ("return") or reject ("reject") with a reason that the owner reads.

    `digest`, when given, must be the digest that the reviewer saw.
    """
    with parts.database.write() as connection:
        return turn_down_in(connection, parts, actor, publication, action, reason, digest=digest)


def turn_down_in(
    connection: Any,
    parts: Parts,
    actor: Actor,
    publication: str,
    action: str,
    reason: str,
    *,
    digest: str = "",
    details: Mapping[str, Any] | None = None,
) -> Publication:
    """`turn_down` inside the caller's transaction."""
    _as_seen(connection, publication, digest)
    before = publications.get(connection, publication, lock=True)
    after = acts.act(connection, parts, actor, publication, action, reason=reason, details=details)
    if after.state == "rejected":
        publications.unclaim(connection, after)
    publications.set_health(connection, publication, "idle")
    acts.give_back(connection, parts, before, actor=actor)
    return publications.get(connection, publication)


def step_back(parts: Parts, actor: Actor, publication: str, action: str) -> Publication:
    """The owner's own way back: "recall" from review, "cancel", or "delete" of a draft."""
    with parts.database.write() as connection:
        before = publications.get(connection, publication, lock=True)
        after = acts.act(connection, parts, actor, publication, action)
        if after.state == "cancelled":
            publications.unclaim(connection, after)
        if action == "delete":
            publications.remove(connection, publication)
        publications.set_health(connection, publication, "idle")
        acts.give_back(connection, parts, before, actor=actor)
        return publications.get(connection, publication)


def stop(parts: Parts, actor: Actor, publication: str) -> Publication:
    """Ask the run to stop and undo what it did; possible until something is public."""
    with parts.database.write() as connection:
        acts.act(connection, parts, actor, publication, "stop")
        run = runs.active(connection, publication)
        if run is not None:
            runs.change(connection, run["id"], stop_requested=True)
            if run["status"] == "parked" or runs.at_gate(run):
                resume.backward(connection, parts, actor, run)
        after = publications.get(connection, publication)
    if run is not None:
        parts.client.try_now(run["id"])
    return after


def retry(parts: Parts, actor: Actor, publication: str) -> Publication:
    """Let a parked run go on at the step where it stands, or a waiting one try now."""
    with parts.database.write() as connection:
        acts.act(connection, parts, actor, publication, "retry")
        run = runs.active(connection, publication)
        if run is None:
            following.retry(connection, parts, actor, publication)
        elif run["status"] == "parked":
            resume.forward(connection, parts, actor, run)
        after = publications.get(connection, publication)
    if run is not None:
        parts.client.try_now(run["id"])
    return after


def amend(
    parts: Parts,
    actor: Actor,
    publication: str,
    record: Mapping[str, Any],
    reason: str,
    *,
    base: str = "",
) -> Publication:
    """Change the public metadata, with a reason. Raises Rejected with all problems, of the record
    and of every target, before anything is changed.

    `base`, when given, is the digest of what was changed: Conflict when somebody else changed it
    since.
    """
    must_be_complete(parts, publication, record)
    with parts.database.write() as connection:
        after = acts.act(
            connection, parts, actor, publication, "amend", reason=reason, record=dict(record)
        )
        if after.snapshot is None:
            raise Conflict("This publication has no snapshot to amend.")
        frozen = snapshots.get(connection, after.snapshot)
        if base and base != frozen.digest:
            raise Conflict(
                "The public record was changed meanwhile.",
                hint="Compare with what is public now, and send it again.",
            )
        before = _public_before(connection, publication) or frozen.id
        new = snapshots.refreeze(connection, frozen, record)
        publications.change(
            connection,
            publication,
            snapshot=new.id,
            approved_digest=new.digest,
            title=main_title(record),
        )
        acts.start(
            connection,
            parts,
            after,
            "amend",
            actor=actor,
            given={"reason": reason, "before": before},
        )
        amended = publications.get(connection, publication)
    following.forget_set_aside(parts, publication)
    return amended


def _public_before(connection: Any, publication: str) -> str:
    """The snapshot that was public before an amendment that stands still; "" when none does."""
    run = runs.active(connection, publication)
    return str(run["given"].get("before", "")) if run and run["plan"] == "amend" else ""


def must_be_complete(parts: Parts, publication: str, record: Mapping[str, Any]) -> None:
    """Raises Rejected with all problems that new public metadata have, by the record's own rules
    and by every target's. No side effect."""
    problems: list[Problem] = check_json(record)
    if not blocking(problems):
        standing, snapshot = snapshot_of(parts, publication)
        meant = replace(snapshot, record=datacite_json.from_rest(record))
        for name in parts.route(standing.route).targets:
            problems += parts.target(name).check(meant)
    if blocking(problems):
        raise Rejected(
            "The new metadata has problems.",
            problems=tuple(dict.fromkeys(problems)),
            hint="Mend them; what is public stays as it is.",
        )


def withdraw(parts: Parts, actor: Actor, publication: str, reason: str) -> Publication:
    """Take it back from the public, with a reason; a tombstone stays."""
    with parts.database.write() as connection:
        after = acts.act(connection, parts, actor, publication, "withdraw", reason=reason)
        acts.start(connection, parts, after, "withdraw", actor=actor, given={"reason": reason})
        going = publications.get(connection, publication)
    following.forget_set_aside(parts, publication)
    return going


def visible(parts: Parts, actor: Actor, publication: str) -> Publication:
    """One publication that the actor may see; what one may not see is not there (NotFound)."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        roles = acts.roles_of(connection, actor, found)
    if permissions.refusal("view", found.state, roles) is not None:
        raise publications.absent(publication)
    return found
