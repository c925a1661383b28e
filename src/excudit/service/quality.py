"""An outside service is asked whether a record may be published, and answers now or later."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from excudit.domain.errors import NeedsPerson, Permanent, Uncertain
from excudit.domain.problem import Problem
from excudit.domain.storable import storable
from excudit.engine.step import Call
from excudit.http import Bearer, Remote, user_agent
from excudit.metadata import datacite_json
from excudit.ports import Answer
from excudit.service import gates
from excudit.service.frozen import snapshot_of
from excudit.service.parts import Parts
from excudit.settings import Quality
from excudit.store import publications, runs
from excudit.store.gates import Asked

MOST_REASONS = 100
Text = Annotated[str, AfterValidator(storable)]
Reason = Annotated[Text, Field(max_length=gates.MOST_WORDS)]


class Named(BaseModel):
    """One problem. `where`: a JSON pointer into the record, "" = the whole; `message`: what is
    wrong with it."""

    model_config = ConfigDict(extra="ignore")

    where: Text = Field("", max_length=500)
    message: Text = Field(max_length=2000)


class Verdict(BaseModel):
    """What a quality service answers, at once or later.

    `verdict`: "accepted" or "rejected". `reasons`: in its own words, for the owner. `problems`:
    what is to be mended, each with its place in the record.
    """

    model_config = ConfigDict(extra="ignore")

    verdict: Literal["accepted", "rejected"]
    reasons: list[Reason] = Field(default_factory=list, max_length=MOST_REASONS)
    problems: list[Named] = Field(default_factory=list, max_length=gates.MOST_PROBLEMS)

    def answer(self) -> Answer:
        """The same as the answer to a gate."""
        named = [Problem(p.where, p.message).as_data() for p in self.problems]
        return Answer(
            self.verdict == "accepted",
            "\n".join(r.strip() for r in self.reasons if r.strip())[: gates.MOST_WORDS],
            {"problems": named} if named else {},
        )


def ask(parts: Parts, call: Call) -> Mapping[str, Any] | None:
    """Post the record, under one key however often it is tried; keep an answer that comes at once.

    An answer that comes later is sent to the address that is given along.
    """
    standing, snapshot = snapshot_of(parts, call.subject)
    with parts.database.read() as connection:
        run = runs.get(connection, call.run)
    assert run is not None  # the ledger knows every run that takes a step
    quality = parts.route(standing.route).quality
    if quality is None:
        raise NeedsPerson("The route asks no quality service any more.", hint="Stop this run.")
    asked = {"title": quality.title, "digest": snapshot.digest}
    with parts.database.write() as connection:
        gate, token = gates.promise(connection, run, gates.QUALITY, quality.title, asked)
    if gate.verdict and gate.closed_at is None:
        return {"state": gate.verdict}
    said = _posted(
        parts,
        quality,
        gate,
        {
            "publication": call.subject,
            "digest": snapshot.digest,
            "landing_url": snapshot.landing_url,
            "callback": f"{parts.settings.site.base_url.rstrip('/')}/api/v1/gates/{token}",
            "record": datacite_json.to_rest(snapshot.record),
        },
    )
    if said is None:
        return {"state": "asked"}
    gates.answered(parts, gate.id, said, by=quality.title)
    return {"state": "yes" if said.yes else "no"}


def secret_of(parts: Parts, publication: str) -> str | None:
    """The bearer token that the quality service of its route must show; None where none is due."""
    with parts.database.read() as connection:
        route = publications.get(connection, publication).route
    known = parts.settings.routes.get(route)
    token = known.quality.token if known and known.quality else None
    return token.read().get_secret_value() if token else None


def _posted(
    parts: Parts, quality: Quality, gate: Asked, question: Mapping[str, Any]
) -> Answer | None:
    """Its answer, None when it comes later."""
    whole = urlsplit(quality.url)
    path = (whole.path or "/") + (f"?{whole.query}" if whole.query else "")
    try:
        answer = _remote(quality, user_agent(parts.settings.site)).call(
            "POST",
            path,
            json=question,
            headers={"Idempotency-Key": gate.id},
            expect=(200, 202),
            accept="application/json",
        )
    except Permanent as refused:
        raise NeedsPerson(
            f"{quality.title} did not take the question.",
            hint="Mend it there or in the route's settings, then retry. Nothing is public.",
            remote=refused.remote or refused.message,
        ) from refused
    if answer.status == 202:
        return None
    try:
        return Verdict.model_validate(answer.value).answer()
    except ValidationError as error:
        raise Uncertain(
            f"{quality.title} answered something that is no verdict.",
            hint='"verdict" is due, "accepted" or "rejected".',
            remote=answer.words,
        ) from error


@lru_cache(maxsize=32)
def _remote(quality: Quality, agent: str) -> Remote:
    whole = urlsplit(quality.url)
    auth = Bearer(quality.token.read) if quality.token else None
    name = quality.title
    return Remote(name, f"{whole.scheme}://{whole.netloc}", agent=agent, auth=auth)
