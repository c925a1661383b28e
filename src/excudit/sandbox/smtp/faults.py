"""What the mailbox does wrong on demand, so that senders can be tested against it."""

from __future__ import annotations

import threading
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Faults(BaseModel):
    """The switches of `/_sandbox/faults`; the default is a mailbox without faults.

    `refuse_next`: so many recipients are refused with 451 (RFC 5321 §4.2.2, temporary).
    `refuse_address`: recipients that match this shell pattern, case-blind, are refused with 550
    (permanent) for as long as it is set.
    `drop_next`: so many connections are cut at the end of DATA, `drop_when` says whether before
    the mail is stored or after it, without an answer either way.
    `slow_s`: seconds before each answer to MAIL, RCPT and DATA.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    refuse_next: int = Field(0, ge=0)
    refuse_address: str = ""
    drop_next: int = Field(0, ge=0)
    drop_when: Literal["before", "after"] = "before"
    slow_s: float = Field(0.0, ge=0.0, le=600.0)


class Switches:
    """The faults in force, shared by the SMTP thread and the web threads."""

    def __init__(self) -> None:
        self._faults = Faults()
        self._lock = threading.Lock()

    @property
    def faults(self) -> Faults:
        """The faults as they stand, counters already counted down."""
        return self._faults

    def set(self, faults: Faults) -> None:
        """Put `faults` in force in place of all earlier ones."""
        with self._lock:
            self._faults = faults

    def refusal(self, address: str) -> str:
        """The answer that refuses this recipient, "" = take it. Counts a temporary one down."""
        with self._lock:
            pattern = self._faults.refuse_address.lower()
            if pattern and fnmatchcase(address.lower(), pattern):
                return "550 5.1.1 No such mailbox here"
            if self._count_down("refuse_next"):
                return "451 4.3.0 The mailbox is not available right now, try again later"
            return ""

    def drop(self) -> Literal["", "before", "after"]:
        """Whether to cut this connection, and when. Counts down."""
        with self._lock:
            return self._faults.drop_when if self._count_down("drop_next") else ""

    def _count_down(self, name: str) -> bool:
        left: int = getattr(self._faults, name)
        if left:
            self._faults = self._faults.model_copy(update={name: left - 1})
        return left > 0
