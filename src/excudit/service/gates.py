"""What a run waits for outside: a question is put once, answered once, and the answer carried out.

The answer and the run that goes on from it are written in one transaction, so that a crash leaves
both or neither; an answer that comes before the run has reached its gate is kept for it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Denied, ExcuditError, NotFound, Rejected
from excudit.domain.model import SERVICE, Actor
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.ports import Answer
from excudit.service import acts, resume
from excudit.service.parts import Parts
from excudit.store import gates, publications, runs
from excudit.store.database import Connection
from excudit.store.gates import Asked

PUBLIC = ("published", "withdrawn")
QUALITY = "quality"
OF_TARGET = "answer."
"""The key of a gate at which people at a target decide: this, and the target's name."""
MOST_WORDS = 10_000
MOST_PROBLEMS = 200


def stand(
    connection: Connection, parts: Parts, publication: Publication, run: Mapping[str, Any], key: str
) -> None:
    """A run has come to a gate: ask, or go on at once where the answer is there already."""
    step = next(s for s in run["steps"] if s["key"] == key)
    title = str(step["title"])
    gate = gates.ensure(connection, publication.id, runs.chain_of(run), key, title)
    if gate.verdict and gate.closed_at is None:
        gates.change(connection, gate.id, opened_at=publications.now())
        _carry_out(connection, parts, publication, gate)
        return
    # One that is over was asked before a person let the run go on: it is asked anew.
    fresh = {"answered_at": None, "verdict": "", "by": "", "words": "", "details": None}
    again = fresh if gate.closed_at is not None else {}
    moment = publications.now()
    gates.change(connection, gate.id, title=title, opened_at=moment, closed_at=None, **again)
    publications.set_health(connection, publication.id, "waiting")
    details = {"gate": key, "step": key, "step_title": title, "target": target_of(key)}
    acts.tell(
        connection,
        parts,
        publications.get(connection, publication.id),
        actor=SERVICE,
        action="gate_opened",
        run=run["id"],
        details=details,
    )


def target_of(key: str) -> str:
    """The target at which people decide; "" where it is none."""
    return key.removeprefix(OF_TARGET) if key.startswith(OF_TARGET) else ""


def promise(
    connection: Connection, run: Mapping[str, Any], key: str, title: str, asked: Mapping[str, Any]
) -> tuple[Asked, str]:
    """The gate that is asked about before the run stands at it, and a new secret that answers it.

    Only a digest of the secret is kept; those of earlier attempts stay good, for one of them may
    be what the other side has got.
    """
    gate = gates.ensure(connection, run["publication"], runs.chain_of(run), key, title)
    secret = secrets.token_urlsafe(32)
    digests = [*gate.digests, _digest(secret)]
    gates.change(connection, gate.id, asked=dict(asked), digests=digests)
    return gate, f"{gate.id}.{secret}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def by_token(parts: Parts, token: str) -> Asked:
    """The gate that this secret answers. Raises NotFound, the same for a wrong secret and for a
    gate that is not there."""
    gate, _, secret = token.partition(".")
    with parts.database.read() as connection:
        found = gates.get(connection, gate) if len(gate) == 36 else None
    known = found.digests if found else ()
    right = [hmac.compare_digest(_digest(secret), digest) for digest in known]
    if found is None or not any(right):
        raise NotFound("There is no such question.", hint="Use the address that came with it.")
    return found


def answer(
    parts: Parts,
    actor: Actor,
    publication: str,
    key: str,
    *,
    yes: bool,
    words: str = "",
    problems: Sequence[Problem] = (),
) -> Publication:
    """A person answers by a button or the API. The same answer twice is one; another one raises
    Conflict, as does a question that nobody asks. A no needs words. Raises Denied without the
    permission, and for the quality of one's own work."""
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        permissions.require("answer", found.state, acts.roles_of(connection, actor, found))
        if key == QUALITY and acts.is_author(connection, actor.name, found):
            raise Denied("Nobody answers for the quality of their own work.")
        if not yes and not words.strip():
            raise Rejected("A reason must be given.", hint="Say what is wrong; the owner reads it.")
        gate = _newest(connection, publication, key)
        if gate is None or (gate.opened_at is None and not gate.asked):
            raise Conflict(f"Nobody asks {key[:100]!r} of this publication now.")
        told = Answer(yes, words.strip(), _details(problems))
        _record(connection, parts, found, gate, told, by=actor.name)
        return publications.get(connection, publication)


def _newest(connection: Connection, publication: str, key: str) -> Asked | None:
    found = [g for g in gates.of(connection, publication) if g.key == key]
    return next(iter(sorted(found, key=lambda g: (g.closed_at is None, g.id), reverse=True)), None)


def _details(problems: Sequence[Problem]) -> dict[str, Any]:
    return {"problems": [p.as_data() for p in problems[:MOST_PROBLEMS]]} if problems else {}


def answered(parts: Parts, gate: str, told: Answer, *, by: str) -> Asked:
    """Somebody outside answered: the same answer twice is one, another one raises Conflict.

    When this returns, the answer is durable and carried out, or kept until the run is there.
    """
    with parts.database.write() as connection:
        asked = gates.get(connection, gate)
        if asked is None:
            raise NotFound("There is no such question.")
        found = publications.get(connection, asked.publication, lock=True)
        asked = gates.get(connection, gate) or asked
        _record(connection, parts, found, asked, told, by=by)
        return gates.get(connection, gate) or asked


def _record(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    gate: Asked,
    told: Answer,
    *,
    by: str,
) -> None:
    """Write the one answer down, and carry it out where a run stands there."""
    verdict = "yes" if told.yes else "no"
    if gate.verdict == verdict:
        return
    if gate.verdict or gate.closed_at is not None:
        words = f"It was answered {gate.verdict!r} already" if gate.verdict else "It is not asked"
        raise Conflict(f"{words}; an answer is given once.", hint="Look at the publication's page.")
    given = {
        "answered_at": publications.now(),
        "verdict": verdict,
        "by": by[:200],
        "words": told.words[:MOST_WORDS],
        "details": told.details,
    }
    gates.change(connection, gate.id, **given)
    acts.tell(
        connection,
        parts,
        publication,
        actor=Actor(by[:200], frozenset()),
        action="gate_answered",
        reason=told.words[:MOST_WORDS],
        details={
            "gate": gate.key,
            "step": gate.key,
            "step_title": gate.title,
            "verdict": verdict,
            "said": told.details,
        },
    )
    if gate.opened_at is not None:
        after = gates.get(connection, gate.id)
        assert after is not None
        _carry_out(connection, parts, publications.get(connection, publication.id), after)


def _carry_out(connection: Connection, parts: Parts, publication: Publication, gate: Asked) -> None:
    """Begin what follows from the answer; nothing while another run of the publication is under
    way: `go_on` finds it again."""
    run = _standing_at(connection, gate)
    active = runs.active(connection, publication.id)
    if run is None:
        gates.change(connection, gate.id, closed_at=publications.now())
        return
    if active is not None and active["id"] != run["id"]:
        return
    gates.change(connection, gate.id, closed_at=publications.now())
    by = Actor(gate.by, frozenset())
    if gate.verdict == "yes":
        resume.onward(connection, parts, by, run, gate.key)
        return
    error = _refused(gate)
    if run["past_final"]:
        _park(connection, parts, publication, run, error)
    else:
        resume.refused(connection, parts, by, run, error.as_data())


def _standing_at(connection: Connection, gate: Asked) -> dict[str, Any] | None:
    """The run that stands or ended at the gate."""
    every = runs.of(connection, gate.publication)
    mine = [r for r in every if runs.chain_of(r) == gate.chain]
    last = mine[-1] if mine else None
    stands = last is not None and runs.at_gate(last) and last["position"] == gate.key
    return last if stands else None


def _refused(gate: Asked) -> Rejected:
    said = gate.details if isinstance(gate.details, Mapping) else {}
    listed = said.get("problems")
    found = [p for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    return Rejected(
        f"{gate.title}: the answer was no.",
        hint="Mend what the answer names, then submit it again.",
        remote=gate.words,
        problems=tuple(Problem.from_data(p) for p in found),
    )


def _park(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    run: Mapping[str, Any],
    error: ExcuditError,
) -> None:
    """Something is public already, so that only a person can say what is to be done."""
    # A follow-up holds nothing back: it stands aside.
    ended = publications.now() if run["plan"] == "follow-up" else None
    runs.change(
        connection, run["id"], status="parked", error=error.as_data(), ended_at=ended, cleanup=[]
    )
    public = publication.state in PUBLIC
    publications.set_health(
        connection, publication.id, "out_of_sync" if public else "needs_attention"
    )
    title = next((s["title"] for s in run["steps"] if s["key"] == run["position"]), "")
    acts.tell(
        connection,
        parts,
        publications.get(connection, publication.id),
        actor=SERVICE,
        action="out_of_sync" if public else "attention",
        run=run["id"],
        details={
            "step": run["position"],
            "step_title": title,
            "target": target_of(run["position"]),
            "error": error.as_data(),
            "past_final": True,
        },
    )


def go_on(parts: Parts, gate: str) -> bool:
    """Carry an answer out that was given while another run was under way; whether there was one."""
    with parts.database.write() as connection:
        asked = gates.get(connection, gate)
        if asked is None:
            return False
        found = publications.get(connection, asked.publication, lock=True)
        asked = gates.get(connection, gate)
        if asked is None or asked.closed_at is not None or not asked.verdict:
            return False
        _carry_out(connection, parts, found, asked)
        return True


def listing(
    parts: Parts, actor: Actor, *, after: tuple[Any, str] | None = None, limit: int = 50
) -> list[tuple[Asked, str, str]]:
    """The open questions with title and route of their publications, the longest waiting first.
    Raises Denied."""
    permissions.require_site("operate", actor.roles)
    with parts.database.read() as connection:
        found = gates.waiting(connection, after=after, limit=limit)
        named = gates.titles(connection, [g.publication for g in found])
    return [(g, *named.get(g.publication, ("", ""))) for g in found]


def past_final(parts: Parts, gate: Asked) -> bool:
    """Whether something may be public by the run that stands there."""
    with parts.database.read() as connection:
        run = _standing_at(connection, gate)
    return run is not None and bool(run["past_final"])


def of(parts: Parts, publication: str) -> list[Asked]:
    """The gates of a publication, first to last."""
    with parts.database.read() as connection:
        return gates.of(connection, publication)
