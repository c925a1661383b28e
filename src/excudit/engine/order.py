"""The input of one engine run: everything that it knows is in here, and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from excudit.engine.plan import Plan
from excudit.engine.step import Step

WORKFLOW = "run"
# Raised by hand when a change to the runner's body cannot be replayed, which is almost never.
VERSION = "run-1"
MARK = "~"

Mode = Literal["forward", "undo"]


@dataclass(frozen=True, slots=True)
class Order:
    """Where a run begins. A long wait ends it and enqueues its successor, with a later order.

    `number` and `tries` are the attempts, and the counted ones, already made at `position` (in
    mode "undo": rounds). `committed`: a final step was begun in an earlier run. `steps`: what to
    undo in mode "undo".
    """

    run: str
    subject: str
    plan: Plan
    queue: str
    mode: Mode = "forward"
    position: int = 0
    committed: bool = False
    number: int = 0
    tries: int = 0
    steps: tuple[str, ...] = ()
    priority: int = 0

    def __post_init__(self) -> None:
        if not self.run or MARK in self.run or len(self.run) > 200:
            raise ValueError(f"The run id {self.run!r} must have 1 to 200 characters, no {MARK!r}.")
        if not 0 <= self.position <= len(self.plan.steps):
            raise ValueError(f"Plan {self.plan.name!r} has no position {self.position}.")
        if self.mode == "undo":
            known = self.plan.ways_back(len(self.plan.steps))
            unknown = [key for key in self.steps if key not in known]
            if unknown or not self.steps:
                raise ValueError(
                    f"Plan {self.plan.name!r} cannot undo {', '.join(unknown) or 'nothing'}; "
                    f"its steps with an undo: {', '.join(known) or 'none'}."
                )

    def at(self, position: int, number: int, tries: int) -> Order:
        """The same run, further on."""
        return replace(self, position=position, number=number, tries=tries)

    def past_return(self, position: int) -> bool:
        """Was a final step begun before the step at `position`, in this run or an earlier one?"""
        point = self.plan.no_return
        return self.committed or (point is not None and position > point)

    def step(self, key: str) -> Step:
        """The step of this plan with this key; a gate is none. Raises KeyError."""
        step = self.plan.steps[self.plan.position(key)]
        if not isinstance(step, Step):
            raise KeyError(f"{key!r} is a gate.")
        return step

    def as_data(self) -> dict[str, Any]:
        """This order as plain JSON. A member once written keeps its meaning for ever."""
        return {
            "run": self.run,
            "subject": self.subject,
            "plan": self.plan.as_data(),
            "queue": self.queue,
            "mode": self.mode,
            "position": self.position,
            "committed": self.committed,
            "number": self.number,
            "tries": self.tries,
            "steps": list(self.steps),
            "priority": self.priority,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Order:
        """The order that `as_data` wrote."""
        plan = Plan.from_data(data["plan"])
        return cls(**{**data, "plan": plan, "steps": tuple(data["steps"])})


def first_id(run: str) -> str:
    """The engine's own id for the first part of a run; its successors count on."""
    return f"{run}{MARK}1"


def next_id(workflow_id: str) -> str:
    """The id of the successor of the part `workflow_id`."""
    run, part = workflow_id.rsplit(MARK, 1)
    return f"{run}{MARK}{int(part) + 1}"
