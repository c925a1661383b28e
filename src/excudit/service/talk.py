"""Who works on a publication together, and what they say to each other.

The thread is append-only. What is internal is between those who review: owners and collaborators
never see it, whatever other roles they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Denied, Rejected
from excudit.domain.events import Event
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.domain.storable import UNSTORABLE
from excudit.metadata.field_words import FIELDS, label, pieces
from excudit.service import acts, wording
from excudit.service.parts import Parts
from excudit.store import collaborators as people
from excudit.store import comments as stored
from excudit.store import publications
from excudit.store.database import Connection

LONGEST = 10_000
FIELD_LONGEST = 300
_JUDGES = frozenset({"reviewer", "curator", "admin", "service"})


@dataclass(frozen=True, slots=True)
class Comment:
    """One thing said. `called` is the author's name where it is known; `field` is a JSON pointer
    into the record and `about` the same in words, "" for the whole."""

    id: str
    at: datetime
    author: str
    called: str
    text: str
    internal: bool
    field: str
    about: str
    round: int


@dataclass(frozen=True, slots=True)
class Collaborator:
    """Somebody who works on a publication with its owner."""

    user: str
    called: str
    added_by: str
    added_at: datetime


def sees_internal(roles: Collection[str]) -> bool:
    """Whether somebody with these roles towards a publication may read what is internal to its
    review."""
    return bool(_JUDGES.intersection(roles)) and not {"owner", "collaborator"}.intersection(roles)


def internal(event: Event) -> bool:
    """Whether this event is among reviewers only."""
    return event.details.get("internal") is True


def comments(
    parts: Parts, actor: Actor, publication: str, *, after: str = "", limit: int = 200
) -> list[Comment]:
    """The thread first to last, without what the actor may not see. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        internal = sees_internal(acts.roles_of(connection, actor, found))
        rows = stored.of(connection, publication, internal=internal, after=after, limit=limit)
        called = people.full_names(connection, (r["author"] for r in rows))
    return [_comment(row, found, called) for row in rows]


def newest(parts: Parts, actor: Actor, publication: str, *, limit: int) -> list[Comment]:
    """The last ones of the thread, first to last, as `comments`."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        internal = sees_internal(acts.roles_of(connection, actor, found))
        rows = stored.newest(connection, publication, internal=internal, limit=limit)
        called = people.full_names(connection, (r["author"] for r in rows))
    return [_comment(row, found, called) for row in rows]


def _comment(
    row: Mapping[str, Any], publication: Publication, called: Mapping[str, str]
) -> Comment:
    about = label(row["field"], publication.record) if row["field"] else ""
    known = {k: row[k] for k in ("id", "at", "author", "text", "internal", "field", "round")}
    return Comment(**known, called=called.get(row["author"], row["author"]), about=about)


def comment(
    parts: Parts,
    actor: Actor,
    publication: str,
    text: str,
    *,
    internal: bool = False,
    field: str = "",
) -> Comment:
    """Say something, to everybody or with `internal` among reviewers; `field` is what it is about
    (JSON pointer). Not idempotent. Raises NotFound, Denied, or Rejected with all problems."""
    said = text.replace("\r\n", "\n").strip()
    _must_be_sound(said, field)
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        roles = acts.roles_of(connection, actor, found)
        permissions.require("note" if internal else "comment", found.state, roles)
        if internal and not sees_internal(roles):
            raise Denied("Internal notes are among reviewers; this is your own publication.")
        row = stored.append(
            connection,
            publication,
            author=actor.name,
            text=said,
            internal=internal,
            field=field,
            in_round=found.round,
        )
        about = label(field, found.record) if field else ""
        details = {"comment": said, "about": about, "internal": internal, "id": row["id"]}
        acts.tell(connection, parts, found, actor=actor, action="comment", details=details)
        called = people.full_names(connection, [actor.name])
    return _comment(row, found, called)


def _must_be_sound(text: str, field: str) -> None:
    problems = []
    if not text:
        problems.append(Problem("/text", "There is no text.", "Write what you want to say."))
    if len(text) > LONGEST:
        problems.append(
            Problem(
                "/text",
                Sentence(
                    "The text has %(count)s characters; %(longest)s are the most.",
                    count=len(text),
                    longest=LONGEST,
                ),
            )
        )
    if UNSTORABLE.search(text) or UNSTORABLE.search(field):
        problems.append(
            Problem("/text", "A text holds a NUL character or half a surrogate pair.", "Remove it.")
        )
    first = pieces(field)[:1]
    if field and (first == [] or first[0] not in FIELDS or len(field) > FIELD_LONGEST):
        problems.append(Problem("/field", "There is no such field.", "Choose one of the list."))
    if problems:
        raise Rejected("The comment was not taken.", problems=tuple(problems))


def fields(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a comment may be about: pairs of pointer and words, each entry of a list on its own."""
    found: list[tuple[str, str]] = []
    for member in FIELDS:
        entries = record.get(member)
        several = isinstance(entries, list) and len(entries) > 1
        found.append((f"/{member}", FIELDS[member] + (", all" if several else "")))
        if isinstance(entries, list) and several:
            places = [f"/{member}/{n}" for n in range(min(len(entries), 50))]
            found += [(place, label(place, record)) for place in places]
    return [(place, words) for place, words in found if place not in ("/doi", "/url")]


def collaborators(parts: Parts, publication: str) -> list[Collaborator]:
    """Who works on it beside the owner, first to last. Raises NotFound."""
    with parts.database.read() as connection:
        publications.get(connection, publication)
        return collaborators_in(connection, publication)


def collaborators_in(connection: Connection, publication: str) -> list[Collaborator]:
    """`collaborators` inside the caller's transaction."""
    rows = people.of(connection, publication)
    called = people.full_names(connection, (r["user"] for r in rows))
    return [
        Collaborator(r["user"], called.get(r["user"], r["user"]), r["added_by"], r["added_at"])
        for r in rows
    ]


def collaborate(parts: Parts, actor: Actor, publication: str, who: str) -> str:
    """Let somebody, by account name or e-mail address, work on it; returns the account. Adding
    again changes nothing. Raises NotFound, Denied or Conflict."""
    wanted = who.strip()
    if not wanted or len(wanted) > 320 or UNSTORABLE.search(wanted):
        raise Rejected(
            "Nobody was named.",
            problems=(Problem("/who", "Write an account name or an e-mail address."),),
        )
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        roles = acts.roles_of(connection, actor, found)
        permissions.require("collaborate", found.state, roles)
        user = people.whom(connection, wanted)
        if user == found.owner:
            raise Conflict(Sentence("%(user)s is the owner already.", user=user))
        if people.add(connection, publication, user, by=actor.name):
            _told(connection, parts, found, actor, "collaborate", user)
    return user


def leave_out(parts: Parts, actor: Actor, publication: str, user: str) -> None:
    """Let somebody no longer work on it; whoever collaborates may also leave. Gone already = done.
    Raises NotFound, Denied or Conflict."""
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        roles = acts.roles_of(connection, actor, found)
        if not (user == actor.name and "collaborator" in roles):
            permissions.require("collaborate", found.state, roles)
        if people.remove(connection, publication, user):
            _told(connection, parts, found, actor, "uncollaborate", user)


def _told(
    connection: Connection, parts: Parts, found: Publication, actor: Actor, action: str, user: str
) -> None:
    acts.tell(connection, parts, found, actor=actor, action=action, details={"user": user})


def archive(parts: Parts, actor: Actor, publication: str, *, archived: bool) -> Publication:
    """Hide it from its owner's own list, or show it again; nobody else sees a difference. So
    already = done. Raises NotFound, Denied or Conflict."""
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        permissions.require("archive", found.state, acts.roles_of(connection, actor, found))
        wording.require(parts, connection, found, "archive")
        if found.archived != archived:
            publications.change(connection, publication, archived=archived)
            action = "archive" if archived else "unarchive"
            acts.tell(connection, parts, found, actor=actor, action=action)
        return publications.get(connection, publication)
