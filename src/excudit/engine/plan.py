"""A plan: the tuple of steps that the runner, the screens and the crash tests all read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from excudit.engine.step import Gate, Step, check_key, step_from_data


@dataclass(frozen=True, slots=True)
class Plan:
    """A name and its steps. Cannot be built when a step refers to what is not there."""

    name: str
    steps: tuple[Step | Gate, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        check_key(self.name)
        problems = [*self._repeated(), *self._unanchored(), *self._undo_after_final()]
        if not self.steps:
            problems.append("it has no steps")
        if problems:
            raise ValueError(f"Plan {self.name!r}: {'; '.join(problems)}.")

    def _repeated(self) -> list[str]:
        keys = [s.key for s in self.steps]
        return [f"key {k!r} is used twice" for k in sorted({k for k in keys if keys.count(k) > 1})]

    def _unanchored(self) -> list[str]:
        problems, with_undo = [], set()
        for step in self.steps:
            if isinstance(step, Step):
                if step.undone_by is not None and step.undone_by not in with_undo:
                    problems.append(
                        f"step {step.key!r} is undone by {step.undone_by!r}, "
                        "which is not an earlier step with an undo"
                    )
                if step.undo is not None:
                    with_undo.add(step.key)
        return problems

    def _undo_after_final(self) -> list[str]:
        point = self.no_return
        if point is None:
            return []
        return [
            f"step {s.key!r} names a way back after the final step {self.steps[point].key!r}; "
            "nothing is undone there: say `final` or `harmless`"
            for s in self.steps[point + 1 :]
            if isinstance(s, Step) and (s.undo or s.undone_by)
        ]

    @property
    def no_return(self) -> int | None:
        """Position of the first final step: from its beginning on a run only goes forward."""
        finals = (i for i, s in enumerate(self.steps) if isinstance(s, Step) and s.final)
        return next(finals, None)

    @property
    def digest(self) -> str:
        """The version of this plan: a short hash of its content."""
        text = json.dumps([self.name, [s.as_data() for s in self.steps]], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def position(self, key: str) -> int:
        """Where the step or gate with this key stands. Raises KeyError."""
        for i, step in enumerate(self.steps):
            if step.key == key:
                return i
        raise KeyError(f"Plan {self.name!r} has no step {key!r}.")

    def after(self, key: str) -> int:
        """The position that follows `key`: where the run starts that a gate's answer enqueues."""
        return self.position(key) + 1

    def ways_back(self, last: int) -> tuple[str, ...]:
        """Keys of the steps with an undo up to position `last`, latest first."""
        steps = self.steps[: last + 1]
        return tuple(s.key for s in reversed(steps) if isinstance(s, Step) and s.undo)

    def as_data(self) -> dict[str, Any]:
        """This plan as plain JSON, as it is stored with every run."""
        steps = [s.as_data() for s in self.steps]
        return {"name": self.name, "digest": self.digest, "steps": steps}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Plan:
        """The plan that `as_data` wrote, also one of an older version."""
        return cls(data["name"], tuple(step_from_data(s) for s in data["steps"]))
