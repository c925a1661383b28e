"""Which column of an export file holds what. QuinCe names columns by format; all its names for one
quantity stand here (QuinCe `configuration/export_config.json`)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NAMES: Mapping[str, tuple[str, ...]] = {
    "time": ("Date/Time", "date time", "Timestamp"),
    "longitude": ("Longitude", "longitude [ deg E ]", "ALONGP01"),
    "latitude": ("Latitude", "latitude  [ deg N ]", "ALATGP01"),
    "fco2": ("fCO2 [uatm]", "fCO2_water_SST_wet [ uatm ]", "FCO2XXXX"),
    "temperature": ("Temp [degC]", "SST [ deg C ]", "TEMPPR01"),
    "salinity": ("P_sal [psu]", "Salinity [ PSU ]", "PSALPR01"),
}
TITLES: Mapping[str, tuple[str, str]] = {
    "fco2": ("fCO₂ in sea water", "fCO₂ (µatm)"),
    "temperature": ("Sea surface temperature", "temperature (°C)"),
    "salinity": ("Salinity", "salinity (PSU)"),
}
REQUIRED = ("time", "longitude", "latitude", "fco2", "temperature", "salinity")
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LONGEST = 1 << 20


class UnreadableError(Exception):
    """The file has no header line that can be read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, in order, and which of them we know."""

    separator: str
    headings: tuple[str, ...]

    def name(self, role: str) -> str:
        """The heading that holds this quantity; "" = none does."""
        return next((n for n in NAMES[role] if n in self.headings), "")

    def flag(self, heading: str) -> str:
        """The column with the flags of another; "" = it has none."""
        return next((h for h in (f"{heading} QC Flag", f"{heading}_QC") if h in self.headings), "")

    def comment(self, heading: str) -> str:
        """The column with the comments of another; "" = it has none."""
        return f"{heading} QC Comment" if f"{heading} QC Comment" in self.headings else ""

    def flagged(self) -> tuple[str, ...]:
        """All columns that have flags."""
        return tuple(h for h in self.headings if self.flag(h))

    def number(self, heading: str) -> int:
        """Where the column stands, counted from 1."""
        return self.headings.index(heading) + 1


def layout(path: Path) -> Layout:
    """The layout of the file. Raises UnreadableError."""
    separator = _SEPARATORS.get(path.suffix.lower(), "")
    with path.open("rb") as file:
        line = file.readline(_LONGEST)
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableError("The header line is not UTF-8.") from error
    separator = separator or _guess(text)
    headings = next(csv.reader([text], delimiter=separator), [])
    if len(headings) < 2 or len(set(headings)) != len(headings):
        raise UnreadableError("The header line has fewer than two columns or names one twice.")
    return Layout(separator, tuple(headings))


def _guess(text: str) -> str:
    return max(("\t", ";", ",", "|"), key=text.count)


def missing(found: Layout, wanted: Sequence[str] = REQUIRED) -> list[str]:
    """The quantities that no column holds, by their names in the `ICOS OTC` format."""
    return [NAMES[role][0] for role in wanted if not found.name(role)]
