"""The datasets that a sandbox begins with: every status, both kinds of stations, one with traps."""

from __future__ import annotations

from excudit.sandbox.quince.measured import Cruise

_DIRECT = {"code": "77FF", "platform": "FI-SOOP-Baltic Ferry", "instrument": "Ferry CO2"}
CRUISES: tuple[tuple[int, Cruise, int], ...] = (
    (99, Cruise("26NA20050107"), 120),
    (101, Cruise("26NA20050212", start="2005-02-12T04:00:00", rows=900, traps=True), 120),
    (
        102,
        Cruise(
            "77FF20190402",
            code="77FF",
            platform=_DIRECT["platform"],
            instrument=_DIRECT["instrument"],
            user="Aino Virtanen",
            start="2019-04-02T06:00:00",
        ),
        120,
    ),
    (103, Cruise("26NA20050301", start="2005-03-01T00:00:00"), 20),
    (104, Cruise("26NA20050322", start="2005-03-22T00:00:00"), 50),
    (105, Cruise("26NA20050410", start="2005-04-10T00:00:00"), 100),
    (106, Cruise("26NA20050502", start="2005-05-02T00:00:00"), 110),
    (107, Cruise("26NA20041203", start="2004-12-03T00:00:00", generation="2022"), 140),
    (108, Cruise("26NA20050530", start="2005-05-30T00:00:00"), -1),
)
