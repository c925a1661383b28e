"""What screens, the API and the command line show; reading only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from excudit.domain import lifecycle, permissions
from excudit.domain.errors import NotFound
from excudit.domain.model import LISTED, Actor
from excudit.domain.publication import Publication, Sight
from excudit.domain.words import Status
from excudit.service import acts, talk, wording
from excudit.service.parts import Parts
from excudit.store import deposits, events, gates, mails, publications, runs, snapshots
from excudit.store.database import Connection
from excudit.store.gates import Asked

NEXT: dict[str, str] = {
    "draft": "The owner completes and submits it.",
    "submitted": "The service freezes and checks it.",
    "in_review": "A reviewer approves, returns or rejects it.",
    "changes_requested": "The owner mends it and submits again.",
    "approved": "It can be published.",
    "publishing": "The service publishes it; nothing to do.",
    "rejected": "Nothing.",
    "cancelled": "Nothing.",
    "published": "Nothing.",
    "withdrawn": "Nothing.",
}


def brief(
    parts: Parts, publication: Publication, *, called: Status | None = None
) -> dict[str, Any]:
    """A publication as a row of a list; `called`: its status, where the run was looked at, too."""
    called = called or wording.status(parts, publication)
    return {
        "id": publication.id,
        "title": publication.title,
        "route": publication.route,
        "state": publication.state,
        "state_words": publication.words,
        "health": publication.health,
        "status": called.word if called else publication.words,
        "status_meaning": called.meaning if called else "",
        "status_code": called.code if called else "",
        "owner": publication.owner,
        "version": publication.version,
        "edition": publication.edition,
        "created_at": publication.created_at,
        "updated_at": publication.updated_at,
    }


def detail(parts: Parts, publication: str, actor: Actor) -> dict[str, Any]:
    """All that a person may want to know of one publication. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
        now = acts.situation(connection, parts, found, actor)
        roles = acts.roles_of(connection, actor, found)
        refusal = wording.refusals(parts, connection, found)
        return {
            "offers": wording.offers(parts, connection, found),
            **brief(parts, found, called=wording.status_now(parts, connection, found)),
            "next": NEXT[found.state],
            "publish_at": found.publish_at,
            "published_at": found.published_at,
            "withdrawn_at": found.withdrawn_at,
            "withdrawn_reason": found.withdrawn_reason,
            "landing_url": parts.landing_url(found.slug) if found.page_open else "",
            "doi": deposits.doi_of(connection, found.id),
            "identifiers": deposits.identifiers(connection, found.id),
            "deposits": [_deposit(d) for d in deposits.of(connection, found.id)],
            "datasets": [{"source": p.source, "ref": p.ref, "title": p.title} for p in found.parts],
            "files": frozen.files if frozen else 0,
            "bytes": frozen.bytes if frozen else 0,
            "digest": frozen.digest if frozen else "",
            "versions": [
                {"id": v.id, "version": v.version, "state": v.state}
                for v in publications.versions(connection, found.concept)
            ],
            "record": dict(found.record),
            "run": _run(connection, found),
            "actions": {
                t.action: {
                    "label": wording.button(parts, found.route, t.action, t.label),
                    "why_not": lifecycle.refusal(t.action, now, roles, ask=True)
                    or refusal(t.action),
                }
                for t in lifecycle.TRANSITIONS
                if t.roles != {"service"}
            }
            | {
                "export": {
                    "label": wording.button(parts, found.route, "export", "Download the data"),
                    "why_not": permissions.refusal("export", found.state, roles)
                    or refusal("export"),
                }
            },
        }


def _deposit(deposit: Any) -> dict[str, Any]:
    return {
        "target": deposit.target,
        "remote_id": deposit.remote_id,
        "state": deposit.state,
        "url": deposit.url,
        "doi": deposit.doi,
        "doi_state": deposit.doi_state,
    }


def _run(connection: Connection, publication: Publication) -> dict[str, Any] | None:
    every = runs.of(connection, publication.id)
    return shown_run(connection, every[-1]) if every else None


def shown_run(connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """A run with the state of each of its steps, as timelines draw it."""
    tried: dict[str, list[dict[str, Any]]] = {}
    for attempt in runs.attempts(connection, row["id"]):
        tried.setdefault(attempt["step"], []).append(attempt)
    gated = any(step.get("gate") for step in row["steps"])
    every = gates.of(connection, row["publication"]) if gated else []
    asked = {g.key: g for g in every if g.chain == runs.chain_of(row)}
    return {
        "id": row["id"],
        "plan": row["plan"],
        "status": row["status"],
        "position": row["position"],
        "begun_at": row["begun_at"],
        "ended_at": row["ended_at"],
        "next_try_at": row["next_try_at"],
        "past_final": row["past_final"],
        "error": row["error"],
        "steps": [
            _shown_gate(shown_step(s, tried.get(s["key"], [])), asked.get(s["key"]))
            for s in row["steps"]
        ],
    }


def _shown_gate(step: dict[str, Any], gate: Asked | None) -> dict[str, Any]:
    """A gate tells of its question what other steps tell of their attempts."""
    if gate is None:
        return step
    status = {"yes": "ok", "no": "no"}.get(gate.verdict, "asked" if gate.open else "ahead")
    return {**step, "status": status, "begun_at": gate.opened_at, "ended_at": gate.answered_at}


def shown_step(step: Mapping[str, Any], tried: list[dict[str, Any]]) -> dict[str, Any]:
    """A step with what its attempts, first to last, came to."""
    forward = [a for a in tried if not a["undoing"]]
    back = [a for a in tried if a["undoing"]]
    # What was undone still shows why: the error of the way forward.
    last = next(reversed(forward or back), None)
    outcome = (last or {}).get("outcome") or {}
    status = last["status"] if last else "ahead"
    if back:
        status = "undone" if back[-1]["status"] == "ok" else "undoing"
    return {
        "key": step["key"],
        "title": step["title"],
        "target": step.get("target", ""),
        "final": step.get("final", ""),
        "status": status,
        "attempts": len(forward),
        "begun_at": tried[0]["begun_at"] if tried else None,
        "ended_at": tried[-1]["ended_at"] if tried else None,
        "done": last["done"] if last else 0,
        "total": last["total"] if last else 0,
        "unit": last["unit"] if last else "",
        "error": outcome.get("error"),
        "result": outcome.get("result"),
    }


def timeline(
    parts: Parts, publication: str, actor: Actor, *, after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """The events of a publication that the actor may see, first to last: all, or `limit` of those
    after the number `after`."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        sees = talk.sees_internal(acts.roles_of(connection, actor, found))
        return [
            {
                "id": e.id,
                "at": e.at,
                "actor": e.actor,
                "action": e.action,
                "before": e.before,
                "after": e.after,
                "reason": e.reason,
                "run": e.run,
                "details": dict(e.details),
            }
            for e in events.of(connection, publication, internal=sees, after=after, limit=limit)
        ]


def sent_mails(
    parts: Parts,
    publication: str,
    actor: Actor,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The mails of a publication and how far they are, without their text, and without those of
    internal notes that the actor may not see: all, or a page as of `mails.listed`."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        sees = talk.sees_internal(acts.roles_of(connection, actor, found))
        rows = mails.listed(
            connection, publication, internal=sees, after=after, before=before, limit=limit
        )
    return [{k: v for k, v in row.items() if k != "event"} for row in rows]


def sight(parts: Parts, actor: Actor) -> Sight:
    """Whose publications the actor may see."""
    judges = {"reviewer", "curator", "admin", "service"}
    if actor.roles & judges:
        return Sight(actor.name, everything=True)
    routes = (r for r in parts.settings.routes if permissions.roles_on(actor.roles, r) & judges)
    return Sight(actor.name, routes=tuple(routes))


def listing(
    parts: Parts,
    actor: Actor,
    *,
    state: str | None = None,
    health: str | None = None,
    route: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Publication]:
    """The publications that the actor may see, newest change first."""
    with parts.database.read() as connection:
        return publications.listing(
            connection,
            state=state,
            health=health,
            route=route,
            sight=sight(parts, actor),
            after=after,
            limit=limit,
        )


def files(
    parts: Parts, publication: str, *, after: int = -1, limit: int = 100
) -> list[dict[str, Any]]:
    """A page of a publication's frozen files, each with its position."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        if found.snapshot is None:
            return []
        frozen = snapshots.get(connection, found.snapshot)
        return [
            {
                "position": position,
                "path": entry.path,
                "size": entry.size,
                "sha256": "" if entry.media_type == LISTED else entry.sha256,
                "media_type": "" if entry.media_type == LISTED else entry.media_type,
            }
            for position, entry in snapshots.page_of(
                connection, frozen.files_of, after=after, limit=limit
            )
        ]


def public(parts: Parts, slug: str) -> tuple[Publication, dict[str, Any]]:
    """What a stranger may read of a publication: its frozen record, name, files and versions.

    Raises NotFound while its page is not open.
    """
    with parts.database.read() as connection:
        found = publications.by_slug(connection, slug)
        if not found.page_open or found.snapshot is None:
            raise NotFound("There is no such page.")
        frozen = snapshots.get(connection, str(found.snapshot))
        names = deposits.identifiers(connection, found.id)
        return found, {
            "record": dict(frozen.record),
            "doi": deposits.doi_of(connection, found.id),
            "doi_findable": any(n["state"] == "findable" for n in names),
            "files": frozen.files,
            "bytes": frozen.bytes,
            "files_of": frozen.files_of,
            "landing_url": parts.landing_url(found.slug),
            "deposits": [_deposit(d) for d in deposits.of(connection, found.id)],
            "versions": [
                {
                    "version": v.version,
                    "url": parts.landing_url(v.slug),
                    "id": v.id,
                    "withdrawn": v.withdrawn_at is not None,
                }
                for v in publications.versions(connection, found.concept)
                if v.page_open
            ],
        }
