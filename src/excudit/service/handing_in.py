"""Documents that people and programs hand in, and the publication of the dataset they make: new,
again, or as the next version, but never a second one beside the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from excudit.domain.errors import Conflict, Denied, Unsupported
from excudit.domain.model import Actor, Dataset
from excudit.domain.publication import Publication
from excudit.ports import Guarded, Receiving
from excudit.service import acts, beginnings, drafts, verbs
from excudit.service.parts import Parts
from excudit.service.prefill import prefilled
from excudit.store import publications, snapshots, whereabouts
from excudit.store.database import Connection

UNDER_WAY = ("submitted", "in_review", "approved", "publishing")


def receiving(parts: Parts, route: str) -> Receiving:
    """The source of a route, where it keeps what is handed in. Raises NotFound, Unsupported."""
    source = parts.source(parts.route(route).source)
    if not isinstance(source, Receiving):
        raise Unsupported(
            f"Nothing can be handed in at {source.name}.",
            hint="Choose one of its datasets instead.",
        )
    return source


def receive(
    parts: Parts, actor: Actor, route: str, documents: Mapping[str, bytes], *, ref: str = ""
) -> Dataset:
    """Keep documents at the route's source; see `ports.Receiving`.

    Raises Conflict while their dataset is being published: what was submitted must stay.
    """
    source = receiving(parts, route)
    if ref:
        _must_rest(parts, route, ref)
    return source.receive(documents, actor=actor, ref=ref)


def _must_rest(parts: Parts, route: str, ref: str) -> None:
    held = newest(parts, route, ref)
    if held is not None and held.state in UNDER_WAY and not _failed(held):
        raise Conflict(f"{ref} is being published as {held.id}.", hint="Wait until that has ended.")


def look(parts: Parts, actor: Actor, route: str, ref: str) -> Dataset:
    """A dataset of the route's source that the actor may see. Raises NotFound."""
    return beginnings.look(parts.source(parts.route(route).source), actor, ref)


def newest(parts: Parts, route: str, ref: str) -> Publication | None:
    """The publication that counts for a dataset of the route's source; None = none yet."""
    with parts.database.read() as connection:
        return whereabouts.of_dataset(connection, route, parts.route(route).source, ref)


def may_begin(parts: Parts, held: Publication, ref: str) -> bool:
    """Whether `put_forward` would begin something now, as far as can be told before."""
    if held.state in ("draft", "changes_requested") or _failed(held):
        return held.health != "running"
    public = held.state in ("published", "withdrawn") and held.health == "idle"
    return public and _changed(parts, held, ref)


def put_forward(parts: Parts, actor: Actor, route: str, ref: str) -> Publication:
    """Have a dataset published as it is now: for the first time, again after it failed, or as the
    next version when it changed since.

    Whoever owns or shares a document that was handed in may do so, whoever began it.
    Raises NotFound, Denied, and Conflict where this is being done or was done already.
    """
    held = newest(parts, route, ref)
    if held is None:
        return beginnings.create(parts, actor, route, ref, submitting=True)
    mine = _entitled(parts, actor, route, ref)
    if held.state in ("draft", "changes_requested"):
        return verbs.submit(parts, mine, held.id)
    if held.state == "approved" and _failed(held):
        if _changed(parts, held, ref):
            _refreshed(parts, mine, verbs.step_back(parts, mine, held.id, "recall"), ref)
            return verbs.submit(parts, mine, held.id)
        return verbs.publish(parts, mine, held.id)
    if held.state in ("published", "withdrawn"):
        if held.health == "idle" and _changed(parts, held, ref):
            draft = verbs.new_version(parts, mine, held.id)
            _refreshed(parts, mine, draft, ref)
            return verbs.submit(parts, mine, draft.id)
        raise Conflict(f"{ref} is published already as {held.id}.", hint="Nothing changed since.")
    raise Conflict(f"{ref} is being published as {held.id}.", hint="Wait until that has ended.")


def _failed(held: Publication) -> bool:
    return held.state == "approved" and held.health in ("needs_attention", "idle")


def _entitled(parts: Parts, actor: Actor, route: str, ref: str) -> Actor:
    """The actor with the powers of an owner over what is theirs at the source: only where whoever
    sees a document is one of its owners, as with those that are handed in."""
    source = parts.source(parts.route(route).source)
    if not (isinstance(source, Receiving) and isinstance(source, Guarded)):
        return actor
    if not source.sees(ref, actor=actor):
        raise Denied("You do not have permission to access this resource.")
    return replace(actor, roles=actor.roles | {"admin"})


def _changed(parts: Parts, held: Publication, ref: str) -> bool:
    current = parts.source(parts.route(held.route).source).look(ref)
    with parts.database.read() as connection:
        return held.snapshot is None or _frozen(connection, held) != current.revision


def _frozen(connection: Connection, held: Publication) -> str:
    return snapshots.get(connection, str(held.snapshot)).revision


def _refreshed(parts: Parts, actor: Actor, draft: Publication, ref: str) -> None:
    """The record of the dataset as it is now; what links versions stays."""
    rules = parts.route(draft.route)
    record = prefilled(rules, parts.source(rules.source).look(ref))
    kept = [
        r
        for r in draft.record.get("relatedIdentifiers") or ()
        if isinstance(r, Mapping) and r.get("relationType") == "IsNewVersionOf"
    ]
    if kept:
        record["relatedIdentifiers"] = [*record.get("relatedIdentifiers", ()), *kept]
    drafts.replace(parts, actor, draft.id, record, note="The dataset as it is now")


def retry(parts: Parts, actor: Actor, publication: str) -> Publication:
    """`verbs.retry` by whoever may see the dataset at its source."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        roles = acts.roles_of(connection, actor, found)
    if roles & {"owner", "collaborator"}:
        return verbs.retry(parts, actor, publication)
    mine = _entitled(parts, actor, found.route, found.parts[0].ref)
    return verbs.retry(parts, mine, publication)
