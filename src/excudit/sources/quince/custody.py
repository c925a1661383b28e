"""Our custody of a dataset at QuinCe: 120 → 130 → 140, or back.

QuinCe knows no owner of a claim: whoever touches, completes or abandons a dataset in 130 succeeds.
The status changes after the package was built, and a lost answer tells nothing. So what we ask for
is written down before, and every doubt is settled by looking: at the list, by touching, and by
comparing bytes; never by publishing again. Run one exporter per server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import (
    Conflict,
    Drifted,
    NeedsPerson,
    NotFound,
    Permanent,
    Rejected,
)
from excudit.sources.quince.api import Api
from excudit.sources.quince.ledger import Ledger
from excudit.sources.quince.packages import Package, Packages

STALE_S = 1800.0
"""QuinCe takes a claim back so long after its last touch."""
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Custody:
    """Claims and reports of one source."""

    name: str
    api: Api
    ledger: Ledger
    packages: Packages
    now: Callable[[], float] = time.time

    def held(self, id_: int) -> Entry | None:
        """The claim that we hold, as far as we know; None = none."""
        claim: Entry | None = self.ledger.read().get(str(id_), {}).get("claim")
        return claim if claim and claim["state"] == "held" else None

    def claim(self, id_: int, name: str, *, key: str) -> float:
        """Take custody and the package; returns until when it lasts (epoch seconds). The same key
        twice = the same claim, as long as QuinCe still knows it. Raises Conflict for another key,
        and when the dataset does not wait for export."""
        with self.ledger.alone(id_):
            claim = self.ledger.read().get(str(id_), {}).get("claim")
            if claim and claim["key"] != key:
                raise Conflict(
                    f"{name} is held by another publication ({claim['key']}).",
                    hint="Wait until that one has ended, or stop it.",
                )
            if claim and claim["state"] == "held" and self._touched(id_, key):
                return self.now() + STALE_S
            if claim and claim["state"] == "asked":
                self._give_up_doubtful(id_)
            return self._export(id_, name, key)

    def _give_up_doubtful(self, id_: int) -> None:
        """We asked and do not know what came of it: a dataset in 130 that the list does not show is
        probably ours, but without the package, which cannot be had again. Give it back."""
        if self.api.tell("touchExport", id_) == "done" and not self._listed(id_):
            self.api.tell("abandonExport", id_)

    def _export(self, id_: int, name: str, key: str) -> float:
        self._write(id_, {"key": key, "state": "asked", "at": self.now()})
        try:
            package = self.packages.take(
                id_, name, lambda sink: self.api.export(id_, name, sink), None
            )
        except Permanent as error:
            if isinstance(error, Rejected):  # it came, is in 130, and is of no use
                self.api.tell("abandonExport", id_)
            self._write(id_, None)
            raise
        claim = {"key": key, "state": "held", "revision": package.revision, "at": self.now()}
        self._write(id_, claim)
        return self.now() + STALE_S

    def renew(self, id_: int, name: str, *, key: str) -> float:
        """Touch the claim. Raises Drifted when QuinCe does not know it any more: the dataset was
        recalculated, or the claim ran out."""
        if self.ledger.read().get(str(id_), {}).get("reported", {}).get(key) == "done":
            return self.now() + STALE_S  # complete: nothing runs out any more
        claim = self.held(id_)
        if claim is None or claim["key"] != key or not self._touched(id_, key):
            raise Drifted(
                f"The claim on {name} at {self.name} is lost.",
                hint="It ran out or the dataset was recalculated; look at it in QuinCe and submit "
                "it again.",
            )
        return self.now() + STALE_S

    def _touched(self, id_: int, key: str) -> bool:
        known = self.api.tell("touchExport", id_) == "done"
        with self.ledger.change() as book:
            entry = book.get(str(id_), {})
            claim = entry.get("claim")
            if claim and claim["key"] == key:
                claim["at"] = self.now()
                claim["state"] = "held" if known else "lost"
        return known

    def release(self, id_: int, *, key: str) -> None:
        """Give it back, once. Not ours, or not in 130 any more = done."""
        with self.ledger.alone(id_):
            claim = self.ledger.read().get(str(id_), {}).get("claim")
            if not claim or claim["key"] != key:
                return
            if claim["state"] == "held":
                self.api.tell("abandonExport", id_)
            elif claim["state"] == "asked":
                self._give_up_doubtful(id_)
            self._write(id_, None)

    def complete(self, id_: int, name: str, *, key: str) -> None:
        """Tell that all is published, once. Raises NeedsPerson where QuinCe leaves in doubt
        whether it heard so; asked again after that, the person's word is taken."""
        with self.ledger.alone(id_):
            entry = self.ledger.read().get(str(id_), {})
            told = entry.get("reported", {})
            # A follow-up reports by a key of its own, "PUBLICATION:TARGET"; it is complete already.
            if "done" in (told.get(key), told.get(key.partition(":")[0])):
                return
            said = told.get(key, "")
            if said != "questioned":
                self._report(id_, key, "asked")
                if self.api.tell("completeExport", id_) != "done":
                    self._look_again(id_, name, key, entry.get("claim"))
            self._report(id_, key, "done")

    def _look_again(self, id_: int, name: str, key: str, claim: Entry | None) -> None:
        """It was not in 130. Returns when it is complete by all signs, or is made so now."""
        package = self._kept(id_, name, claim)
        if self._listed(id_):
            self._complete_anew(id_, name, key, package)
            return
        try:
            self.api.download(name, lambda piece: None)
        except (Conflict, NotFound) as error:
            raise self._asked(id_, name, key, f"{error.message} {error.remote}".strip()) from error
        if package is None or package.manifest.nrt:
            # Within a day of the last one, near-real-time data in 120 are not listed either.
            raise self._asked(id_, name, key, "Its status cannot be told from outside.")

    def _complete_anew(self, id_: int, name: str, key: str, package: Package | None) -> None:
        """The claim ran out: take it again, and complete it only if it is what was published."""
        again = self.packages.take(id_, name, lambda sink: self.api.export(id_, name, sink), None)
        if package is not None and again.revision == package.revision:
            if self.api.tell("completeExport", id_) == "done":
                return
            raise self._asked(id_, name, key, "It left the export while it was completed.")
        self.api.tell("abandonExport", id_)
        raise self._asked(id_, name, key, "It holds other data now than those published.")

    def _asked(self, id_: int, name: str, key: str, why: str) -> NeedsPerson:
        self._report(id_, key, "questioned")
        return NeedsPerson(
            f"Does QuinCe show {name} as exported? {why}",
            hint="The data are published. Look at the dataset in QuinCe, set it right there, then "
            "retry: QuinCe is not asked again.",
        )

    def _kept(self, id_: int, name: str, claim: Entry | None) -> Package | None:
        revision = (claim or {}).get("revision")
        return self.packages.get(id_, name, revision) if revision else None

    def _listed(self, id_: int) -> bool:
        return any(line.id == id_ for line in self.api.listed())

    def _write(self, id_: int, claim: Entry | None) -> None:
        with self.ledger.change() as book:
            entry = book.setdefault(str(id_), {})
            entry.pop("claim", None)
            if claim is not None:
                entry["claim"] = claim

    def _report(self, id_: int, key: str, state: str) -> None:
        with self.ledger.change() as book:
            entry = book.setdefault(str(id_), {})
            entry.setdefault("reported", {})[key] = state
            if state == "done":
                entry.pop("claim", None)
                # Listed again means that it waits for export again.
                entry["absent"] = True
