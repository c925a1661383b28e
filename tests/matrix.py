"""Matrices of what can go wrong where: all of it in `make test-all`, a sample in `make test`.

The sample is generated. It tries every row and every column at least once, so that a new step of a
plan, or a new fault, is tried from its first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def sampled(rows: Sequence[Any], columns: Sequence[Any]) -> list[Any]:
    """A parameter for each pair of row and column; those outside of the sample are slow."""
    pairs = sample(len(rows), len(columns))
    return [
        pytest.param(row, column, marks=() if (i, j) in pairs else pytest.mark.slow)
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]


def sample(rows: int, columns: int) -> set[tuple[int, int]]:
    """The numbers of the pairs: the columns in turn, along the rows in turn."""
    return {(n % rows, n % columns) for n in range(max(rows, columns))}
