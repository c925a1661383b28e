"""What follows from the answers of an assessment, as CAT computes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Score = float | int | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A metric as it was received, and the results of its tests."""

    type: str
    algorithm: str
    benchmark: Score
    value: Score
    result: Score
    tests: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion at its place in the document."""

    place: str
    must: bool
    metric: Scored


def value(metric: Scored) -> Score:
    """The sum of the tests' results, None while one is missing; "…-OR" leaves the missing out,
    "Simple Maximum" takes the greatest."""
    known = [result for result in metric.tests if result is not None]
    either = metric.type.endswith("-OR")
    if not known or (not either and len(known) < len(metric.tests)):
        return None
    return max(known) if metric.algorithm == "Simple Maximum" else sum(known)


def result(metric: Scored) -> Score:
    """1 = passed, 0 = failed, None = not known."""
    found = value(metric)
    if found is None:
        return None
    benchmark = metric.benchmark or 0
    if metric.type.endswith("-Inverse"):
        return int(found < benchmark)
    return int(found != 0 and found >= benchmark)


def compliance(criteria: Sequence[Criterion]) -> bool | None:
    """Whether every MUST is passed; None while one of them is not known."""
    musts = [result(c.metric) for c in criteria if c.must]
    return None if None in musts else all(found == 1 for found in musts)


def ranking(criteria: Sequence[Criterion]) -> Score:
    """How many of the others are passed; None while one of them is not known."""
    others = [result(c.metric) for c in criteria if not c.must]
    known = [found for found in others if found is not None]
    return sum(known) if len(known) == len(others) else None


def differences(criteria: Sequence[Criterion]) -> list[tuple[str, Score, Score]]:
    """Places, what stands there and what follows: the results of all metrics."""
    return [(f"{c.place}/metric/result", c.metric.result, result(c.metric)) for c in criteria]
