"""Pages about the service itself: accessibility, help."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.lifecycle import HEALTHS, STATE_WORDS, TRANSITIONS, Health, State
from excudit.service.queries import NEXT
from excudit.web import shell
from excudit.web.visitors import Visiting

ROUTER = APIRouter(include_in_schema=False)

HEALTH_MEANINGS: dict[Health, str] = {
    "idle": "Nothing is under way.",
    "running": "The service is at work. You need not wait for it: the work goes on without you.",
    "waiting": "Another service did not answer or asked to wait. The next try comes by itself.",
    "needs_attention": "It stands still until somebody decides. Its page says who, and why.",
    "out_of_sync": "It is public in one place and not yet told in another. Operators reconcile it.",
    "cleanup_pending": "It was given up, and something begun outside is still to be removed.",
}
ROLES = {
    "owner": "owner",
    "collaborator": "collaborator",
    "reviewer": "reviewer",
    "curator": "curator",
    "admin": "admin",
}
KEYS = (
    # What a person presses, and what happens.
    ("Tab", "goes to the next link, button or field; the first stop is “Skip to content”"),
    ("Enter", "follows a link or presses a button"),
    ("Space", "ticks a box or presses a button"),
    ("↑ ↓", "go through the names that a field offers; Enter takes one"),
    ("Ctrl S", "saves the form at once; it saves itself when you pause"),
    ("Esc", "closes a list or a dialog and changes nothing"),
)


@ROUTER.get("/help")
def guide(request: Request, visiting: Visiting) -> Response:
    """What the states mean, who acts next, the keys, and whom to ask."""
    values = {
        "states": [(s, STATE_WORDS[s], NEXT[s], _actions(s)) for s in STATE_WORDS],
        "healths": [(h, HEALTH_MEANINGS[h]) for h in HEALTHS],
        "keys": KEYS,
    }
    return shell.show(request, visiting, "about-help.html", values)


def _actions(state: State) -> list[tuple[str, list[str]]]:
    """What people can do in a state, and in which role; the service's own steps are left out."""
    return [
        (row.label, [words for role, words in ROLES.items() if role in row.roles])
        for row in TRANSITIONS
        if state in row.before and row.roles != {"service"}
    ]


@ROUTER.get("/accessibility")
def accessibility(request: Request, visiting: Visiting) -> Response:
    """What these pages promise to everybody, and whom to tell when they do not keep it."""
    return shell.show(request, visiting, "about-accessibility.html", {})
