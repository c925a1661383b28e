"""The export files of QuinCe, line by line: which columns, which headings, which form.

Headings and forms are facts of QuinCe's `export_config.json` and its exporters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from excudit.sandbox.quince.measured import Cruise, Row, rows

Value = Callable[[Row], float]
_COLUMNS: tuple[tuple[str, str, str, int, str, Value], ...] = (
    # code, ICOS OTC, SOCAT, decimals, kind (sensor "M" or calculated ""), value
    ("ALONGP01", "Longitude", "longitude [ deg E ]", 4, "M", lambda r: r.longitude),
    ("ALATGP01", "Latitude", "latitude  [ deg N ]", 4, "M", lambda r: r.latitude),
    ("ADEPZZ01", "Depth [m]", "Depth [m]", 3, "N", lambda r: 5.0),
    ("TEMPPR01", "Temp [degC]", "SST [ deg C ]", 3, "M", lambda r: r.temperature),
    ("PSALPR01", "P_sal [psu]", "Salinity [ PSU ]", 3, "M", lambda r: r.salinity),
    (
        "TEMPEQMN",
        "Temperature of Equilibration [degC]",
        "T_equ [ deg C ]",
        3,
        "M",
        lambda r: r.equilibrator,
    ),
    ("PRESSEQ", "Equilibrator Pressure", "P_equ [ hPa ]", 3, "M", lambda r: r.pressure),
    (
        "XCO2DCEQ",
        "xCO2 In Water - Calibrated In Dry Air [umol mol-1]",
        "xCO2_water_Tequ_dry [ umol/mol ]",
        3,
        "M",
        lambda r: r.xco2,
    ),
    ("PCO2TK02", "pCO2 [uatm]", "pCO2_water_SST_wet [ uatm ]", 3, "", lambda r: r.fco2 * 1.003),
    ("FCO2XXXX", "fCO2 [uatm]", "fCO2_water_SST_wet [ uatm ]", 3, "", lambda r: r.fco2),
)


@dataclass(frozen=True, slots=True)
class Written:
    """One export format: its folder, extension and form."""

    folder: str
    extension: str
    separator: str
    column: int
    time_heading: str
    time_form: str
    flag: str
    comments: bool
    bad_rows: bool

    def lines(self, cruise: Cruise) -> Iterator[str]:
        """The file, line by line."""
        yield self._heading() + "\n"
        for row in self.kept(cruise):
            yield self._line(row, cruise) + "\n"

    def kept(self, cruise: Cruise) -> Iterator[Row]:
        """The rows that this format takes."""
        if cruise.traps and self.folder == "Copernicus":
            return iter(())
        return (row for row in rows(cruise) if self.bad_rows or row.flag != "4")

    def _heading(self) -> str:
        cells: list[str] = [self.time_heading]
        for column in _COLUMNS:
            name = str(column[self.column])
            cells += [name, f"{name}{self.flag}"]
            cells += [f"{name} QC Comment"] if self.comments else []
            cells += [f"{name} Type"] if column[4] else []
        return self.separator.join(cells)

    def _line(self, row: Row, cruise: Cruise) -> str:
        cells = [row.at.strftime(self.time_form)]
        for code, _, _, decimals, kind, value in _COLUMNS:
            mine = code in ("PCO2TK02", "FCO2XXXX")
            if row.missing and mine:
                cells += ["NaN", *([""] if not self.comments else ["", ""])]
            else:
                flag, comment = (row.flag, row.comment) if mine else ("2", "")
                text = comment.replace(self.separator, " ").replace('"', "'")
                cells += [f"{value(row):.{decimals}f}", flag]
                cells += [f'"{text}"'] if self.comments else []
            cells += [kind] if kind else []
        return self.separator.join(cells)


OTC = Written(
    "ICOS OTC", "csv", ",", 1, "Date/Time", "%Y-%m-%dT%H:%M:%S.000Z", " QC Flag", True, True
)
SOCAT = Written("SOCAT", "tsv", "\t", 2, "date time", "%Y-%m-%d %H:%M:%S", " QC Flag", True, False)
COPERNICUS = Written(
    "Copernicus", "csv", ",", 0, "Timestamp", "%Y-%m-%dT%H:%M:%S.000Z", "_QC", False, True
)
FORMATS = (SOCAT, OTC, COPERNICUS)
