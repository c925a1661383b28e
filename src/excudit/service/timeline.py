"""All that happened to a publication in one order: steps of the present run, earlier runs, events
and the mails that they caused, each only for those who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from excudit.domain.events import Event
from excudit.service import talk
from excudit.service.steps import Run, Step

EVENT_WORDS: dict[str, str] = {
    "create": "Draft begun",
    "edit": "Edited",
    "submit": "Submitted",
    "delete": "Draft deleted",
    "take_in": "Taken in for review",
    "accept": "Approved by the rule of the route",
    "send_back": "Sent back by the checks",
    "approve": "Approved",
    "return": "Returned for changes",
    "reject": "Rejected",
    "recall": "Taken back to draft",
    "cancel": "Cancelled",
    "publish": "Publishing begun",
    "stop": "Asked to stop",
    "stopped": "Stopped",
    "undo": "Publishing undone",
    "refuse": "Publishing undone: changes are needed",
    "settle": "Public",
    "retry": "Retried",
    "amend": "Amendment begun",
    "amended": "Amended everywhere",
    "new_version": "New version begun",
    "withdraw": "Withdrawal begun",
    "tombstone": "Withdrawn",
    "published": "Published, and seen by a stranger",
    "attention": "Stands still: needs a person",
    "out_of_sync": "Out of sync",
    "cleanup_pending": "Something outside is still to be removed",
    "solved": "Solved",
    "comment": "Comment",
    "collaborate": "Collaborator added",
    "uncollaborate": "Collaborator taken off",
    "archive": "Hidden from the owner's list",
    "unarchive": "Back in the owner's list",
    "assign": "Reviewer set",
    "label": "Label set",
    "suggest": "Change suggested",
    "restore": "Older draft restored",
    "copy": "Copied",
    "schedule": "Publish date set",
    "preview": "Preview link made",
    "revoke_preview": "Preview link revoked",
    "overdue": "Not published on its date: needs a person",
    "resend_mail": "Mail sent again",
    "remind": "Reminded",
    "gate_opened": "Waits for an answer",
    "gate_answered": "Answered",
    "followed_up": "Followed up at a further target",
    "fixity": "Files read again and compared",
    "given_back": "Given back to its owner's place",
    "intake": "Begun by itself: it was ready at its source",
}
_TOLD = ("reviewer", "user", "label", "about", "comment", "publish_at", "note")


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that an event caused: to whom, about what, and how far it is."""

    kind: str
    recipient: str
    status: str
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `times` of the same in a row by the same actor; `round` of the review;
    `about` are further values in words."""

    id: int
    at: datetime
    action: str
    actor: str
    reason: str
    internal: bool
    round: int
    times: int = 1
    about: tuple[str, ...] = ()
    mails: tuple[Sent, ...] = ()

    @property
    def words(self) -> str:
        """What happened."""
        return EVENT_WORDS.get(self.action, self.action.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the order: an event, a step of the present run, or a whole earlier run."""

    kind: Literal["event", "step", "run"]
    at: datetime | None
    event: Told | None = None
    step: Step | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was before the present run, and what is of it. `cut`: there are older events than
    these."""

    earlier: tuple[Entry, ...] = ()
    present: tuple[Entry, ...] = ()
    cut: bool = False
    runs: tuple[Run, ...] = field(default_factory=tuple)


def told(
    newest_first: Sequence[Event],
    mails: Iterable[Mapping[str, Any]],
    *,
    sees_internal: bool,
    last_round: int,
) -> list[Told]:
    """Events first to last as people read them, edits in a row as one, each with its round."""
    sent: dict[int, list[Sent]] = {}
    for m in mails:
        one = Sent(m["kind"], m["recipient"], m["status"], m["sent_at"], m["error"])
        sent.setdefault(m["event"], []).append(one)
    found: list[Told] = []
    number = last_round
    for event in newest_first:
        if sees_internal or not talk.internal(event):
            found.append(_told(event, number, sent.get(event.id, ())))
        if event.action == "take_in":
            number = max(0, number - 1)
    return _in_a_row(reversed(found))


def _told(event: Event, number: int, sent: Iterable[Sent]) -> Told:
    said = (event.details.get(name) for name in _TOLD)
    return Told(
        id=event.id,
        at=event.at,
        action=event.action,
        actor=event.actor,
        reason=event.reason,
        internal=talk.internal(event),
        round=number,
        about=tuple(v for v in said if isinstance(v, str) and v),
        mails=tuple(sent),
    )


def _in_a_row(first_to_last: Iterable[Told]) -> list[Told]:
    found: list[Told] = []
    for event in first_to_last:
        last = found[-1] if found else None
        if (
            last is not None
            and event.action == last.action == "edit"
            and event.actor == last.actor
            and not event.reason
        ):
            found[-1] = Told(
                event.id, event.at, "edit", event.actor, "", internal=False, round=event.round,
                times=last.times + 1,
            )  # fmt: skip
        else:
            found.append(event)
    return found


def merged(events: Sequence[Told], runs: Sequence[Run], *, cut: bool) -> Timeline:
    """Events, runs and steps in the order of time; the last run with its steps, ahead ones last,
    everything before it folded away."""
    earlier_runs, present = list(runs[:-1]), runs[-1] if runs else None
    begun = present.begun_at if present else None
    before = [e for e in events if begun is not None and e.at < begun]
    since = [e for e in events if begun is None or e.at >= begun]
    earlier = [Entry("event", e.at, event=e) for e in before]
    earlier += [Entry("run", r.begun_at, run=r) for r in earlier_runs]
    now = [Entry("event", e.at, event=e) for e in since]
    steps = present.steps if present else ()
    now += [Entry("step", s.begun_at, step=s) for s in steps if s.begun_at is not None]
    ahead = [Entry("step", None, step=s) for s in steps if s.begun_at is None]
    return Timeline(
        earlier=tuple(sorted(earlier, key=_moment)),
        present=(*sorted(now, key=_moment), *ahead),
        cut=cut,
        runs=tuple(runs),
    )


def _moment(entry: Entry) -> tuple[Any, int]:
    # What a person did comes before what it began at the same moment.
    return entry.at, ("event", "run", "step").index(entry.kind)
