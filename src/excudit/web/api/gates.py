"""Questions that a run waits with: who asks, and the answer, by people and by services."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Request, Response
from pydantic import Field

from excudit.domain.errors import Denied
from excudit.domain.problem import Problem
from excudit.service import gates, quality
from excudit.service.parts import Parts
from excudit.service.quality import Verdict
from excudit.store.gates import Asked
from excudit.web.api.asks import Ask, PublicationId, Text
from excudit.web.api.models import Answer, PublicationShown
from excudit.web.api.publications import tagged
from excudit.web.api.represent import visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import ETAG, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="gates")
_BODIES = (400, 413, 415)
Gate = Annotated[Text, Path(max_length=100, description='The gate\'s key, such as "quality".')]


class GateShown(Answer):
    """A question, and its answer where there is one."""

    key: str
    title: str
    opened_at: Annotated[datetime | None, Field(description="null: no run waits there yet.")]
    waits: Annotated[bool, Field(description="Whether a run waits for the answer now.")]
    verdict: Annotated[
        Literal["", "accepted", "rejected"], Field(description="Empty: not answered yet.")
    ]
    answered_at: datetime | None
    by: str
    words: str
    problems: list[dict[str, Any]]


class GatesShown(Answer):
    """All questions of a publication, first to last."""

    gates: list[GateShown]


class Said(Ask):
    """A place in the record and what is wrong there."""

    where: Annotated[Text, Field(max_length=500, description="JSON pointer into the record.")] = ""
    message: Annotated[Text, Field(min_length=1, max_length=2000)]


class Decision(Ask):
    """An answer; a "rejected" needs a reason."""

    verdict: Literal["accepted", "rejected"]
    reason: Annotated[Text, Field(max_length=10_000, description="The owner reads it.")] = ""
    problems: Annotated[list[Said], Field(default_factory=list, max_length=gates.MOST_PROBLEMS)]


class Recorded(Answer):
    """The answer is kept, and what follows from it has begun or begins when a run is there."""

    status: Literal["recorded"] = "recorded"
    verdict: Literal["accepted", "rejected"]


_WORDS: dict[str, Literal["", "accepted", "rejected"]] = {
    "": "",
    "yes": "accepted",
    "no": "rejected",
}


def _shown(gate: Asked) -> GateShown:
    said = gate.details if isinstance(gate.details, dict) else {}
    return GateShown(
        key=gate.key,
        title=gate.title,
        opened_at=gate.opened_at,
        waits=gate.open,
        verdict=_WORDS[gate.verdict],
        answered_at=gate.answered_at,
        by=gate.by,
        words=gate.words,
        problems=said.get("problems") or [],
    )


@ROUTER.get("/publications/{publication}/gates", summary="Questions", responses=troubles(404, 422))
def listing(parts: Wired, actor: Caller, publication: PublicationId) -> GatesShown:
    """What runs of this publication waited for, or wait for now."""
    found = visible(parts, actor, publication)
    return GatesShown(gates=[_shown(g) for g in gates.of(parts, found.id)])


@ROUTER.post(
    "/publications/{publication}/gates/{gate}",
    summary="Answer",
    status_code=202,
    responses={202: ETAG, **troubles(403, 404, 409, 422, *_BODIES)},
)
def answer(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    gate: Gate,
    decision: Decision,
) -> PublicationShown:
    """Answer for the people outside. The same answer twice is one; another one gets 409."""
    found = visible(parts, actor, publication)
    gates.answer(
        parts,
        actor,
        found.id,
        gate,
        yes=decision.verdict == "accepted",
        words=decision.reason,
        problems=[Problem(p.where, p.message) for p in decision.problems],
    )
    return tagged(parts, actor, found.id, response)


@ROUTER.post(
    "/gates/{token}",
    summary="Answer a question that was posted to you",
    responses=troubles(401, 404, 409, 422, *_BODIES),
)
def callback(
    request: Request,
    parts: Wired,
    token: Annotated[Text, Path(max_length=200, description="As it came with the question.")],
    verdict: Verdict,
) -> Recorded:
    """The address that came with a question answers it; where the question came with a bearer
    token, that is due, too. May be repeated: the same verdict is recorded once, a contradicting
    one gets 409. The answer is durable when this call answers 200."""
    asked = gates.by_token(parts, token)
    _must_be_signed(request, parts, asked)
    gates.answered(parts, asked.id, verdict.answer(), by=str(asked.asked.get("title") or asked.key))
    return Recorded(verdict="accepted" if verdict.verdict == "accepted" else "rejected")


def _must_be_signed(request: Request, parts: Parts, asked: Asked) -> None:
    due = quality.secret_of(parts, asked.publication)
    if due is None:
        return
    said = request.headers.get("authorization", "")
    if not hmac.compare_digest(said.encode(), f"Bearer {due}".encode()):
        raise Denied(
            "The bearer token that came with the question is due.",
            hint="Send it as `Authorization: Bearer …`.",
        )
