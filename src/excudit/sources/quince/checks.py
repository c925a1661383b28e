"""What has to be right in a package before it is exported, as rules; all problems at once.

Files are read in pieces, so that memory does not grow with them. Rows are counted from 1 after the
header line; `line` and `column` of a problem are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from excudit.domain.problem import Problem, Severity
from excudit.sources.quince.columns import NAMES, Layout, UnreadableError, layout, missing
from excudit.sources.quince.manifest import Bounds, Format, Manifest
from excudit.sources.quince.settings import Ranges

EACH = 5
"""Rows that are told one by one for each rule and column; the rest is counted."""
ROWS = 50_000
_EXPOCODE = re.compile(r"^(?=.{12,14}$)([A-Z0-9]{4,6})(\d{4})(\d{2})(\d{2})(-\d)?$")
_NEAR = 0.0011
"""Degrees by which bounds may differ: the manifest writes three decimals."""
_TIMES = ("%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S")
FLAGS = ("1", "2", "3", "4")


def expocode(name: str, code: str) -> str:
    """The name where it is an expocode of that platform: its code and the day of departure (SOCAT:
    12 to 14 characters); else ""."""
    found = _EXPOCODE.match(name)
    if found is None or found[1] != code:
        return ""
    try:
        datetime(int(found[2]), int(found[3]), int(found[4]))  # noqa: DTZ001 -- a day, no moment
    except ValueError:
        return ""
    return name


@dataclass(slots=True)
class Counted:
    """What reading a file told: its rows, and the box of its positions."""

    rows: int = 0
    box: Bounds | None = None


@dataclass(slots=True)
class _Told:
    """Problems of one file: the first ones of each kind in full, the rest counted."""

    where: str
    problems: list[Problem] = field(default_factory=list)
    more: dict[tuple[str, str], int] = field(default_factory=dict)

    def say(
        self,
        message: str,
        mend: str,
        rule: str,
        severity: Severity = "error",
        *,
        row: int | None = None,
        column: int | None = None,
        heading: str = "",
    ) -> None:
        line = row + 1 if row is not None else None
        problem = Problem(self.where, message, mend, severity, f"quince.{rule}", line, column)
        if row is None:
            self.problems.append(problem)
            return
        known = self.more.get((rule, heading), 0)
        self.more[rule, heading] = known + 1
        if known < EACH:
            self.problems.append(problem)

    def each(self, found: pl.DataFrame, heading: str, column: int, rule: str, **how: Any) -> None:
        """Say it for every row found: a frame of row and value. `how`: message (with {row} and
        {value}), mend, severity."""
        for row, value in found.head(EACH).iter_rows():
            message = how["message"].format(row=row, value=value, heading=heading)
            self.say(
                message,
                how["mend"],
                rule,
                how.get("severity", "error"),
                row=row,
                column=column,
                heading=heading,
            )
        key = (rule, heading)
        self.more[key] = self.more.get(key, 0) + max(0, found.height - EACH)

    def all(self) -> list[Problem]:
        """Every problem, with a count of those that were not told one by one."""
        for (rule, heading), count in sorted(self.more.items()):
            if count > EACH:
                known = next(p for p in self.problems if p.rule == f"quince.{rule}")
                said = f"{count - EACH:,} more rows have the same in “{heading}”."
                self.problems.append(
                    Problem(self.where, said, known.mend, known.severity, known.rule)
                )
        return self.problems


def of_names(manifest: Manifest, formats: Sequence[str]) -> list[Problem]:
    """What is wrong with the name and the formats."""
    found: list[Problem] = []
    if not expocode(manifest.name, manifest.platform_code):
        found.append(
            Problem(
                "manifest.json",
                f"The name {manifest.name!r} is no expocode of the platform "
                f"{manifest.platform_code}.",
                f"Name the dataset {manifest.platform_code} and the day of departure, as "
                f"{manifest.platform_code}20050107, in QuinCe.",
                rule="quince.expocode",
            )
        )
    present = {f.name for f in manifest.formats}
    found += [
        Problem(
            "manifest.json",
            f"The package has no {name} format.",
            "Let QuinCe's administrators add that export format, or take it out of `formats`.",
            rule="quince.format-missing",
        )
        for name in formats
        if name not in present
    ]
    return found


def of_file(
    path: Path, where: str, form: Format, *, required: bool, ranges: Ranges, records: int | None
) -> tuple[Counted, list[Problem]]:
    """Read one data file and judge it. `records` is how many rows the manifest announces."""
    told = _Told(where)
    counted = Counted()
    try:
        known = layout(path)
    except UnreadableError as error:
        told.say(str(error), "Export the dataset again.", "header")
        return counted, told.all()
    if absent := missing(known):
        severity: Severity = "error" if required else "warning"
        mend = "Let QuinCe's administrators put it into the export format."
        for name in absent:
            told.say(f"There is no column “{name}”.", mend, "column-missing", severity)
    reading = _Reading(known, told, counted, ranges)
    try:
        for batch in _batches(path, known, reading.wanted()):
            reading.take(batch)
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        told.say(f"The file cannot be read as a table: {first}", "Export it again.", "table")
        return counted, told.all()
    _judge_whole(told, counted, form, required, records)
    return counted, told.all()


def _judge_whole(
    told: _Told, counted: Counted, form: Format, required: bool, records: int | None
) -> None:
    if counted.rows == 0:
        told.say(
            f"The format {form.name} has no rows.",
            "Nothing to do where nobody needs it; else look at the flags in QuinCe.",
            "empty",
            "error" if required else "warning",
        )
    if records is not None and records != counted.rows:
        told.say(
            f"The file has {counted.rows:,} rows; the manifest announces {records:,}.",
            "Export the dataset again: a repository would refuse it.",
            "rows",
        )
    if form.bounds and counted.box:
        off = {
            s: form.bounds[s] for s in form.bounds if abs(form.bounds[s] - counted.box[s]) > _NEAR
        }
        for side, said in sorted(off.items()):
            told.say(
                f"The manifest puts the {side} bound at {said:g}, the rows at "
                f"{counted.box[side]:g}.",
                "Recalculate the dataset in QuinCe and export it again.",
                "bounds",
            )


class _Reading:
    """The rules that look at rows, piece by piece."""

    def __init__(self, known: Layout, told: _Told, counted: Counted, ranges: Ranges) -> None:
        self._known, self._told, self._counted, self._ranges = known, told, counted, ranges
        self._last: datetime | None = None

    def wanted(self) -> list[str]:
        """The columns that are read."""
        known = self._known
        names = [known.name(role) for role in NAMES]
        for heading in known.flagged():
            names += [known.flag(heading), known.comment(heading)]
        return [name for name in dict.fromkeys(names) if name]

    def take(self, batch: pl.DataFrame) -> None:
        """Judge one piece."""
        self._counted.rows += batch.height
        if batch.height == 0:
            return
        if time := self._known.name("time"):
            self._times(batch, time)
        self._positions(batch)
        for role in ("fco2", "temperature", "salinity"):
            if heading := self._known.name(role):
                self._range(batch, heading, getattr(self._ranges, role))
        for heading in self._known.flagged():
            self._flags(batch, heading)

    def _each(self, found: pl.DataFrame, heading: str, rule: str, **how: Any) -> None:
        if found.height:
            self._told.each(found, heading, self._known.number(heading), rule, **how)

    def _times(self, batch: pl.DataFrame, heading: str) -> None:
        moment = parsed_time(heading)
        found = batch.select("row", heading, moment.alias("at"))
        self._each(
            found.filter(pl.col("at").is_null()).select("row", heading),
            heading,
            "time",
            message="Row {row}: {value!r} is no time.",
            mend="Recalculate the dataset in QuinCe.",
        )
        good = found.filter(pl.col("at").is_not_null())
        if good.height == 0:
            return
        before = pl.col("at").shift(1, fill_value=self._last)
        for rule, wrong, severity, said in (
            ("time-order", pl.col("at") < before, "error", "is earlier than the row before"),
            ("time-twice", pl.col("at") == before, "warning", "stands in the row before, too"),
        ):
            self._each(
                good.filter(wrong).select("row", heading),
                heading,
                rule,
                message="Row {row}: the time {value} " + said + ".",
                mend="Look at the instrument's clock and recalculate the dataset in QuinCe.",
                severity=severity,
            )
        self._last = good["at"][-1]

    def _positions(self, batch: pl.DataFrame) -> None:
        sides = {"latitude": ("south", "north", 90.0), "longitude": ("west", "east", 180.0)}
        for role, (low, high, most) in sides.items():
            heading = self._known.name(role)
            if not heading:
                continue
            degrees = batch.select("row", heading, number(heading).alias("at"))
            inside = degrees.filter(pl.col("at").abs() <= most)["at"]
            self._widen(low, high, inside)
            self._each(
                degrees.filter((pl.col("at").abs() > most) & pl.col("at").is_not_nan()).select(
                    "row", heading
                ),
                heading,
                "position",
                message="Row {row}: {value} is no " + role + ".",
                mend="Correct the position or flag it in QuinCe.",
            )
            self._each(
                degrees.filter(pl.col("at").is_null() | pl.col("at").is_nan()).select(
                    "row", heading
                ),
                heading,
                "position-missing",
                message="Row {row} has no " + role + ".",
                mend="Nothing to do where the position is truly not known.",
                severity="warning",
            )

    def _widen(self, low: str, high: str, inside: pl.Series) -> None:
        if inside.len() == 0:
            return
        box = self._counted.box = self._counted.box or {}
        least, greatest = float(inside.min()), float(inside.max())  # type: ignore[arg-type]
        box[low] = min(box.get(low, least), least)
        box[high] = max(box.get(high, greatest), greatest)

    def _range(self, batch: pl.DataFrame, heading: str, between: tuple[float, float]) -> None:
        value = number(heading)
        outside = (value < between[0]) | ((value > between[1]) & value.is_not_nan())
        if flag := self._known.flag(heading):
            outside &= pl.col(flag) == "2"
        self._each(
            batch.filter(outside).select("row", heading),
            heading,
            "range",
            message="Row {row}: {value} in “{heading}” is flagged good and lies outside of "
            f"{between[0]:g} to {between[1]:g}.",
            mend="Look at it in QuinCe; flag it where it is wrong.",
            severity="warning",
        )

    def _flags(self, batch: pl.DataFrame, heading: str) -> None:
        flag, comment = self._known.flag(heading), self._known.comment(heading)
        unknown = pl.col(flag).is_not_null() & ~pl.col(flag).is_in(FLAGS)
        self._each(
            batch.filter(unknown).select("row", flag),
            flag,
            "flag",
            message="Row {row}: {value!r} in “{heading}” is no flag; there are "
            + ", ".join(FLAGS)
            + ".",
            mend="Recalculate the dataset in QuinCe.",
        )
        if comment:
            silent = pl.col(comment).is_null() | (pl.col(comment).str.strip_chars() == "")
            self._each(
                batch.filter(pl.col(flag).is_in(["3", "4"]) & silent).select("row", flag),
                flag,
                "comment",
                message="Row {row}: the flag {value} in “{heading}” has no comment.",
                mend="Say in QuinCe why it is flagged.",
                severity="warning",
            )


def number(heading: str) -> pl.Expr:
    """The column as numbers; what is none is null, a missing value NaN."""
    return pl.col(heading).cast(pl.Float64, strict=False)


def parsed_time(heading: str) -> pl.Expr:
    """The column as moments without a zone (all are UTC); what is none is null."""
    return pl.coalesce(pl.col(heading).str.to_datetime(f, strict=False) for f in _TIMES)


def _batches(path: Path, known: Layout, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    table = pl.scan_csv(
        path,
        separator=known.separator,
        infer_schema=False,
        row_index_name="row",
        row_index_offset=1,
        raise_if_empty=False,
    )
    return table.select("row", *wanted).collect_batches(chunk_size=ROWS, maintain_order=True)
