"""What is wrong in a folder, all at once but never more than a reader can take in."""

from __future__ import annotations

from collections import Counter

from excudit.domain.errors import Rejected
from excudit.domain.problem import Problem, Severity

SHOWN = 100


class Findings:
    """Problems in the order in which they were found: a hundred, and a count of the rest."""

    def __init__(self) -> None:
        self._shown: dict[Severity, list[Problem]] = {"error": [], "warning": []}
        self._more: dict[Severity, Counter[str]] = {"error": Counter(), "warning": Counter()}

    def add(self, problem: Problem) -> None:
        """Note one problem."""
        shown = self._shown[problem.severity]
        if len(shown) < SHOWN:
            shown.append(problem)
        else:
            self._more[problem.severity][problem.rule] += 1

    def of(self, severity: Severity) -> tuple[Problem, ...]:
        """The problems of that severity; the last one says how many more there are of each rule."""
        shown, more = self._shown[severity], self._more[severity]
        if not more:
            return tuple(shown)
        counts = ", ".join(f"{count:,} × {rule}" for rule, count in sorted(more.items()))
        rest = Problem(
            "",
            f"{more.total():,} more problems of the same kinds are not listed here ({counts}).",
            "Mend those listed and look again.",
            severity,
            "more-problems",
        )
        return (*shown, rest)

    def count(self, severity: Severity) -> int:
        """How many there are, listed or not."""
        return len(self._shown[severity]) + self._more[severity].total()

    def raise_errors(self, what: str) -> None:
        """Raises Rejected with the errors, if there are any; `what` names the folder."""
        if count := self.count("error"):
            raise Rejected(
                f"{what} cannot be published as it is: {count:,} "
                f"{'problem' if count == 1 else 'problems'}.",
                hint="Mend the problems listed, then try again.",
                problems=self.of("error"),
            )
