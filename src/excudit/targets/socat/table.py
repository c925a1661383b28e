"""The data file that SOCAT takes: a preamble, then columns under headings that it knows.

From SOCAT's upload dashboard: headings are matched by their letters and digits alone; flags are
WOCE's (2 good, 3 questionable, 4 bad) and stand once per row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from excudit.domain.problem import Problem

EXPOCODE = re.compile(r"^[A-Z0-9]{4,6}\d{8}(-\d)?$")
FCO2 = "fCO2_water_SST_wet [ uatm ]"
NEEDED = ("timestamp", "longitude [ deg E ]", "latitude  [ deg N ]", FCO2)
_RENAMED = {"date time": "timestamp"}
_FLAG = {f"{FCO2} QC Flag": "WOCE CO2 water", f"{FCO2} QC Comment": "Comment WOCE CO2 water"}
_MARKS = (" QC Flag", " QC Comment", " Type")
_UNKNOWN = ("Delta_T", "Water Vapour Pressure")
TYPES = ("Ship", "Mooring", "Drifting Buoy", "Autonomous Surface Vehicle")


@dataclass(frozen=True, slots=True)
class Preamble:
    """What stands above the table. `organisations`: one for all investigators, or one for each."""

    expocode: str
    platform: str
    type: str
    investigators: tuple[str, ...]
    organisations: tuple[str, ...]
    suggested_qc: str = ""

    def lines(self) -> Iterator[str]:
        """The lines, as the dashboard reads them: no blank before the word, nothing after it."""
        yield f"Expocode: {self.expocode}"
        yield f"Vessel Name: {self.platform}"
        yield f"PIs: {'; '.join(self.investigators)}"
        yield f"Org: {'; '.join(self.organisations)}"
        yield f"Vessel type: {self.type}"
        if self.suggested_qc:
            yield f"Suggested QC: {self.suggested_qc}"

    def problems(self) -> list[Problem]:
        """Everything that the dashboard would refuse of it."""
        found = []
        code = self.expocode
        if not (12 <= len(code) <= 14 and EXPOCODE.match(code)):
            found.append(
                _wrong(
                    f"{code or 'The dataset’s name'} is no expocode of 12 to 14 characters.",
                    "Name the dataset by platform code and day of departure.",
                )
            )
        if not self.platform:
            found.append(_wrong("The platform has no name.", "Add it to the source's settings."))
        if not self.investigators:
            found.append(
                _wrong("No investigator is named.", "Add authors to the platform's settings.")
            )
        if not self.organisations:
            mend = "Add affiliations of the authors, or `organisation` to this target's settings."
            found.append(_wrong("The investigators have no organisation.", mend))
        if self.suggested_qc not in ("", "A", "B", "C", "D", "E"):
            found.append(
                _wrong(f"{self.suggested_qc} is no QC flag that can be suggested.", "Use A to E.")
            )
        return found


def preamble(facts: Mapping[str, Any], organisation: str, suggested_qc: str) -> Preamble:
    """The preamble from what is known of the dataset. No line breaks or semicolons get into it."""
    platform = facts.get("platform") or {}
    authors = platform.get("authors") or []
    affiliations = [_plain(a.get("affiliation", "")) for a in authors]
    each = tuple(affiliations) if affiliations and all(affiliations) else ()
    single = _plain(organisation) or next(filter(None, affiliations), "")
    kind = str(platform.get("type") or "Ship")
    return Preamble(
        expocode=str(facts.get("expocode") or ""),
        platform=_plain(platform.get("name", "")),
        type=kind if kind in TYPES else "Ship",
        investigators=tuple(_plain(a.get("name", "")) for a in authors),
        organisations=tuple(dict.fromkeys(each)) if len(set(each)) == 1 else each or _one(single),
        suggested_qc=suggested_qc,
    )


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _plain(text: Any) -> str:
    return " ".join(str(text).replace(";", ",").split())


def _wrong(message: str, mend: str) -> Problem:
    return Problem("", message, mend, rule="socat.preamble")


def columns(headings: Sequence[str]) -> list[tuple[int, str]]:
    """The columns that are sent, by their place, under the headings that SOCAT knows."""
    kept = []
    for place, heading in enumerate(headings):
        if heading in _FLAG:
            kept.append((place, _FLAG[heading]))
        elif not heading.endswith(_MARKS) and not heading.startswith(_UNKNOWN):
            kept.append((place, _RENAMED.get(heading, heading)))
    return kept


def written(above: Preamble, lines: Iterator[str], count: Callable[[], object]) -> Iterator[str]:
    """The file, line by line; `count` is called for each row. Raises ValueError for rows of
    another width, or a column that has to be there and is not."""
    yield from (f"{line}\n" for line in above.lines())
    rows = csv.reader(lines, delimiter="\t")
    headings = next(rows, [])
    sent = columns(headings)
    if missing := [name for name in NEEDED if name not in {heading for _, heading in sent}]:
        raise ValueError(f"there is no column {' and '.join(missing)}")
    yield "\t".join(heading for _, heading in sent) + "\n"
    for number, row in enumerate(rows, 1):
        if len(row) != len(headings):
            raise ValueError(f"row {number} has {len(row)} cells instead of {len(headings)}")
        count()
        yield "\t".join(_cell(row[place]) for place, _ in sent) + "\n"


def _cell(text: str) -> str:
    return text.replace("\t", " ").replace('"', "'")
