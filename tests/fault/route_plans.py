"""The plans of the route under test, from the product itself: the matrix is generated from them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from excudit.cli.routes import plans_of
from excudit.engine.plan import Plan


@cache
def plan(name: str) -> Plan:
    """A plan of the route folder-doi."""
    every = plans_of(Path("there-is-none.toml"), "folder-doi", lambda: None)
    return next(p for p in every if p.name == name)


def keys(name: str) -> list[str]:
    """All steps of a plan."""
    return [s.key for s in plan(name).steps]


def with_undo(name: str) -> list[str]:
    """The steps of a plan that are taken back by an action of their own."""
    return [s.key for s in plan(name).steps if s.as_data().get("undo")]


def at_target(name: str) -> list[str]:
    """The steps of a plan that call a target."""
    return [s.key for s in plan(name).steps if s.as_data().get("target")]
