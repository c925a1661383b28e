"""States of a DOI, and what an event does to each."""

from __future__ import annotations

from typing import Literal

State = Literal["draft", "registered", "findable"]

NEXT: dict[tuple[State, str], State] = {
    ("draft", "publish"): "findable",
    ("draft", "register"): "registered",
    ("registered", "publish"): "findable",
    ("registered", "show"): "findable",
    ("findable", "hide"): "registered",
}


def after(state: State, event: str | None) -> State:
    """The state after `event`. All that the table does not name is ignored without a word."""
    return NEXT.get((state, event or ""), state)
