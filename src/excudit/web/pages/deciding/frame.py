"""What all pages of decisions share: typed reasons, second presses, the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from excudit.domain.errors import Conflict
from excudit.domain.sentence import Sentence
from excudit.service import consequences
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.api.asks import storable
from excudit.web.visitors import Person

LONGEST_REASON = 10_000


def typed(form: FormData, name: str) -> str:
    """A text field as it was typed, line ends as "\\n"; "" when it did not come."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def wrong_text(text: str, longest: int, *, missing: str = "") -> str:
    """What is wrong with a typed text, as a sentence; "" when nothing is. `missing`: what to say
    when nothing was typed."""
    if not text.strip():
        return missing
    if len(text) > longest:
        return Sentence(
            "This has %(count)s characters; at most %(longest)s are kept.",
            count=f"{len(text):,}",
            longest=f"{longest:,}",
        )
    try:
        storable(text)
    except ValueError:
        return Sentence(
            "This holds a character that cannot be stored (NUL or half a surrogate pair)."
        )
    return ""


def home(publication: str) -> str:
    """The page of the publication itself."""
    return f"/publications/{publication}"


def told(parts: Parts, person: Person, publication: str, words: str) -> Response:
    """Back to the publication, with words of what was done."""
    shell.say(parts, person, words)
    return shell.go(parts, home(publication))


def twice(
    parts: Parts, person: Person, publication: str, action: str, refused: Conflict
) -> Response:
    """The answer to a second press of the same button: the page of the first, with friendly words.

    Raises the refusal itself when the button was not pressed before.
    """
    words = consequences.done_already(parts, publication, action)
    if not words:
        raise refused
    return told(parts, person, publication, words)


def look(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    action: str,
    page: Callable[[consequences.Standing], dict[str, Any]],
    *,
    status: int = 200,
) -> Response:
    """The page of an action that is possible now; where it has been done already, the
    publication's own page says so. What was typed is shown again (409) whatever is possible."""
    if status == 409:
        standing = consequences.as_it_is(parts, publication)
    else:
        try:
            standing = consequences.standing(parts, person.actor, publication, action)
        except Conflict as refused:
            return twice(parts, person, publication, action, refused)
    values = {"publication": standing.publication, "standing": standing, **page(standing)}
    return shell.show(request, person, values.pop("template"), values, status=status)
