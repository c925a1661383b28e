"""What no database keeps is told before it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from excudit.domain.storable import DEPTH, storable


def _nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "tree",
    [
        "a\x00b",
        {"titles": [{"a\x00": 1}]},
        ["\ud800"],
        [float("nan")],
        {"n": float("inf")},
        2**63,
        _nested(DEPTH + 1),
    ],
)
def test_what_a_database_does_not_keep_is_refused_wherever_it_stands(tree: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        storable(tree)


def test_a_plain_tree_comes_back_as_it_is() -> None:
    tree = {"titles": [{"title": "Grüße 🌊"}], "n": [1, 2.5, None, True]}
    assert storable(tree) is tree
