"""Fault switches: what goes wrong, for which requests, how often.

They act at the network and at the process, as the client sees them; the registry's own code
knows two of them only (`handle-down`, `index-freeze`).
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

Kind = Literal[
    "drop-before-commit",
    "drop-after-commit",
    "handle-down",
    "throttle",
    "html-5xx",
    "html-403",
    "html-200",
    "slow",
    "unique-race",
    "foreign-owner",
    "index-freeze",
    "kill",
]
When = Literal["before", "after", "body"]


@dataclass(slots=True)
class Fault:
    """One switch.

    Matches requests by `method` ("" = any), `path` (regular expression, searched), `doi` (shell
    pattern on the DOI of path or body, lower case) and `event` (of the body). The first `skip`
    matches pass; then it fires `count` times, None = until it is deleted.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    doi: str = ""
    event: str = ""
    count: int | None = 1
    skip: int = 0
    when: When = "after"
    status: int = 503
    retry_after: str = ""
    delay_s: float = 0.0
    pid: int = 0
    state: str = "findable"
    id: int = 0
    fired: int = field(default=0)

    def matches(self, method: str, path: str, doi: str, event: str) -> bool:
        """Whether this switch is meant for such a request."""
        return (
            (not self.method or self.method.upper() == method)
            and (not self.path or re.search(self.path, path) is not None)
            and (not self.doi or fnmatchcase(doi.lower(), self.doi.lower()))
            and (not self.event or self.event == event)
        )

    @property
    def spent(self) -> bool:
        """Whether it has fired as often as it may."""
        return self.count is not None and self.fired >= self.count


SETTABLE = tuple(f.name for f in fields(Fault) if f.name not in ("id", "fired"))
_FAULT = TypeAdapter(Fault)


def read(told: Any) -> Fault:
    """A switch from its JSON. Raises ValueError that says what is wrong."""
    if not isinstance(told, dict):
        raise ValueError("a fault is a JSON object with at least a kind")  # noqa: TRY004
    unknown = sorted(set(told) - set(SETTABLE))
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(SETTABLE)}")
    try:
        fault = _FAULT.validate_python(told)
        re.compile(fault.path)
    except ValidationError as error:
        raise ValueError("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())) from error
    except re.error as error:
        raise ValueError(f"path: not a regular expression: {error}") from error
    if fault.kind == "kill" and fault.pid < 2:
        raise ValueError("pid: kill needs the process to kill")
    if not 100 <= fault.status <= 599:
        raise ValueError("status: an HTTP status is needed, 100 to 599")
    return fault


class Switches:
    """All switches that are set. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._set: dict[int, Fault] = {}

    def add(self, told: list[Any]) -> list[int]:
        """Sets switches from their JSON, all or none. Raises ValueError that says what is wrong."""
        faults = [read(one) for one in told]
        with self._lock:
            for fault in faults:
                fault.id = next(self._numbers)
                self._set[fault.id] = fault
        return [fault.id for fault in faults]

    def fire(
        self, method: str, path: str, doi: str, event: str, *, registering: bool = False
    ) -> list[Fault]:
        """The switches that fire for this request; each firing is counted.

        `handle-down` is asked apart, while a handle is being registered, and fires then only.
        """
        firing = []
        with self._lock:
            for fault in self._set.values():
                if fault.kind == "index-freeze" or fault.spent:
                    continue
                if (fault.kind == "handle-down") is not registering:
                    continue
                if not fault.matches(method, path, doi, event):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.fired += 1
                firing.append(fault)
        return firing

    def frozen(self) -> bool:
        """Whether the search index stands still."""
        with self._lock:
            return any(fault.kind == "index-freeze" for fault in self._set.values())

    def all(self) -> list[dict[str, Any]]:
        """Every switch with how often it has fired."""
        with self._lock:
            return [asdict(fault) for fault in self._set.values()]

    def remove(self, numbers: Iterable[int] | None = None) -> int:
        """Takes back these switches, or all; tells how many there were."""
        with self._lock:
            gone = list(self._set) if numbers is None else [n for n in numbers if n in self._set]
            for number in gone:
                del self._set[number]
            return len(gone)


def of_kind(faults: Iterable[Fault], *kinds: str, when: str = "") -> Fault | None:
    """The first of these that is of such a kind, and of that moment where one is named."""
    return next((f for f in faults if f.kind in kinds and when in ("", f.when)), None)
