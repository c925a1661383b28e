"""One thing that is wrong with an input: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and how to mend it.

    `where` is a JSON pointer (RFC 6901) into a record ("/creators/0/name"), or the path of a file
    relative to its dataset ("data/run-7.csv"); "" means the whole. `line` and `column` are set
    for text input (XML, JSON, YAML), counted from 1. `rule` names the rule that found it, as the
    reference documentation lists it. An "error" blocks publication, a "warning" does not.
    """

    where: str
    message: str
    mend: str = ""
    severity: Severity = "error"
    rule: str = ""
    line: int | None = None
    column: int | None = None

    def as_data(self) -> dict[str, Any]:
        """This problem as plain JSON without empty members."""
        return {k: v for k, v in asdict(self).items() if v not in ("", None)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Problem:
        """The problem that `as_data` wrote; unknown members are ignored."""
        known = {k: data[k] for k in cls.__slots__ if k in data}
        return cls(**{"where": "", "message": "", **known})

    def __str__(self) -> str:
        place = self.where or "(whole record)"
        if self.line is not None:
            place += f", line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{place}: {self.message}" + (f" {self.mend}" if self.mend else "")


def blocking(problems: tuple[Problem, ...] | list[Problem]) -> list[Problem]:
    """The problems that stop a publication."""
    return [p for p in problems if p.severity == "error"]
