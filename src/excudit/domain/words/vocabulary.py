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
    newest run stands; `plans` the plan of that run. `code` is what the outside system calls it;
    `offers` are the keys of what the route's people can do in it.
    """

    word: str
    meaning: str
    states: tuple[State, ...]
    healths: tuple[Health, ...] = ()
    steps: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    code: str = ""
    offers: tuple[str, ...] = ()

    def holds(self, state: State, health: Health, step: str, plan: str) -> bool:
        """Whether this is the word for a publication that stands so."""
        return (
            state in self.states
            and (not self.healths or health in self.healths)
            and (not self.steps or step.startswith(self.steps))
            and (not self.plans or plan in self.plans)
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that the route's people do, in their words. `actions` are those of the lifecycle
    and of the permissions that it consists of here; none = it is done in the outside system."""

    key: str
    label: str
    meaning: str
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one route. `actions`: action of the lifecycle → words on its button. `steps`:
    beginning of a step's key → its title. An action that is part of an offer is possible only in
    the statuses that make one of its offers; `without` are actions that the route does not have.
    `stages`: titles of steps that people count, in their order."""

    statuses: tuple[Status, ...]
    actions: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    without: frozenset[str] = frozenset()
    stages: tuple[str, ...] = ()

    def status(
        self, state: State, health: Health, *, step: str = "", plan: str = ""
    ) -> Status | None:
        """The first status that holds; None where the route has no word of its own."""
        return next((s for s in self.statuses if s.holds(state, health, step, plan)), None)

    def stage(self, title: str) -> str:
        """Which of the stages a step is, "2 of 6"; "" = none of them."""
        if title not in self.stages:
            return ""
        return f"{self.stages.index(title) + 1} of {len(self.stages)}"

    def title(self, key: str, otherwise: str) -> str:
        """The title of a step: the one with the longest beginning that fits."""
        fits = [start for start in self.steps if key.startswith(start)]
        return self.steps[max(fits, key=len)] if fits else otherwise

    def offered(self, status: Status) -> tuple[Offer, ...]:
        """What can be done in a status, in the order of the route's own table."""
        return tuple(offer for offer in self.offers if offer.key in status.offers)

    def refusal(self, action: str, status: Status | None) -> str | None:
        """Why the route does not have this action in this status, as a sentence; None where it has
        no opinion or allows it."""
        if action in self.without:
            return f"This route has no “{action}”."
        mine = [offer for offer in self.offers if action in offer.actions]
        if status is None or not mine or any(offer.key in status.offers for offer in mine):
            return None
        keys = {offer.key for offer in mine}
        where = dict.fromkeys(s.word for s in self.statuses if keys.intersection(s.offers))
        return f"{mine[0].label} is possible in {' or '.join(where)}; this is {status.word}."
