"""What an expert looks at: where the ship went, what was measured, which flags it got, and what
changed since the last export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
import polars as pl

from excudit.domain.looks import Looks, Plot, Series, Table, from_data
from excudit.sources.quince.checks import number, parsed_time
from excudit.sources.quince.columns import NAMES, TITLES, UnreadableError, layout
from excudit.sources.quince.packages import Package
from excudit.sources.quince.record import path_of

PREFERRED = ("ICOS OTC", "ICOS OTC No Salinity Flags", "SOCAT", "Copernicus")
DOTS = 1200
"""Points of one kind that are drawn at most; extremes are kept."""
FLAGS = (
    ("2", "Good (2)", "good"),
    ("3", "Questionable (3)", "questionable"),
    ("4", "Bad (4)", "bad"),
)
_MEASURED = ("fco2", "temperature", "salinity")
_SAVED = "looks-1.json"


def looks(package: Package, before: Package | None) -> Looks:
    """Everything there is to look at; computed once and kept beside the package."""
    own = _own(package)
    if before is None or before.revision == package.revision:
        return own
    compared = _compared(before, package)
    return Looks(own.about, own.plots, (*own.tables, compared), own.notes)


def _own(package: Package) -> Looks:
    kept = package.folder / _SAVED
    try:
        return from_data(orjson.loads(kept.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    made = _made(package)
    part = kept.with_name(f".{_SAVED}.part")
    part.write_bytes(orjson.dumps(made.as_data()))
    part.replace(kept)
    return made


def _made(package: Package) -> Looks:
    chosen = _table_of(package)
    if chosen is None:
        return Looks("", notes=("No format of the package holds rows to look at.",))
    name, path = chosen
    try:
        rows = read(path)
    except (UnreadableError, pl.exceptions.PolarsError) as error:
        first = str(error).splitlines()[0]
        return Looks("", notes=(f"The file of the format {name} cannot be read: {first}",))
    return of_rows(name, rows)


def of_rows(name: str, rows: pl.DataFrame) -> Looks:
    """Plots and tables of the rows that `read` gave."""
    about = f"{rows.height:,} rows of the format {name}"
    plots = [_track(rows)] if "latitude" in rows.columns else []
    plots += [_over_time(rows, role) for role in _MEASURED if role in rows.columns]
    tables = (_flags(rows), *(_figures(rows, role) for role in _MEASURED if role in rows.columns))
    absent = tuple(
        f"There is no column for {TITLES[role][0]}."
        for role in _MEASURED
        if role not in rows.columns
    )
    return Looks(about, tuple(plots), tables, absent)


def _table_of(package: Package) -> tuple[str, Path] | None:
    forms = {f.name: f for f in package.manifest.formats}
    ordered = [*(n for n in PREFERRED if n in forms), *(n for n in forms if n not in PREFERRED)]
    for name in ordered:
        path = path_of(forms[name])
        if package.rows.get(path, 0):
            return name, package.file(path)
    return None


def read(path: Path) -> pl.DataFrame:
    """Time, position and measured values with their flags ("" = missing, no flag = ""), one
    reading. Raises UnreadableError or a polars error."""
    known = layout(path)
    columns: list[pl.Expr] = []
    for role in NAMES:
        heading = known.name(role)
        if not heading:
            continue
        value = parsed_time(heading) if role == "time" else number(heading)
        columns.append(value.alias(role))
        if flag := known.flag(heading):
            columns.append(pl.col(flag).cast(pl.Categorical).alias(f"{role} flag"))
    table = pl.scan_csv(path, separator=known.separator, infer_schema=False)
    return table.select(columns).collect(engine="streaming")


def _flagged(rows: pl.DataFrame, role: str, flag: str) -> pl.DataFrame:
    """The rows whose value is there and has this flag; without flags all are good."""
    there = rows[role].is_not_null() & rows[role].is_not_nan()
    if f"{role} flag" not in rows.columns:
        return rows.filter(there) if flag == "2" else rows.clear()
    return rows.filter(there & (rows[f"{role} flag"].cast(pl.String) == flag))


def _over_time(rows: pl.DataFrame, role: str) -> Plot:
    title, label = TITLES[role]
    series = []
    for flag, words, mark in FLAGS:
        found = _flagged(rows, role, flag).select("time", role).drop_nulls()
        dots = _extremes(found, role)
        if found.height:
            at = dots["time"].dt.epoch("ms") / 1000
            series.append(Series(words, mark, at.to_list(), dots[role].to_list(), found.height))
    return Plot(role, f"{title} over time", "time (UTC)", label, tuple(series))


def _extremes(found: pl.DataFrame, role: str) -> pl.DataFrame:
    """The least and the greatest value of each stretch of rows, so that no outlier is lost."""
    if found.height <= DOTS:
        return found
    stretch = pl.int_range(pl.len()) * (DOTS // 2) // found.height
    both = found.group_by(stretch.alias("stretch"), maintain_order=True).agg(
        pl.col("time").get(pl.col(role).arg_min()).alias("time"),
        pl.col(role).min().alias(role),
        pl.col("time").get(pl.col(role).arg_max()).alias("later"),
        pl.col(role).max().alias("most"),
    )
    least = both.select("time", role)
    most = both.select(pl.col("later").alias("time"), pl.col("most").alias(role))
    return pl.concat([least, most]).sort("time")


def _track(rows: pl.DataFrame) -> Plot:
    series = []
    for flag, words, mark in FLAGS:
        found = _flagged(rows, "latitude", flag).select("longitude", "latitude").drop_nulls()
        step = max(1, found.height // DOTS)
        dots = found.gather_every(step)
        if found.height:
            xs, ys = dots["longitude"].to_list(), dots["latitude"].to_list()
            series.append(Series(words, mark, xs, ys, found.height))
    return Plot(
        "track", "Track", "longitude (° east)", "latitude (° north)", tuple(series), times=False
    )


def _flags(rows: pl.DataFrame) -> Table:
    """How often each flag was given, by quantity."""
    lines = []
    for role, title in (("latitude", "Position"), *((r, TITLES[r][0]) for r in _MEASURED)):
        if role not in rows.columns:
            continue
        counts = [_flagged(rows, role, flag).height for flag, _, _ in FLAGS]
        missing = rows.height - rows[role].drop_nulls().drop_nans().len()
        other = rows.height - missing - sum(counts)
        shown = (*counts, other, missing)
        lines.append((title, *(_share(count, rows.height) for count in shown)))
    head = ("Quantity", *(words for _, words, _ in FLAGS), "Other flag", "No value")
    return Table("flags", "Flags, in rows", head, tuple(lines), "track")


def _share(count: int, of: int) -> str:
    return f"{count:,} ({100 * count / of:.1f} %)" if count and of else f"{count:,}"


def _figures(rows: pl.DataFrame, role: str) -> Table:
    """Least, mean and greatest value by day, or by month where there are many days."""
    title = TITLES[role][0]
    good = _flagged(rows, role, "2").select("time", role).drop_nulls()
    days = good["time"].dt.date().n_unique() if good.height else 0
    every = "1mo" if days > 31 else "1d" if days > 2 else "1h"
    shape = {"1mo": "%Y-%m", "1d": "%Y-%m-%d", "1h": "%Y-%m-%d %H:00"}[every]
    grouped = (
        good.group_by(pl.col("time").dt.truncate(every).alias("when"))
        .agg(
            pl.len().alias("rows"),
            pl.col(role).min().alias("least"),
            pl.col(role).mean().alias("mean"),
            pl.col(role).max().alias("most"),
        )
        .sort("when")
    )
    lines = tuple(
        (when.strftime(shape), f"{count:,}", f"{least:.3f}", f"{mean:.3f}", f"{most:.3f}")
        for when, count, least, mean, most in grouped.head(400).iter_rows()
    )
    head = ("Time (UTC)", "Rows", "Least", "Mean", "Greatest")
    return Table(role, f"{title}, flagged good", head, lines, role)


def _compared(before: Package, now: Package) -> Table:
    """What this export holds otherwise than the one before."""
    lines: list[tuple[str, str, str]] = []
    was, at = _table_of(before), _table_of(now)
    if was and at:
        old, new = read(was[1]), read(at[1])
        lines.append(("Rows", f"{old.height:,}", f"{new.height:,}"))
        lines += _changed(old, new)
        for role in _MEASURED:
            if role in old.columns and role in new.columns:
                lines += _of_flags(old, new, role)
    lines += _of_files(before, now)
    return Table(
        "compared",
        "Compared with the version exported before",
        ("", "Exported before", "Now"),
        tuple(lines),
    )


def _changed(old: pl.DataFrame, new: pl.DataFrame) -> list[tuple[str, str, str]]:
    keys = "time"
    only_old = old.join(new, on=keys, how="anti").height
    only_new = new.join(old, on=keys, how="anti").height
    lines = [("Rows of times that the other has not", f"{only_old:,}", f"{only_new:,}")]
    both = old.unique(keys, keep="first").join(
        new.unique(keys, keep="first"), on=keys, how="inner", suffix=" now"
    )
    for role in _MEASURED:
        if role in old.columns and role in new.columns:
            differs = both[role].ne_missing(both[f"{role} now"])
            count = int(differs.sum())
            lines.append((f"{TITLES[role][0]}: rows with another value", "", f"{count:,}"))
    return lines


def _of_flags(old: pl.DataFrame, new: pl.DataFrame, role: str) -> list[tuple[str, str, str]]:
    return [
        (
            f"{TITLES[role][0]}: {words}",
            f"{_flagged(old, role, flag).height:,}",
            f"{_flagged(new, role, flag).height:,}",
        )
        for flag, words, _ in FLAGS
    ]


def _of_files(before: Package, now: Package) -> list[tuple[str, str, str]]:
    was = {f.path: f.sha256 for f in before.files}
    there = {f.path: f.sha256 for f in now.files}
    lines: Sequence[tuple[str, str, str]] = [
        (f"File {path}", _presence(path, was), _word(path, was, there))
        for path in sorted(was.keys() | there.keys())
        if was.get(path) != there.get(path)
    ]
    return list(lines[:100])


def _presence(path: str, files: dict[str, str]) -> str:
    return "there" if path in files else "not there"


def _word(path: str, was: dict[str, str], there: dict[str, str]) -> str:
    if path not in there:
        return "gone"
    return "changed" if path in was else "new"
