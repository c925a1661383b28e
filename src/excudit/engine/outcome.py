"""How one attempt came out and how a whole run ended, as data that survives a replay."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from excudit.domain.errors import (
    ExcuditError,
    NeedsPerson,
    RateLimited,
    Retryable,
    Uncertain,
)

Kind = Literal["ok", "later", "refused", "person", "bug", "stop"]
LONGEST_ASKED_WAIT_S = 86_400.0
# The exponent is bounded so that 2**n stays a small number however long a cleanup goes on.
MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between attempts, in seconds.

    The n-th wait is drawn evenly from 0 to `base_s` × 2ⁿ, at most `cap_s` (full jitter). A wait up
    to `held_s` keeps its worker slot, a longer one gives it back. `undo_tries` bounds the quick
    attempts of each undo while a run takes itself back; what then remains is cleanup pending.
    """

    base_s: float = 1.0
    cap_s: float = 3600.0
    held_s: float = 30.0
    undo_tries: int = 5

    def wait_s(self, n: int) -> float:
        """A random wait before attempt `n` + 2, when attempt `n` + 1 has just failed."""
        return random.uniform(0, min(self.cap_s, self.base_s * 2 ** min(n, MOST_DOUBLINGS)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt came out.

    `later`: tried again after `wait_s` seconds; `held` tells whether the run keeps its worker slot
    meanwhile, `counted` whether the attempt counts against the step's tries. `refused` with
    `exhausted`: the last of these tries failed too. `error` is `ExcuditError.as_data()`, `result`
    what the action returned.
    """

    kind: Kind
    result: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    wait_s: float = 0.0
    held: bool = True
    counted: bool = True
    exhausted: bool = False

    def as_data(self) -> dict[str, Any]:
        """This outcome as plain JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Outcome:
        """The outcome that `as_data` wrote."""
        return cls(**data)


EndingKind = Literal["done", "undone", "stopped", "parked", "waiting", "cleaned"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    `done`: every step was done. `waiting`: at the gate `step`. `undone` and `stopped`: taken back
    before the point of no return, after a failure at `step` or a request. `parked`: `step` needs a
    person; what was done stays. `cleaned`: all that an undo run was given is undone. `cleanup`
    holds the keys of steps whose undo did not succeed yet, in the order in which to undo them.
    `after_final`: a final step was begun; a further run of this plan must be told so.
    """

    kind: EndingKind
    step: str = ""
    error: Mapping[str, Any] | None = None
    after_final: bool = False
    cleanup: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """This ending as plain JSON."""
        return {**asdict(self), "cleanup": list(self.cleanup)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Ending:
        """The ending that `as_data` wrote."""
        return cls(**{**data, "cleanup": tuple(data.get("cleanup", ()))})


def judge(error: ExcuditError, *, tries: int, most: int | None, patience: Patience) -> Outcome:
    """The outcome of an attempt that raised `error` after `tries` earlier counted ones.

    `most` = None never gives up: for undo runs, where a refusal too is tried again, because what
    is not undone stays until it is.
    """
    data = error.as_data()
    if isinstance(error, NeedsPerson):
        return Outcome("person", error=data)
    if isinstance(error, RateLimited):
        asked = min(error.delay_s, LONGEST_ASKED_WAIT_S) * random.uniform(1.0, 1.1)
        return later(asked or patience.wait_s(tries + 1), data, patience, counted=False)
    if most is not None and not isinstance(error, (Retryable, Uncertain)):
        return Outcome("refused", error=data)
    if most is not None and tries + 1 >= most:
        return Outcome("refused", error=data, exhausted=True)
    return later(patience.wait_s(tries), data, patience)


def later(
    wait_s: float, error: Mapping[str, Any], patience: Patience, *, counted: bool = True
) -> Outcome:
    """Try again after `wait_s` seconds."""
    held = wait_s <= patience.held_s
    return Outcome("later", error=error, wait_s=wait_s, held=held, counted=counted)


SECRETS = (
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+(?=@)"), r"\1***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 ***"),
    (
        re.compile(
            r"(?i)([\w-]*(?:password|passwd|secret|token|api[_-]?key|authorization)[\w-]*"
            r"[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)}]+"
        ),
        r"\1***",
    ),
)


def redacted(text: str) -> str:
    """`text` without what looks like a credential."""
    for pattern, mask in SECRETS:
        text = pattern.sub(mask, text)
    return text
