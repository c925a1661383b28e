"""What the stand-in keeps: datasets with their statuses, and its clock, in SQLite."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from excudit.sandbox.quince.measured import Cruise
from excudit.sandbox.quince.packing import build

MEMORY = ":memory:"
READY, EXPORTING, EXPORTED = 120, 130, 140
RESET_S = 30 * 60
HIDDEN_S = 86_400
WATCHED_S = 30
NAMES = {
    -4: "Marked for reprocessing",
    -3: "Deleting",
    -2: "Marked for delete",
    -1: "ERROR",
    0: "Waiting",
    10: "Data Extraction",
    20: "Sensor QC",
    30: "Data Reduction",
    40: "Data Reduction QC",
    50: "Ready for Manual QC",
    60: "Calibration info required",
    100: "Ready for Submission",
    110: "Waiting for Approval",
    120: "Waiting for Automatic Export",
    130: "Automatic Export In Progress",
    140: "Automatic Export Complete",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One dataset. `touched` is when its row was last saved, in epoch seconds by our clock."""

    id: int
    name: str
    instrument: str
    user: str
    nrt: bool
    status: int
    touched: float
    exported: float
    cruise: Cruise | None


class State:
    """All datasets. Safe for many threads: the caller holds `lock` over what belongs together."""

    def __init__(self, path: str) -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(
            "create table if not exists datasets (id integer primary key, name text, instrument"
            " text, user text, nrt int, status int, touched real, exported real, cruise blob,"
            " package blob);"
            "create table if not exists clock (ahead real);"
            "create table if not exists completed (instrument text primary key, at real);"
        )
        if self._db.execute("select count(*) from clock").fetchone()[0] == 0:
            self._db.execute("insert into clock values (0)")

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._db.close()

    def now(self) -> float:
        """Epoch seconds by this server's clock."""
        return time.time() + float(self._db.execute("select ahead from clock").fetchone()[0])

    def forward(self, seconds: float) -> None:
        """Move the clock on."""
        with self.lock:
            self._db.execute("update clock set ahead = ahead + ?", (seconds,))

    def add(
        self, cruise: Cruise | None, *, id_: int, status: int, package: bytes | None, **names: str
    ) -> None:
        """Keep a dataset, made from a cruise or with a package as it is."""
        about = (
            (cruise.name, cruise.instrument, cruise.user, cruise.nrt)
            if cruise
            else (names["name"], names["instrument"], names["user"], False)
        )
        body = orjson.dumps(cruise.as_data()) if cruise else None
        with self.lock:
            self._db.execute(
                "insert or replace into datasets values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
                (id_, *about, status, self.now(), body, package),
            )

    def all(self) -> list[Kept]:
        """Every dataset by its number, after the watchdog looked at them."""
        with self.lock:
            self._watch()
            query = "select id, name, instrument, user, nrt, status, touched, exported, cruise"
            return [_kept(row) for row in self._db.execute(f"{query} from datasets order by id")]

    def get(self, id_: int) -> Kept | None:
        """One dataset."""
        return next((kept for kept in self.all() if kept.id == id_), None)

    def package(self, kept: Kept) -> bytes:
        """Its ZIP, built now."""
        if kept.cruise is None:
            row = self._db.execute("select package from datasets where id = ?", (kept.id,))
            return bytes(row.fetchone()[0])
        return build(kept.cruise, datetime.fromtimestamp(kept.touched, UTC))

    def set(self, id_: int, status: int) -> None:
        """Save the row with a status: its time is now."""
        with self.lock:
            self._db.execute(
                "update datasets set status = ?, touched = ? where id = ?",
                (status, self.now(), id_),
            )

    def complete(self, kept: Kept) -> None:
        """Exported; near-real-time data of the instrument are hidden for a day."""
        with self.lock:
            self.set(kept.id, EXPORTED)
            self._db.execute("update datasets set exported = ? where id = ?", (self.now(), kept.id))
            if kept.nrt:
                self._db.execute(
                    "insert or replace into completed values (?, ?)", (kept.instrument, self.now())
                )

    def hidden(self, kept: Kept) -> bool:
        """Whether the list leaves it out: the instrument had near-real-time data within a day."""
        if not kept.nrt:
            return False
        row = self._db.execute("select at from completed where instrument = ?", (kept.instrument,))
        found = row.fetchone()
        return found is not None and self.now() - float(found[0]) < HIDDEN_S

    def _watch(self) -> None:
        """The watchdog: it looks every half minute for exports that nobody touched."""
        before = self.now() - RESET_S
        self._db.execute(
            "update datasets set status = ?, touched = ? where status = ? and touched < ?",
            (READY, self.now(), EXPORTING, before),
        )


def _kept(row: tuple[object, ...]) -> Kept:
    *plain, cruise = row
    made = Cruise(**orjson.loads(cruise)) if isinstance(cruise, bytes) else None
    id_, name, instrument, user, nrt, status, touched, exported = plain
    return Kept(
        int(str(id_)),
        str(name),
        str(instrument),
        str(user),
        bool(nrt),
        int(str(status)),
        float(str(touched)),
        float(str(exported)),
        made,
    )
