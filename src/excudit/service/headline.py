"""One sentence on how a publication stands, and what locks it.

Sentences are kept with their values apart, so that a catalogue can translate them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from excudit.domain.publication import Publication
from excudit.service.acting import Who
from excudit.service.steps import Run

WHO_WORDS: dict[Who, str] = {
    "owner": "The owner",
    "reviewer": "The reviewer",
    "reviewers": "The reviewers",
    "operators": "The operators of this service",
    "outside": "Somebody outside",
    "service": "This service",
    "nobody": "Nobody",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with places for its values, `%(name)s`."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values


def headline(
    publication: Publication, run: Run | None, *, acting: bool, called: Mapping[str, str]
) -> Said:
    """How it stands now; `acting` when the reader is who acts next, `called` has names of people by
    account."""
    if run is not None and run.ended_at is None:
        return _of_run(publication, run, acting)
    if publication.health == "needs_attention" and publication.state in _MENDED:
        return Said(_MENDED[publication.state])
    if run is not None and run.question is not None and publication.state == "published":
        return Said("Published. It waits for an answer: %(step)s.", {"step": run.question.title})
    if publication.health == "cleanup_pending":
        return Said("Not published. What was begun outside is still being removed.")
    waits = "you" if acting else "others"
    if publication.state == "in_review" and not publication.reviewer:
        return Said(_UNTAKEN[waits], {"round": publication.round})
    text = _STATES.get((publication.state, waits)) or _STATES[(publication.state, "others")]
    values = {
        "owner": called.get(publication.owner, publication.owner),
        "reviewer": called.get(publication.reviewer, publication.reviewer) or "a reviewer",
        "round": publication.round,
    }
    return Said(text, values)


_MENDED: dict[str, str] = {
    "changes_requested": "Sent back by the checks: something must be mended first. "
    "Nothing was published.",
    "approved": "Publishing was undone. Nothing is public.",
}
_UNTAKEN: dict[str, str] = {
    "you": "Submitted, round %(round)s: take the review, or decide at once.",
    "others": "Submitted, round %(round)s: it waits for a reviewer to take it.",
}
_STATES: dict[tuple[str, str], str] = {
    ("draft", "you"): "A draft: complete it and submit it.",
    ("draft", "others"): "A draft: %(owner)s completes and submits it.",
    ("submitted", "others"): "Submitted: it is being frozen and checked. Nothing for you to do.",
    ("in_review", "you"): "In review, round %(round)s: approve, return or reject it.",
    ("in_review", "others"): "In review, round %(round)s: %(reviewer)s decides.",
    ("changes_requested", "you"): "Returned to you: make the changes and submit it again.",
    ("changes_requested", "others"): "Returned: %(owner)s makes changes and submits it again.",
    ("approved", "you"): "Approved: publish it when you are ready.",
    ("approved", "others"): "Approved: %(owner)s publishes it.",
    ("publishing", "others"): "Publishing. Nothing for you to do.",
    ("published", "others"): "Published. Nothing more to do.",
    ("withdrawn", "others"): "Withdrawn: a page with the reason stays.",
    ("rejected", "others"): "Rejected: it is over.",
    ("cancelled", "others"): "Cancelled: it is over.",
}


def _of_run(publication: Publication, run: Run, acting: bool) -> Said:
    here = run.here
    values = {
        "doing": run.words,
        "step": _lowered(here.title) if here else "",
        "number": here.number if here else 1,
        "of": len(run.steps),
        "cause": _cause(run),
    }
    if run.plan != "cleanup" and run.stop_requested and run.active:
        return Said("Stopping: what was done is being undone. Nothing for you to do.")
    if run.cleanup and run.active:
        return Said("Nothing is public. What was begun outside is being removed.")
    if run.status == "queued":
        return Said("%(doing)s: it waits for its turn. Nothing for you to do.", values)
    if run.question is not None:
        text = "%(doing)s waits for an answer, step %(number)s of %(of)s: %(step)s."
        return Said(text, values)
    if run.status == "waiting":
        text = "%(doing)s waits at step %(number)s of %(of)s, %(step)s: %(cause)s"
        return Said(text + " It tries again by itself.", values)
    if run.status == "parked":
        return _parked(publication, acting, run.committed, values)
    text = "%(doing)s: %(step)s, step %(number)s of %(of)s. Nothing for you to do."
    return Said(text, values)


def _parked(
    publication: Publication, acting: bool, committed: bool, values: Mapping[str, Any]
) -> Said:
    where = " at step %(number)s of %(of)s, %(step)s: %(cause)s"
    end = " Retry, or ask for help." if acting else ""
    committed = committed or publication.state in ("published", "withdrawn")
    if publication.health == "out_of_sync":
        return Said("Out of sync: %(doing)s stands still" + where + end, values)
    text = "%(doing)s stands still" + where
    if committed:
        return Said(text + end, values)
    open_page = " Only its landing page here is open." if publication.page_open else ""
    return Said(text + (open_page or " Nothing is public.") + end, values)


def _lowered(title: str) -> str:
    """A step's title within a sentence."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _cause(run: Run) -> str:
    here = run.here
    trouble = (here.trouble if here else None) or run.trouble
    return trouble.message if trouble else "the cause is not known."


def lock(publication: Publication, run: Run | None, called: Mapping[str, str]) -> Said | None:
    """Why it cannot be edited, by what and since when; None when it can."""
    since = publication.waiting_since or publication.updated_at
    if run is not None and run.ended_at is None:
        by = called.get(run.began_by, run.began_by)
        text = "Locked by the run “%(doing)s” of %(by)s since %(since)s."
        return Said(text, {"doing": run.words, "by": by, "since": _time(run.begun_at)})
    if publication.state in ("draft", "changes_requested"):
        return None
    values = {
        "state": publication.words,
        "since": _time(since),
        "reviewer": called.get(publication.reviewer, publication.reviewer),
    }
    if publication.state == "in_review" and publication.reviewer:
        return Said("Locked for review by %(reviewer)s since %(since)s.", values)
    if publication.state in ("in_review", "approved"):
        return Said("Locked: %(state)s since %(since)s.", values)
    if publication.state in ("published", "withdrawn"):
        return Said("Locked: what is public is not edited. It is amended, with a reason.")
    return Said("Locked: %(state)s since %(since)s.", values)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
