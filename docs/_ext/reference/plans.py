"""The plans of the demo's route."""

from __future__ import annotations

from pathlib import Path

from excudit.cli.routes import plans_of
from excudit.engine.plan import Plan
from excudit.engine.step import Step
from excudit.settings import Settings
from reference.tables import code, plain, table

ROUTE = "folder-doi"
NOWHERE = Path("no-configuration")


def text() -> str:
    """Every plan of the demo's route, step by step."""
    return "\n".join(_plan(plan) for plan in plans_of(NOWHERE, ROUTE, Settings))


def _plan(plan: Plan) -> str:
    rows = [[code(s.key), plain(s.title), _back(s)] for s in plan.steps]
    return f"## {plan.name}\n\n" + table(["Step", "What it does", "How it is taken back"], rows)


def _back(step: object) -> str:
    if not isinstance(step, Step):
        return "a gate: the run ends here until somebody answers"
    if step.final:
        return f"**no way back**: {plain(step.final)}"
    if step.undo:
        return f"by {code(step.undo)}"
    if step.undone_by:
        return f"with the step {code(step.undone_by)}"
    return f"nothing to take back: {plain(step.harmless or '')}"
