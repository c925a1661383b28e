"""Which mails somebody gets: at once, once a day, or not. Its link stands in every mail."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.sentence import Sentence
from excudit.service import mail_choices
from excudit.service.mail import EVENTS
from excudit.service.mail_choices import CHOICES
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)

TITLES: dict[str, str] = {
    "submitted": "Submitted for review",
    "assigned": "A review was given to you",
    "comment": "Somebody wrote a comment",
    "suggested": "Somebody suggests a change",
    "returned": "Returned with a reason",
    "approved": "Approved",
    "rejected": "Not accepted",
    "scheduled": "The publish date was set, moved or lifted",
    "labelled": "A label was changed",
    "invited": "You were added to a publication",
    "published": "Published",
    "amended": "The public record was updated",
    "withdrawn": "Withdrawn",
    "cancelled": "Cancelled",
    "reminder": "Reminders of what waits for you",
    "failed_before_publication": "A publication stopped",
    "failed_at_final_step": "A publication waits at its last step",
    "out_of_sync": "Published, but a record is incomplete",
    "cleanup_pending": "Something is left to clean up",
    "solved": "A trouble is over",
    "asked": "It waits for an answer from outside",
}
"""What people read for each kind of mail, in the order in which they meet them."""


@ROUTER.get("/preferences")
def page(request: Request, parts: Wired, person: SignedIn) -> Response:
    """One choice per kind of mail."""
    return _page(request, parts, person, mail_choices.chosen(parts, person.actor))


@ROUTER.post("/preferences")
def save(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Keep the choices, all or none."""
    typed = {kind: str(form[kind]) for kind in EVENTS if kind in form}
    try:
        mail_choices.choose(parts, person.actor, typed)
    except Rejected as wrong:
        stand = mail_choices.chosen(parts, person.actor)
        problems = {p.where: Sentence.joined(p.message, p.mend) for p in wrong.problems}
        return _page(request, parts, person, {**stand, **typed}, problems, status=422)
    shell.say(parts, person, "Your choices are kept. They count for mails from now on.")
    return shell.go(parts, "/preferences")


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    chosen: dict[str, str],
    problems: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    rows = [
        {
            "kind": kind,
            "title": TITLES[kind],
            "choices": [c for c in CHOICES.items() if c[0] != "off" or not EVENTS[kind].must],
            "must": EVENTS[kind].must,
            "chosen": chosen[kind],
            "error": (problems or {}).get(kind, ""),
        }
        for kind in TITLES
    ]
    values = {
        "rows": rows,
        "address": person.actor.email,
        "hour": parts.settings.mail.digest_hour,
        "problems": [
            (f"{row['kind']}", f"{row['title']}: {row['error']}") for row in rows if row["error"]
        ],
    }
    return shell.show(request, person, "preferences.html", values, status=status)
