"""A made-up cruise: positions, temperatures, salinity and fCO2 that look like the sea's.

The same description gives the same rows, so nothing but the description has to be kept.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Generation = Literal["current", "2022", "2018"]


@dataclass(frozen=True, slots=True)
class Cruise:
    """What a dataset is made from. `start` is ISO 8601, `step_s` the seconds between rows;
    `doubtful` and `bad` are how many rows got the flags 3 and 4; `tweak` changes one value, as a
    person does who recalculates; `traps` adds everything that surprises exporters."""

    name: str
    code: str = "26NA"
    platform: str = "NO-SOOP-Nuka Arctica"
    instrument: str = "Nuka Arctica CO2"
    user: str = "Ola Nordmann"
    start: str = "2005-01-07T01:08:00"
    rows: int = 500
    step_s: int = 160
    nrt: bool = False
    doubtful: int = 5
    bad: int = 5
    tweak: int = 0
    generation: Generation = "current"
    traps: bool = False
    comments: str = "Salinity interpolated.\nMade up for a sandbox."
    announced: int = 0
    """Added to the rows that the manifest announces: 0 = it tells the truth."""

    def as_data(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `flag` is that of fCO2, `comment` why; `at` is UTC."""

    at: datetime
    longitude: float
    latitude: float
    temperature: float
    salinity: float
    equilibrator: float
    pressure: float
    xco2: float
    fco2: float
    flag: str
    comment: str
    missing: bool


def rows(cruise: Cruise) -> Iterator[Row]:
    """All rows, one after the other."""
    chance = random.Random(cruise.name)
    at = datetime.fromisoformat(cruise.start).replace(tzinfo=UTC)
    warmth = 3.0
    for number in range(cruise.rows):
        part = number / max(1, cruise.rows - 1)
        warmth += chance.uniform(-0.05, 0.05) + (3.0 - warmth) * 0.01
        temperature = warmth + 3.0 * part
        fco2 = 330.0 + 40.0 * math.sin(6.0 * part) + chance.uniform(-1.5, 1.5)
        flag, comment = "2", ""
        if 200 <= number < 200 + cruise.bad:
            flag, comment, fco2 = "4", "Spike: gas flow too low", fco2 + 400.0
        elif 300 <= number < 300 + cruise.doubtful:
            flag, comment = "3", "Equilibrator temperature doubtful, see the crew's notes (5 °C)"
        if number == cruise.rows // 2:
            fco2 += cruise.tweak
        yield Row(
            at=at + timedelta(seconds=number * cruise.step_s),
            longitude=-43.0 + 11.7 * part,
            latitude=59.3 + 0.7 * math.sin(3.0 * part),
            temperature=temperature,
            salinity=34.8 + 0.2 * math.cos(5.0 * part),
            equilibrator=temperature + 0.6,
            pressure=980.0 + 5.0 * math.sin(9.0 * part),
            xco2=fco2 * 1.03,
            fco2=fco2,
            flag=flag,
            comment=comment,
            missing=cruise.traps and 101 <= number <= 112,
        )
