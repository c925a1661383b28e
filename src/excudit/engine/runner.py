"""The body of a run: it goes forward, waits, takes itself back or parks, and survives its process.

DBOS replays the body from the journal after a crash, so it decides by its order and by recorded
outcomes only: no clock, no chance, no I/O here. A change in the sequence of its journal entries
needs `DBOS.patch`, or runs in flight cannot be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dbos import DBOS, EnqueueOptions

from excudit.engine.attempt import Attempts, Visit
from excudit.engine.order import VERSION, WORKFLOW, Order, next_id
from excudit.engine.outcome import Ending, EndingKind, Outcome
from excudit.engine.step import Gate, Step

# Bounds attempts that do not count (a rate limit, an open breaker). Part of the replayed body.
MOST_QUICK_UNDOS = 20


class Runner:
    """Carries out orders. `run` is what DBOS calls, on any of its threads."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def run(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Carry out an order; the ending, or None when a successor goes on with it."""
        order = Order.from_data(data)
        ending = self._undo(order) if order.mode == "undo" else self._forward(order)
        if ending is None:
            return None
        # Not a journalled step: a replay tells it again, and the ledger takes it once.
        self._attempts.finish(order.run, ending)
        return ending.as_data()

    def _forward(self, order: Order) -> Ending | None:
        steps, told = order.plan.steps, False
        number, tries = order.number, order.tries
        for position in range(order.position, len(steps)):
            step = steps[position]
            if isinstance(step, Gate):
                return Ending("waiting", step.key, after_final=order.past_return(position))
            if step.final and not number and not order.past_return(position):
                told = self._admitted(order, step)
                if not told:
                    return self._take_back(order, position - 1, step, Outcome("stop"))
            while True:
                number += 1
                outcome = self._try(order, position, step, number, tries, told)
                told = False
                if outcome.kind != "later":
                    break
                tries += outcome.counted
                if not self._waited(order.at(position, number, tries), outcome):
                    return None
            if outcome.kind != "ok":
                return self._give_up(order, position, step, outcome)
            told = bool(self._following(order, position))
            number = tries = 0
        return Ending("done", after_final=order.past_return(len(steps)))

    def _admitted(self, order: Order, step: Step) -> bool:
        name = f"{step.key}?"
        return bool(DBOS.run_step({"name": name}, self._attempts.admit, order, step))

    def _following(self, order: Order, position: int) -> str:
        """The key of the next step where it begins at once, without a last look."""
        steps = order.plan.steps
        step = steps[position + 1] if position + 1 < len(steps) else None
        if not isinstance(step, Step) or (step.final and not order.past_return(position + 1)):
            return ""
        return step.key

    def _try(
        self, order: Order, position: int, step: Step, number: int, tries: int, told: bool
    ) -> Outcome:
        visit = Visit(
            order=order,
            step=step,
            number=number,
            tries=tries,
            undoing=False,
            begun=told,
            deaf=order.past_return(position) or bool(step.final),
            most=step.tries,
            following=self._following(order, position),
        )
        return self._made(f"{step.key}#{number}", visit)

    def _made(self, name: str, visit: Visit) -> Outcome:
        return Outcome.from_data(DBOS.run_step({"name": name}, self._attempts.make, visit))

    def _waited(self, order: Order, outcome: Outcome) -> bool:
        """Wait and say True, or have a successor enqueued for later and say False."""
        if outcome.held:
            DBOS.sleep(outcome.wait_s)
            return True
        own = DBOS.workflow_id
        assert own is not None
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": order.queue,
            "app_version": VERSION,
            "workflow_id": next_id(own),
            "delay_seconds": outcome.wait_s,
        }
        if order.priority:
            options["priority"] = order.priority
        DBOS.enqueue_workflow_with_options(options, order.as_data())
        return False

    def _give_up(self, order: Order, position: int, step: Step, outcome: Outcome) -> Ending:
        committed = order.past_return(position) or bool(step.final)
        if committed or outcome.kind in ("person", "bug"):
            return Ending("parked", step.key, outcome.error, committed)
        return self._take_back(order, position, step, outcome)

    def _take_back(self, order: Order, last: int, step: Step, outcome: Outcome) -> Ending:
        """Undo everything up to `last`, which may have half happened; what fails is left over."""
        left = [k for k in order.plan.ways_back(last) if not self._undone(order, order.step(k))]
        kind: EndingKind = "stopped" if outcome.kind == "stop" else "undone"
        return Ending(kind, step.key, outcome.error, cleanup=tuple(left))

    def _undone(self, order: Order, step: Step) -> bool:
        most = self._attempts.patience.undo_tries
        for number in range(1, MOST_QUICK_UNDOS + 1):
            visit = self._undo_visit(order, step, number, most=most, deaf=True)
            outcome = self._made(f"undo {step.key}#{number}", visit)
            if outcome.kind != "later" or not outcome.held:
                return outcome.kind == "ok"
            DBOS.sleep(outcome.wait_s)
        return False

    def _undo_visit(
        self, order: Order, step: Step, number: int, *, most: int | None, deaf: bool
    ) -> Visit:
        return Visit(
            order=order,
            step=step,
            number=number,
            tries=number - 1,
            undoing=True,
            begun=False,
            deaf=deaf,
            most=most,
        )

    def _undo(self, order: Order) -> Ending | None:
        """Undo the steps of the order, in rounds without end, until all are undone."""
        ways = order.plan.ways_back(len(order.plan.steps))
        left = [key for key in ways if key in order.steps]
        number = order.number
        while True:
            number += 1
            outcomes = {}
            for key in left:
                visit = self._undo_visit(order, order.step(key), number, most=None, deaf=False)
                outcomes[key] = self._made(f"undo {key}#{number}", visit)
            left = [key for key in left if outcomes[key].kind != "ok"]
            if not left:
                return Ending("cleaned")
            worst = _worst([(key, outcomes[key]) for key in left])
            if worst[1].kind != "later":
                kind: EndingKind = "stopped" if worst[1].kind == "stop" else "parked"
                return Ending(kind, worst[0], worst[1].error, cleanup=tuple(left))
            further = replace(order, steps=tuple(left), number=number)
            if not self._waited(further, worst[1]):
                return None


def _worst(outcomes: list[tuple[str, Outcome]]) -> tuple[str, Outcome]:
    """The outcome that decides how a round of undoing goes on: a stop, a parking, a wait."""
    for kind in ("stop", "bug", "person"):
        for key, outcome in outcomes:
            if outcome.kind == kind:
                return key, outcome
    return max(outcomes, key=lambda pair: pair[1].wait_s)
