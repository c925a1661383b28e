"""Which mails people want at once, in a daily digest, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.service.mail import EVENTS
from excudit.service.parts import Parts
from excudit.store import mail_choices

CHOICES: dict[str, str] = {"now": "At once", "digest": "Daily digest", "off": "Off"}


def chosen(parts: Parts, actor: Actor) -> dict[str, str]:
    """The actor's choice for every kind of mail."""
    with parts.database.read() as connection:
        stored = mail_choices.get(connection, actor.name)
    return {kind: _counts(kind, stored.get(kind, "now")) for kind in EVENTS}


def _counts(kind: str, choice: str) -> str:
    return "now" if choice not in CHOICES or (choice == "off" and EVENTS[kind].must) else choice


def choose(parts: Parts, actor: Actor, choices: Mapping[str, str]) -> dict[str, str]:
    """Choose for some kinds of mail; the others stay. It counts for mails from now on.

    Raises Rejected with all problems; nothing is changed then.
    """
    problems = [p for kind, choice in choices.items() for p in _wrong(kind, choice)]
    if problems:
        raise Rejected(
            "These choices are not possible.", problems=tuple(problems), hint="Choose others."
        )
    with parts.database.write() as connection:
        stored = mail_choices.get(connection, actor.name)
        after = {**stored, **choices}
        kept = {kind: c for kind, c in after.items() if c != "now" and kind in EVENTS}
        mail_choices.put(connection, actor.name, kept)
    return chosen(parts, actor)


def _wrong(kind: str, choice: str) -> list[Problem]:
    if kind not in EVENTS:
        return [Problem(kind[:50], "There is no such mail.")]
    if choice not in CHOICES:
        return [
            Problem(
                kind,
                "This is no choice.",
                Sentence("Choose one of %(names)s.", names=", ".join(CHOICES)),
            )
        ]
    if choice == "off" and EVENTS[kind].must:
        return [
            Problem(kind, Sentence("This mail cannot be off. %(must)s", must=EVENTS[kind].must))
        ]
    return []
