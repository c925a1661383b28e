"""A route's own words: statuses, buttons and steps as the people of that route know them.

They are a mapping of (state, health, step) and nothing else: no state of their own, no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from excudit.domain.lifecycle import Health, State


@dataclass(frozen=True, slots=True)
class Status:
    """One word and what it means, and where it holds.

    An empty tuple means any. `steps` are the beginnings of the keys of the step at which the
    newest run stands; `plans` the plan of that run.
    """

    word: str
    meaning: str
    states: tuple[State, ...]
    healths: tuple[Health, ...] = ()
    steps: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    def holds(self, state: State, health: Health, step: str, plan: str) -> bool:
        """Whether this is the word for a publication that stands so."""
        return (
            state in self.states
            and (not self.healths or health in self.healths)
            and (not self.steps or step.startswith(self.steps))
            and (not self.plans or plan in self.plans)
        )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one route. `actions`: action of the lifecycle → words on its button. `steps`:
    beginning of a step's key → its title."""

    statuses: tuple[Status, ...]
    actions: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)

    def status(
        self, state: State, health: Health, *, step: str = "", plan: str = ""
    ) -> Status | None:
        """The first status that holds; None where the route has no word of its own."""
        return next((s for s in self.statuses if s.holds(state, health, step, plan)), None)

    def title(self, key: str, otherwise: str) -> str:
        """The title of a step: the one with the longest beginning that fits."""
        fits = [start for start in self.steps if key.startswith(start)]
        return self.steps[max(fits, key=len)] if fits else otherwise
