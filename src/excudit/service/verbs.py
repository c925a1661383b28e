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
from excudit.domain.publication import Part, Publication
from excudit.metadata import datacite_json
from excudit.service import acts, resume
from excudit.service.checking import check_json
from excudit.service.frozen import snapshot_of
from excudit.service.once import Once
from excudit.service.parts import Parts
from excudit.service.prefill import prefilled
from excudit.store import deposits, publications, runs, snapshots


def create(
    parts: Parts,
    actor: Actor,
    route: str,
    ref: str,
    *,
    record: Mapping[str, Any] | None = None,
    submitting: bool = False,
    once: Once | None = None,
) -> Publication:
    """A new draft for a dataset of the route's source, prefilled from it; with `submitting` also
    submitted, both or neither.

    `record` (DataCite REST JSON) is taken as it is instead of the prefilled one. With `once` a
    repeated call answers what the first one made. Without it a call is not idempotent, but a
    dataset is held by one work only: submitting it again raises Conflict with the holder.
    """
    if once is not None:
        with parts.database.read() as connection:
            made = once.made(connection, actor)
        if made is not None:
            return made
    rules = parts.route(route)
    dataset = parts.source(rules.source).look(ref)
    moment, key = publications.now(), publications.new_id()
    draft = dict(record) if record is not None else prefilled(rules, dataset)
    fresh = Publication(
        id=key,
        slug=publications.new_slug(),
        route=route,
        owner=actor.name,
        owner_email=actor.email,
        title=_title(draft) or dataset.title,
        state="draft",
        health="idle",
        concept=key,
        version=1,
        created_at=moment,
        updated_at=moment,
        record=draft,
        edited=record is not None,
        parts=(Part(rules.source, dataset.ref, dataset.title, dataset.revision),),
    )
    with parts.database.write() as connection:
        made = once.bind(connection, actor, fresh.id) if once is not None else None
        if made is not None:
            return made
        publications.add(connection, fresh)
        acts.tell(connection, parts, fresh, actor=actor, action="create")
        if submitting:
            return submit_in(connection, parts, actor, fresh.id)
    return fresh


def _title(record: Mapping[str, Any]) -> str:
    titles = record.get("titles")
    for title in titles if isinstance(titles, list | tuple) else ():
        if isinstance(title, dict) and title.get("title") and not title.get("titleType"):
            return str(title["title"])
    return ""


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
    with parts.database.write() as connection:
        before = publications.get(connection, publication, lock=True)
        if edition is not None and edition != before.edition:
            raise Conflict(
                f"The record was changed meanwhile (edition {before.edition}, you have {edition}).",
                hint="Read it again, compare, and send your change with the new ETag.",
            )
        return acts.act(
            connection,
            parts,
            actor,
            publication,
            "edit",
            record=dict(record),
            title=_title(record) or before.title,
            edited=True,
        )


def submit(parts: Parts, actor: Actor, publication: str) -> Publication:
    """Ask for publication: the dataset is held, frozen and checked. Raises Conflict when another
    work holds the dataset."""
    with parts.database.write() as connection:
        return submit_in(connection, parts, actor, publication)


def submit_in(connection: Any, parts: Parts, actor: Actor, publication: str) -> Publication:
    """`submit` inside the caller's transaction."""
    asked = acts.act(connection, parts, actor, publication, "submit")
    publications.claim(connection, asked)
    acts.start(connection, parts, asked, "take-in", actor=actor)
    return publications.get(connection, publication)


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
    seen = publications.get(connection, publication, lock=True)
    frozen = snapshots.get(connection, seen.snapshot) if seen.snapshot else None
    if frozen and digest and digest != frozen.digest:
        raise Conflict(
            "What you approved is not what is frozen now.",
            hint="Look at the changes and decide again.",
        )
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
                f"It is to be published on {seen.publish_at:%Y-%m-%d %H:%M} UTC, not before.",
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
    parts: Parts, actor: Actor, publication: str, action: str, reason: str
) -> Publication:
    """Return ("return") or reject ("reject") with a reason that the owner reads."""
    with parts.database.write() as connection:
        return turn_down_in(connection, parts, actor, publication, action, reason)


def turn_down_in(
    connection: Any,
    parts: Parts,
    actor: Actor,
    publication: str,
    action: str,
    reason: str,
    details: Mapping[str, Any] | None = None,
) -> Publication:
    """`turn_down` inside the caller's transaction."""
    after = acts.act(connection, parts, actor, publication, action, reason=reason, details=details)
    if after.state == "rejected":
        publications.unclaim(connection, after)
    publications.set_health(connection, publication, "idle")
    return publications.get(connection, publication)


def step_back(parts: Parts, actor: Actor, publication: str, action: str) -> Publication:
    """The owner's own way back: "recall" from review, "cancel", or "delete" of a draft."""
    with parts.database.write() as connection:
        after = acts.act(connection, parts, actor, publication, action)
        if after.state == "cancelled":
            publications.unclaim(connection, after)
        if action == "delete":
            publications.remove(connection, publication)
        publications.set_health(connection, publication, "idle")
        return publications.get(connection, publication)


def stop(parts: Parts, actor: Actor, publication: str) -> Publication:
    """Ask the run to stop and undo what it did; possible until something is public."""
    with parts.database.write() as connection:
        acts.act(connection, parts, actor, publication, "stop")
        run = runs.active(connection, publication)
        if run is not None:
            runs.change(connection, run["id"], stop_requested=True)
            if run["status"] == "parked":
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
        if run is not None and run["status"] == "parked":
            resume.forward(connection, parts, actor, run)
        after = publications.get(connection, publication)
    if run is not None:
        parts.client.try_now(run["id"])
    return after


def amend(
    parts: Parts, actor: Actor, publication: str, record: Mapping[str, Any], reason: str
) -> Publication:
    """Change the public metadata, with a reason. Raises Rejected with all problems, of the record
    and of every target, before anything is changed."""
    _must_be_complete(parts, publication, record)
    with parts.database.write() as connection:
        after = acts.act(
            connection, parts, actor, publication, "amend", reason=reason, record=dict(record)
        )
        if after.snapshot is None:
            raise Conflict("This publication has no snapshot to amend.")
        frozen = snapshots.get(connection, after.snapshot)
        new = snapshots.refreeze(connection, frozen, record)
        publications.change(
            connection,
            publication,
            snapshot=new.id,
            approved_digest=new.digest,
            title=_title(record),
        )
        acts.start(connection, parts, after, "amend", actor=actor, given={"reason": reason})
        return publications.get(connection, publication)


def _must_be_complete(parts: Parts, publication: str, record: Mapping[str, Any]) -> None:
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


def new_version(parts: Parts, actor: Actor, publication: str) -> Publication:
    """A draft for the next version of the same dataset, prefilled from this one and naming it as
    the version before (IsNewVersionOf).

    Raises Conflict when a newer version exists already, or is under way.
    """
    with parts.database.write() as connection:
        old = acts.act(connection, parts, actor, publication, "new_version")
        every = publications.versions(connection, old.concept)
        newest = [v for v in every if v.state not in ("cancelled", "rejected")][-1]
        if newest.id != old.id:
            there = newest.state in ("published", "withdrawn")
            raise Conflict(
                f"Version {newest.version} {'exists' if there else 'is under way'} already.",
                hint=f"Go on with {newest.id}.",
            )
        moment = publications.now()
        fresh = Publication(
            id=publications.new_id(),
            slug=publications.new_slug(),
            route=old.route,
            owner=actor.name,
            owner_email=actor.email,
            title=old.title,
            state="draft",
            health="idle",
            concept=old.concept,
            version=every[-1].version + 1,
            previous=old.id,
            created_at=moment,
            updated_at=moment,
            record=_after(old.record, deposits.doi_of(connection, old.id)),
            edited=True,
            parts=old.parts,
        )
        publications.add(connection, fresh)
        acts.tell(connection, parts, fresh, actor=actor, action="create")
        return fresh


def _after(record: Mapping[str, Any], doi: str) -> dict[str, Any]:
    """The record of the version that follows the one named by `doi`."""
    before = {
        "relatedIdentifier": doi,
        "relatedIdentifierType": "DOI",
        "relationType": "IsNewVersionOf",
    }
    others = [
        r
        for r in record.get("relatedIdentifiers") or ()
        if r.get("relationType") != "IsNewVersionOf"
    ]
    return {**record, "relatedIdentifiers": [*others, *([before] if doi else [])]}


def withdraw(parts: Parts, actor: Actor, publication: str, reason: str) -> Publication:
    """Take it back from the public, with a reason; a tombstone stays."""
    with parts.database.write() as connection:
        after = acts.act(connection, parts, actor, publication, "withdraw", reason=reason)
        acts.start(connection, parts, after, "withdraw", actor=actor, given={"reason": reason})
        return publications.get(connection, publication)


def visible(parts: Parts, actor: Actor, publication: str) -> Publication:
    """One publication that the actor may see; what one may not see is not there (NotFound)."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        roles = acts.roles_of(connection, actor, found)
    if permissions.refusal("view", found.state, roles) is not None:
        raise publications.absent(publication)
    return found
