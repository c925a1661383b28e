"""The steps of the present run as people follow them: words, times, attempts, what came of it.

A run that was resumed goes on in a run of its own; here both are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from excudit.domain.errors import from_data
from excudit.domain.lifecycle import Health
from excudit.engine.step import DEFAULT_TRIES
from excudit.service import acting, queries
from excudit.service.acting import Going
from excudit.store import gates, runs
from excudit.store.database import Connection
from excudit.store.gates import Asked

PLAN_WORDS: dict[str, str] = {
    "take-in": "Taking in",
    "publish": "Publishing",
    "amend": "Amending",
    "withdraw": "Withdrawing",
    "give-back": "Giving back",
    "cleanup": "Cleaning up",
    "follow-up": "Following up",
}

STEP_WORDS: dict[str, str] = {
    "ahead": "Not begun yet",
    "queued": "Waits for its turn",
    "running": "Running",
    "ok": "Done",
    "later": "Waiting for the next try",
    "held": "Stopped here: needs a person",
    "failed": "Failed",
    "fault": "Failed by a fault of this service",
    "stopped": "Stopped",
    "undoing": "Being undone",
    "undone": "Undone",
    "unreached": "Not reached",
    "asked": "Waits for an answer",
    "no": "The answer was no",
}
_FAILED = {"refused": "failed", "person": "held", "bug": "fault", "stop": "stopped"}
_SAID = ("files", "bytes", "doi", "remote_id", "state", "url")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an attempt failed, in words; `code` is the class of the failure."""

    sentence: str
    message: str
    hint: str
    remote: str
    code: str
    problems: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the present run. `word` is a key of `STEP_WORDS`; `attempt` of `tries`; `done`
    of `total` in `unit`; `produced` is what the step made, `files` what it says of single files;
    `final` is why it cannot be taken back ("" when it can)."""

    key: str
    number: int
    title: str
    target: str
    final: str
    word: str
    attempt: int
    tries: int
    begun_at: datetime | None
    ended_at: datetime | None
    next_try_at: datetime | None
    done: int
    total: int
    unit: str
    produced: Mapping[str, Any]
    files: tuple[Mapping[str, Any], ...]
    warnings: tuple[Mapping[str, Any], ...]
    # Of the last attempt, while one runs of the one before.
    trouble: Trouble | None
    # Whether the run is at this step now.
    here: bool

    @property
    def took(self) -> timedelta | None:
        """From the beginning of the first attempt to the end of the last."""
        if self.begun_at is None or self.ended_at is None or self.word in ("running", "later"):
            return None
        return self.ended_at - self.begun_at


@dataclass(frozen=True, slots=True)
class Run:
    """A run and its steps. `parts` are the runs that it consists of, first to last."""

    id: str
    plan: str
    status: str
    began_by: str
    begun_at: datetime
    ended_at: datetime | None
    next_try_at: datetime | None
    # Whether something may be public by it.
    committed: bool
    stop_requested: bool
    trouble: Trouble | None
    cleanup: tuple[str, ...]
    steps: tuple[Step, ...]
    parts: tuple[str, ...]

    @property
    def active(self) -> bool:
        """Whether it is under way or waits by itself: its page changes without anybody."""
        return self.ended_at is None and self.status in ("queued", "running", "waiting")

    @property
    def here(self) -> Step | None:
        """The step at which it is."""
        return next((s for s in self.steps if s.here), None)

    @property
    def going(self) -> Going | None:
        """What says who acts next; none once it is at its end."""
        if self.ended_at is not None:
            return None
        stood = self.here.ended_at if self.here and not self.active else None
        asked = self.question.begun_at if self.question else None
        since = asked or stood or self.begun_at
        return Going(self.active, self.committed, since, self.question is not None)

    @property
    def question(self) -> Step | None:
        """The gate at which it stands."""
        return next((s for s in self.steps if s.word == "asked"), None)

    @property
    def words(self) -> str:
        """What it does: "Publishing"."""
        return PLAN_WORDS.get(self.plan, self.plan.capitalize())


def chains(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Runs, each with those that it was resumed from; the one that moved last is the last."""
    found: list[list[Mapping[str, Any]]] = []
    for row in rows:
        home = next((c for c in reversed(found) if _goes_on(c, row, last=c is found[-1])), None)
        found = [c for c in found if c is not home]
        found.append([*(home or ()), row])
    return found


def _goes_on(chain: Sequence[Mapping[str, Any]], row: Mapping[str, Any], *, last: bool) -> bool:
    if row["given"].get("chain"):
        return bool(runs.chain_of(row) == runs.chain_of(chain[0]))
    before = chain[-1]
    parked = before["plan"] == row["plan"] and before["status"] == "parked"
    return last and (row["plan"] == "cleanup" or bool(parked))


def run_of(connection: Connection, chain: Sequence[Mapping[str, Any]], health: Health) -> Run:
    """A chain of runs as one."""
    tried: dict[str, list[dict[str, Any]]] = {}
    for row in chain:
        for attempt in runs.attempts(connection, row["id"]):
            tried.setdefault(attempt["step"], []).append(attempt)
    last = chain[-1]
    first = chain[0]
    steps = first["steps"] if last["plan"] == "cleanup" else last["steps"]
    known = gates.of(connection, last["publication"]) if _gated(steps) else []
    asked = {g.key: g for g in known if g.chain == runs.chain_of(first)}
    errors = [row["error"] for row in chain if row["error"]]
    return Run(
        id=last["id"],
        plan=first["plan"],
        status=last["status"],
        began_by=first["began_by"],
        begun_at=first["begun_at"],
        ended_at=last["ended_at"],
        next_try_at=last["next_try_at"],
        committed=acting.committed({**last, "past_final": any(r["past_final"] for r in chain)}),
        stop_requested=bool(last["stop_requested"]),
        trouble=trouble(errors[-1]) if errors else None,
        cleanup=tuple(last["cleanup"] or ()),
        steps=tuple(
            _gate(n, step, asked.get(step["key"]), last)
            if step.get("gate")
            else _step(n, step, tried.get(step["key"], []), last)
            for n, step in enumerate(steps, 1)
        ),
        parts=tuple(row["id"] for row in chain),
    )


def _step(
    number: int, step: Mapping[str, Any], tried: list[dict[str, Any]], run: Mapping[str, Any]
) -> Step:
    shown = queries.shown_step(step, tried)
    forward = [a for a in tried if not a["undoing"]]
    result = shown["result"] if isinstance(shown["result"], Mapping) else {}
    here = run["ended_at"] is None and _here(step["key"], number, run)
    word = _word(shown["status"], run, here)
    error = shown["error"] or (_error_before(forward) if word == "running" else None)
    each = result.get("each")
    return Step(
        key=step["key"],
        number=number,
        title=step["title"],
        target=step.get("target", ""),
        final=step.get("final") or "",
        word=word,
        attempt=forward[-1]["attempt"] if forward else 0,
        tries=int(step.get("tries", DEFAULT_TRIES)),
        begun_at=shown["begun_at"],
        ended_at=shown["ended_at"],
        next_try_at=run["next_try_at"] if here and word == "later" else None,
        done=shown["done"],
        total=shown["total"],
        unit=shown["unit"],
        produced={k: result[k] for k in _SAID if result.get(k) and not _several(result[k])},
        files=tuple(each) if isinstance(each, list) else (),
        warnings=tuple(result.get("warnings") or ()),
        trouble=trouble(error) if error else None,
        here=here,
    )


def _gated(steps: Sequence[Mapping[str, Any]]) -> bool:
    return any(step.get("gate") for step in steps)


def _gate(
    number: int, step: Mapping[str, Any], asked: Asked | None, run: Mapping[str, Any]
) -> Step:
    here = asked is not None and asked.open
    word = {"yes": "ok", "no": "no"}.get(asked.verdict if asked else "", "")
    answer = (
        trouble({"kind": "Rejected", "message": asked.words}) if asked and asked.words else None
    )
    return Step(
        key=step["key"],
        number=number,
        title=step["title"],
        target="",
        final="",
        word="asked" if here else word or _word("ahead", run, here=False),
        attempt=0,
        tries=1,
        begun_at=asked.opened_at if asked else None,
        ended_at=asked.answered_at if asked else None,
        next_try_at=None,
        done=0,
        total=0,
        unit="",
        produced={},
        files=(),
        warnings=(),
        trouble=answer if word == "no" else None,
        here=here or (run["status"] == "parked" and run["position"] == step["key"]),
    )


def _error_before(forward: list[dict[str, Any]]) -> Any:
    return (forward[-2]["outcome"] or {}).get("error") if len(forward) > 1 else None


def _several(value: Any) -> bool:
    return isinstance(value, list | Mapping)


def _here(key: str, number: int, run: Mapping[str, Any]) -> bool:
    return bool(run["position"] == key or (not run["position"] and number == 1))


def _word(status: str, run: Mapping[str, Any], here: bool) -> str:
    if run["status"] == "parked" and here and status in ("refused", "person", "bug", "later"):
        return "fault" if status == "bug" else "held"
    if status in _FAILED:
        return _FAILED[status]
    if status == "ahead":
        if here and run["status"] == "queued":
            return "queued"
        return "ahead" if run["ended_at"] is None else "unreached"
    if status == "running" and run["ended_at"] is not None:
        return "stopped"
    return status if status in STEP_WORDS else "running"


def trouble(error: Mapping[str, Any]) -> Trouble:
    """A stored error in words."""
    known = from_data(dict(error))
    return Trouble(
        sentence=known.sentence,
        message=known.message,
        hint=known.hint,
        remote=known.remote,
        code=str(error.get("kind", "error")),
        problems=tuple(error.get("problems") or ()),
    )
