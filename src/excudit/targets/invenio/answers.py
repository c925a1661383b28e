"""The repository's answers, told apart; HTML of a proxy in between included."""

from __future__ import annotations

import time
from typing import Any

from excudit.domain.errors import Denied, ExcuditError, RateLimited, Rejected
from excudit.domain.problem import Problem
from excudit.http import Answer

LONGEST_WAIT_S = 600.0
SLOW_BELOW = 5


def judge(answer: Answer) -> ExcuditError | None:
    """What an unwanted answer means; None = what it means anywhere."""
    if answer.status == 429 or (answer.status == 503 and answer.safe and answer.retry_after_s):
        return RateLimited(
            f"{answer.remote} asks to wait ({answer.asked}).",
            delay_s=min(answer.retry_after_s or reset_s(answer), LONGEST_WAIT_S),
            remote=answer.words,
        )
    if answer.status in {401, 403}:
        return Denied(
            f"{answer.remote} refused permission ({answer.status} to {answer.asked}).",
            hint="Check the token, its scopes deposit:write and deposit:actions, and that the"
            " record is this account's.",
            remote=words(answer),
        )
    if answer.status in {400, 412, 415, 422}:
        return refusal(answer)
    return None


def refusal(answer: Answer) -> Rejected:
    """What the repository does not like, at the fields that it names."""
    return Rejected(
        f"{answer.remote} refused ({answer.status} to {answer.asked}).",
        hint="Mend what it names, then try again.",
        remote=words(answer),
        problems=problems(answer.value),
    )


def reset_s(answer: Answer) -> float:
    """Seconds until the rate window begins anew; 0 = it did not say."""
    said = answer.headers.get("x-ratelimit-reset", "")
    return max(float(said) - time.time(), 0.0) if said.isdigit() else 0.0


def pause_s(answer: Answer) -> float:
    """Seconds to leave between requests now: none while plenty are left in the window."""
    left = answer.headers.get("x-ratelimit-remaining", "")
    if not left.isdigit() or int(left) >= SLOW_BELOW:
        return 0.0
    return min(reset_s(answer), LONGEST_WAIT_S) / (int(left) + 1)


def entries(body: Any) -> list[dict[str, Any]]:
    """The entries of `errors`; of a file it is one string."""
    told = body.get("errors") if isinstance(body, dict) else None
    if isinstance(told, str):
        return [{"field": "", "messages": [told]}]
    return [e for e in told if isinstance(e, dict)] if isinstance(told, list) else []


def message(body: Any) -> str:
    """The one sentence of an error body."""
    told = body.get("message") if isinstance(body, dict) else ""
    return told if isinstance(told, str) else ""


def problems(body: Any) -> tuple[Problem, ...]:
    """What is wrong, word for word, at the repository's own names of the fields."""
    found = []
    for entry in entries(body):
        told = entry.get("messages") or [entry.get("message") or "Refused without a word."]
        place = str(entry.get("field") or "").removeprefix("metadata.")
        found += [
            Problem(_pointer(place), f"{place}: {text}" if place else str(text),
                    "Mend this field and submit again.", rule="invenio.refused")
            for text in told
        ]  # fmt: skip
    return tuple(found)


def words(answer: Answer) -> str:
    """The repository's own sentences."""
    told = [message(answer.value), *(p.message for p in problems(answer.value))]
    if any(told) and (number := answer.headers.get("x-request-id", "")):
        told.append(f"Request {number[:100]}")
    return "\n".join(filter(None, told)) or answer.words


_PLACES = {
    "title": "/titles/0/title",
    "publication_date": "/publicationYear",
    "resource_type": "/types",
    "rights": "/rightsList",
    "license": "/rightsList",
    "description": "/descriptions",
    "related_identifiers": "/relatedIdentifiers",
}


def _pointer(place: str) -> str:
    first, *rest = place.split(".")
    if first in ("creators", "contributors") and rest and rest[0].isdigit():
        return f"/{first}/{rest[0]}"
    if first in ("creators", "contributors", "publisher", "version"):
        return f"/{first}"
    return _PLACES.get(first, "")
