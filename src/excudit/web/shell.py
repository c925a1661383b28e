"""What every private page has around it: menu, who is signed in, words shown once, the mark that
forms carry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from excudit.domain import permissions
from excudit.domain.sentence import Sentence
from excudit.service import wording
from excudit.service.parts import Parts
from excudit.store.publications import now
from excudit.web import rendering
from excudit.web.visitors import Person, Visitor, remember

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PRIVATE = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache"}
MENU = (
    # path, words, what the site must allow ("" = everybody who is signed in)
    ("/desk", "Your desk", ""),
    ("/publications/new", "New publication", ""),
    ("/basket", "Basket", ""),
    ("/queue", "Review queue", "queue"),
    ("/operations", "Operations", "operate"),
)

ROLE_WORDS = {"admin": "Admin", "curator": "Curator", "reviewer": "Reviewer"}
NO_ROLE = "Author"


def show(
    request: Request,
    who: Person | Visitor,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Response:
    """A page for somebody: `template` below templates/pages, with the shell's own values.

    `quiet` writes nothing: what is to be said once is said on the next page instead.
    """
    parts: Parts = request.app.state.parts
    said = [] if quiet else _said(parts, who)
    around = {
        "csrf": who.csrf,
        "actor": who.actor,
        "ends_in": _ends_in(who),
        "role_words": role_words(who.actor.roles) if who.actor else [],
        "menu": _menu(who),
        "here": request.url.path,
        "said": said,
        # A form came back with problems: the title says so.
        "failed": status == 422,
        "target_called": parts.settings.target_title,
        "source_called": parts.settings.source_title,
        "status_of": partial(wording.status, parts),
        "in_part": request.headers.get("hx-request") == "true",
    }
    return rendering.page(
        f"pages/{template}",
        parts.settings.site,
        {**around, **values},
        status=status,
        headers={**PRIVATE, **(headers or {})},
    )


def _ends_in(who: Person | Visitor) -> int:
    """Seconds until who is signed in has to sign in again."""
    if who.session is None or who.actor is None:
        return 0
    return max(0, int((who.session.expires_at - now()).total_seconds()))


def _menu(who: Person | Visitor) -> list[tuple[str, str]]:
    roles = who.actor.roles if who.actor else frozenset()
    signed_in = who.actor is not None
    return [
        (path, words)
        for path, words, needs in MENU
        if signed_in and (not needs or permissions.may(needs, roles))
    ]


def role_words(roles: Collection[str]) -> list[str]:
    """The roles of a person as words; who has none asks for publications of their own."""
    held = permissions.anywhere(roles)
    return [words for role, words in ROLE_WORDS.items() if role in held] or [NO_ROLE]


def say(parts: Parts, who: Person, words: str) -> None:
    """Show these words once, on the next page that this browser sees."""
    kept = words.as_data() if isinstance(words, Sentence) and words.values else str(words)
    with_more = [*who.session.kept.get("said", ()), kept]
    remember(parts, who.session, {**who.session.kept, "said": with_more})


def _said(parts: Parts, who: Person | Visitor) -> list[str]:
    if who.session is None or not who.session.kept.get("said"):
        return []
    remember(parts, who.session, {k: v for k, v in who.session.kept.items() if k != "said"})
    return [Sentence.from_data(words) for words in who.session.kept["said"]]


def go(parts: Parts, path: str) -> Response:
    """On to another page of ours, by GET."""
    return RedirectResponse(rendering.root(parts.settings.site) + path, 303, dict(PRIVATE))
