"""One step of a plan, as data, and what its action is given when it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

KEY = re.compile(r"[a-z][a-z0-9_.:-]{0,79}")
WAYS = ("undo", "undone_by", "final", "harmless")
DEFAULT_TRIES = 20


class Stopped(Exception):
    """Raised by an action that noticed a stop request between two of its chunks."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `do` and `undo` are names of actions, looked up when the step runs.

    Exactly one of four says what becomes of its effect: `undo` names the action that takes it
    back; `undone_by` is the key of an earlier step whose undo covers it; `final` says in plain
    words why it cannot be taken back; `harmless` says why there is nothing to take back (a check,
    a comparison). The fourth keeps an empty undo action from standing in for a reason.

    An action may run more than once (a crash, a lost answer): it looks for its own effect first.
    An undo also runs for a step that half happened or never began: nothing there is success.

    `tries` bounds the counted attempts; `target` names who is called, for the circuit breaker;
    `args` are plain JSON, no secrets: they are stored. Keys are journalled, never rename one.
    """

    key: str
    title: str
    do: str
    undo: str | None = None
    undone_by: str | None = None
    final: str | None = None
    harmless: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    tries: int = DEFAULT_TRIES
    target: str = ""

    def __post_init__(self) -> None:
        check_key(self.key)
        given = [way for way in WAYS if getattr(self, way) is not None]
        if len(given) != 1 or not getattr(self, given[0]):
            raise ValueError(
                f"Step {self.key!r}: give exactly one of {', '.join(WAYS)}, and not empty; "
                f"given: {', '.join(given) or 'none'}."
            )
        if not self.do:
            raise ValueError(f"Step {self.key!r}: `do` must name an action.")
        if self.tries < 1:
            raise ValueError(f"Step {self.key!r}: `tries` must be at least 1.")

    def as_data(self) -> dict[str, Any]:
        """This step as plain JSON, without what is not set."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "", {})}


@dataclass(frozen=True, slots=True)
class Gate:
    """A named wait for somebody's answer. A run ends there; the answer starts the next run."""

    key: str
    title: str

    def __post_init__(self) -> None:
        check_key(self.key)

    def as_data(self) -> dict[str, Any]:
        """This gate as plain JSON."""
        return {"gate": True, **asdict(self)}


def check_key(key: str) -> None:
    """Raise ValueError unless `key` may stand in a journal."""
    if not KEY.fullmatch(key):
        raise ValueError(f"The key {key!r} must match {KEY.pattern}.")


def step_from_data(data: Mapping[str, Any]) -> Step | Gate:
    """What `as_data` wrote; members that a later version added are ignored."""
    cls: type[Step] | type[Gate] = Gate if data.get("gate") else Step
    known = {f.name for f in fields(cls)}
    return cls(**{k: v for k, v in data.items() if k in known})


@dataclass(frozen=True, slots=True)
class Call:
    """What an action is given: who it acts for, and two lines back to the engine.

    `attempt` counts from 1 for each step of a run, every attempt counted. `subject` is the
    caller's own reference, opaque to the engine.
    """

    run: str
    subject: str
    step: str
    args: Mapping[str, Any]
    target: str
    attempt: int
    undoing: bool
    asked_to_stop: Callable[[], bool]
    report: Callable[[int, int, str], None]

    def stop(self) -> bool:
        """Was this run asked to stop? Cheap: may be asked between all chunks of a file.

        Always false where stopping is not possible any more: in a final step and after it.
        """
        return self.asked_to_stop()

    def go_on(self) -> None:
        """Raise Stopped when the run was asked to stop."""
        if self.asked_to_stop():
            raise Stopped

    def progress(self, done: int, total: int, unit: str) -> None:
        """Tell how far this attempt is, in `unit` ("bytes", "files"). Cheap, written seldom."""
        self.report(done, total, unit)


Action = Callable[[Call], Mapping[str, Any] | None]
