"""Fault switches: what goes wrong, for which requests, how often."""

from __future__ import annotations

import re
import threading
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

Kind = Literal[
    "lose-reply",
    "drop-request",
    "500-after-commit",
    "504-html-after-commit",
    "403",
    "500-before",
    "503",
    "429",
    "slow",
    "list-lag",
    "checksum-flip",
    "short-file",
    "doi-never",
    "delete-fails",
    "no-multipart",
]
# In force while they are set, whatever is asked.
STANDING = frozenset({"list-lag", "doi-never", "no-multipart"})


@dataclass(slots=True)
class Fault:
    """One switch: matches `method` ("" = any) and `path` (a regular expression, searched). The
    first `skip` matches pass, then it fires `count` times; None = until it is taken back."""

    kind: Kind
    method: str = ""
    path: str = ""
    count: int | None = 1
    skip: int = 0
    delay_s: float = 1.0
    retry_after: str = ""
    fired: int = 0


_FAULT = TypeAdapter(Fault)


class Switches:
    """All switches that are set. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Fault] = []

    def add(self, told: Any) -> None:
        """Set a switch from its JSON. Raises ValueError that says what is wrong."""
        fault = _FAULT.validate_python(told)
        re.compile(fault.path)
        with self._lock:
            self._set.append(fault)

    def fire(self, method: str, path: str) -> list[Fault]:
        """The switches that go off for this request, each counted."""
        firing = []
        with self._lock:
            for fault in self._set:
                spent = fault.count is not None and fault.fired >= fault.count
                wanted = "DELETE" if fault.kind == "delete-fails" else fault.method
                if fault.kind in STANDING or spent or wanted not in ("", method):
                    continue
                if not re.search(fault.path, path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.fired += 1
                firing.append(fault)
        return firing

    def standing(self, kind: str) -> Fault | None:
        """The standing switch of a kind."""
        with self._lock:
            return next((f for f in self._set if f.kind == kind), None)

    def all(self) -> list[dict[str, Any]]:
        """Every switch with how often it went off."""
        with self._lock:
            return [asdict(fault) for fault in self._set]

    def clear(self) -> None:
        """Take back all switches."""
        with self._lock:
            self._set.clear()
