"""What `make test` tries of the matrices of faults."""

from __future__ import annotations

import pytest
from route_plans import at_target, keys

from matrix import sample, sampled


@pytest.mark.parametrize("rows", range(1, 16))
@pytest.mark.parametrize("columns", [1, 2, 3, 10])
def test_the_sample_tries_every_row_and_every_column(rows: int, columns: int) -> None:
    pairs = sample(rows, columns)
    assert {row for row, _ in pairs} == set(range(rows))
    assert {column for _, column in pairs} == set(range(columns))


def test_the_whole_matrix_is_there_and_what_is_not_in_the_sample_is_slow() -> None:
    steps = [*keys("take-in"), *keys("publish")]
    every = sampled(steps, "xyz")
    assert [p.values for p in every] == [(step, way) for step in steps for way in "xyz"]
    quick = [p.values for p in every if not p.marks]
    assert {step for step, _ in quick} == set(steps)
    assert len(quick) == len(steps) < len(every)
    assert set(at_target("publish")) <= set(steps)
