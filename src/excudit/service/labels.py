"""Labels: status words that curators define. A label is never a state, and cannot be called so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, NotFound, Rejected
from excudit.domain.lifecycle import HEALTHS, STATE_WORDS, STATES
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.store import labels, publications, queue, site_events
from excudit.store.database import Connection

LONGEST = 60
LONGEST_MEANING = 1_000
RESERVED = frozenset(
    word.replace("_", " ").casefold() for word in (*STATES, *STATE_WORDS.values(), *HEALTHS)
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


def define(parts: Parts, actor: Actor, name: str, meaning: str = "") -> str:
    """A new label; returns its name as kept. Raises Denied, Rejected or Conflict."""
    permissions.require_site("define_labels", actor.roles)
    kept = _sound(name)
    with parts.database.write() as connection:
        other = labels.find(connection, kept)
        if other is not None:
            raise Conflict(
                Sentence("There is a label %(other)s already.", other=other["name"]),
                hint="Bring it back into use." if other["retired_at"] else "Use that one.",
            )
        labels.add(connection, kept, _meaning(meaning), by=actor.name)
        _note(connection, actor, "define_label", kept, meaning=meaning)
    return kept


def _sound(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST or _CONTROL.search(kept):
        raise Rejected(
            Sentence(
                "A label has 1 to %(longest)s characters, without control characters.",
                longest=LONGEST,
            ),
            hint='Such as "waits for the data officer".',
        )
    if kept.replace("_", " ").casefold() in RESERVED:
        raise Rejected(
            Sentence("%(kept)s is the word for a state, so it cannot be a label.", kept=kept),
            hint="Choose a word that nobody takes for where the publication stands.",
        )
    return kept


def _meaning(meaning: str) -> str:
    if len(meaning) > LONGEST_MEANING or "\x00" in meaning:
        raise Rejected(
            Sentence(
                "A meaning has at most %(longest_meaning)s characters.",
                longest_meaning=LONGEST_MEANING,
            )
        )
    return meaning.strip()


def describe(parts: Parts, actor: Actor, name: str, meaning: str) -> None:
    """Say anew what a label means. Raises NotFound, Denied or Rejected."""
    permissions.require_site("define_labels", actor.roles)
    with parts.database.write() as connection:
        kept = _known(connection, name)["name"]
        labels.change(connection, kept, meaning=_meaning(meaning))
        _note(connection, actor, "describe_label", kept, meaning=meaning)


def retire(parts: Parts, actor: Actor, name: str) -> None:
    """Let nobody set it any more; those that have it keep it. Idempotent."""
    _use(parts, actor, name, retired=True)


def restore(parts: Parts, actor: Actor, name: str) -> None:
    """Let a retired label be set again. Idempotent."""
    _use(parts, actor, name, retired=False)


def _use(parts: Parts, actor: Actor, name: str, *, retired: bool) -> None:
    permissions.require_site("define_labels", actor.roles)
    with parts.database.write() as connection:
        label = _known(connection, name)
        if bool(label["retired_at"]) != retired:
            moment = publications.now() if retired else None
            labels.change(connection, label["name"], retired_at=moment)
            _note(connection, actor, "retire_label" if retired else "restore_label", label["name"])


def delete(parts: Parts, actor: Actor, name: str) -> None:
    """Delete one that was never used. Raises Conflict for others: they can only be retired."""
    permissions.require_site("define_labels", actor.roles)
    with parts.database.write() as connection:
        kept = _known(connection, name)["name"]
        if labels.used(connection, kept):
            raise Conflict(
                Sentence(
                    "%(kept)s stands in the history of publications, so it cannot be deleted.",
                    kept=kept,
                ),
                hint="Retire it: then nobody can set it any more.",
            )
        labels.remove(connection, kept)
        _note(connection, actor, "delete_label", kept)


def _known(connection: Connection, name: str) -> dict[str, Any]:
    label = labels.find(connection, name)
    if label is None:
        raise NotFound(
            Sentence("There is no label %(name)s.", name=name[:LONGEST]),
            hint="/labels lists them all.",
        )
    return label


def _note(connection: Connection, actor: Actor, action: str, name: str, **details: str) -> None:
    site_events.append(connection, actor=actor.name, action=action, about=name, details=details)


def every(parts: Parts) -> list[dict[str, Any]]:
    """All labels by name: name, meaning, created_by, created_at, retired_at, used."""
    with parts.database.read() as connection:
        return labels.every(connection)


def names(parts: Parts) -> list[str]:
    """The names of all labels, retired ones included."""
    with parts.database.read() as connection:
        return labels.names(connection)


def put(parts: Parts, actor: Actor, publication: str, label: str, comment: str = "") -> Publication:
    """Give the publication a label, "" = take it off. The same again without a comment changes
    nothing. Raises NotFound, Denied or Conflict."""
    with parts.database.write() as connection:
        return put_in(connection, parts, actor, publication, label, comment)


def put_in(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    publication: str,
    label: str,
    comment: str = "",
    details: Mapping[str, Any] | None = None,
) -> Publication:
    """`put` inside the caller's transaction."""
    before = publications.get(connection, publication, lock=True)
    permissions.require("label", before.state, acts.roles_of(connection, actor, before))
    name = settable(connection, label, had=before.label) if label else ""
    if name == before.label and not comment.strip():
        return before
    queue.set_label(connection, publication, name)
    labels.put(connection, publication, name, by=actor.name, comment=comment.strip())
    acts.tell(
        connection,
        parts,
        before,
        actor=actor,
        action="label",
        reason=comment.strip(),
        details={"label": name, "was": before.label, **(details or {})},
    )
    return publications.get(connection, publication)


def settable(connection: Connection, label: str, *, had: str = "") -> str:
    """The label's own spelling. Raises NotFound, or Conflict for a retired one."""
    known = _known(connection, label)
    if known["retired_at"] and known["name"] != had:
        raise Conflict(
            Sentence("The label %(known)s is retired.", known=known["name"]), hint="Choose another."
        )
    return str(known["name"])


def history(parts: Parts, publication: str) -> list[dict[str, Any]]:
    """Every label that it got or lost, newest first: at, actor, label, comment."""
    with parts.database.read() as connection:
        return labels.history(connection, publication)
