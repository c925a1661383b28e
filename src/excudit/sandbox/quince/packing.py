"""A package as QuinCe builds it: data files, raw files, and the manifest last, in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from excudit.sandbox.quince.formats import FORMATS, OTC, SOCAT, Written
from excudit.sandbox.quince.measured import Cruise, Row, rows

EMPTY = {"south": 1.7976931348623157e308, "west": 1.7976931348623157e308,
         "east": -1.7976931348623157e308, "north": -1.7976931348623157e308}  # fmt: skip


def build(cruise: Cruise, touched: datetime) -> bytes:
    """The ZIP of a dataset, the time of its last touch in the manifest."""
    out = io.BytesIO()
    formats = FORMATS if cruise.traps else (SOCAT, OTC)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for form in formats:
            path = f"{cruise.name}/dataset/{form.folder}/{cruise.name}.{form.extension}"
            held.writestr(path, "".join(form.lines(cruise)).encode())
        for name, content, _ in raw_files(cruise):
            held.writestr(f"{cruise.name}/raw/{name}", content)
        manifest = orjson.dumps({"manifest": _manifest(cruise, formats, touched)})
        held.writestr(f"{cruise.name}/manifest.json", manifest)
    return out.getvalue()


def raw_files(cruise: Cruise) -> Iterator[tuple[str, bytes, list[Row]]]:
    """What the ship sent: name, bytes, and the rows in it."""
    every = list(rows(cruise))
    half = len(every) // 2
    day = every[0].at.strftime("%Y-%m-%d")
    head = "Date;Time;Latitude;Longitude;SST;Tequ;Pequ;xCO2"
    names = (f"{cruise.code}_{day}a.csv", f"{cruise.code}_{day}b.csv")
    if cruise.traps:
        names = (f"{cruise.code} latin1 CRLF.txt", "Måling_b.csv")
    for name, part in zip(names, (every[:half], every[half:]), strict=True):
        lines = [head, *(_raw_line(row) for row in part)]
        latin = name.endswith(".txt")
        text = ("\r\n" if latin else "\n").join([*(["# Målt på °C"] if latin else []), *lines, ""])
        yield name, text.encode("latin-1" if latin else "utf-8"), part
    if cruise.traps:
        yield f"CO2_{day}", b"050107;000100;414.159;983.500\n", every[-1:]


def _raw_line(row: Row) -> str:
    values = (row.latitude, row.longitude, row.temperature, row.equilibrator, row.pressure)
    shown = ";".join(f"{value:.4f}" for value in (*values, row.xco2))
    return f"{row.at:%d/%m/%y;%H:%M:%S};{shown}"


def _manifest(cruise: Cruise, formats: tuple[Written, ...], touched: datetime) -> dict[str, Any]:
    every = list(rows(cruise))
    dated = ("start", "end") if cruise.generation == "current" else ("startdate", "enddate")
    metadata: dict[str, Any] = {
        "name": cruise.name,
        dated[0]: stamp(every[0].at),
        dated[1]: stamp(every[-1].at),
        "platformCode": cruise.code,
        "nrt": cruise.nrt,
        "last_touched": stamp(touched),
        "bounds": _bounds(every),
        "quince_information": "Data processed using QuinCe sandbox",
    }
    raw = [_raw(cruise, file) for file in raw_files(cruise)]
    manifest: dict[str, Any] = {"metadata": metadata, "raw": raw}
    if cruise.generation == "2018":
        metadata["records"] = len(every) + cruise.announced
        manifest["dataset"] = [
            {"destination": f.folder, "filename": f"{cruise.name}.{f.extension}"} for f in formats
        ]
        return manifest
    metadata |= {"platformName": cruise.platform, "instrumentName": cruise.instrument}
    metadata["comments"] = "A long story. " * 400 if cruise.traps else cruise.comments
    manifest["exportFiles"] = {f.folder: _exported(cruise, f) for f in formats}
    if cruise.generation == "current":
        manifest["calibrations"] = {}
    return manifest


def _exported(cruise: Cruise, form: Written) -> dict[str, Any]:
    kept = list(form.kept(cruise))
    return {
        "filename": f"{cruise.name}.{form.extension}",
        "records": len(kept) + cruise.announced,
        "validStartDate": stamp(kept[0].at) if kept else "",
        "validEndDate": stamp(kept[-1].at) if kept else "",
        "validBounds": _bounds(kept) if kept else EMPTY,
    }


def _raw(cruise: Cruise, file: tuple[str, bytes, list[Row]]) -> dict[str, Any]:
    name, _, part = file
    start, end = stamp(part[0].at), stamp(part[-1].at)
    if cruise.traps and not name.startswith("CO2_"):
        sign = " (+)" if name.endswith(".txt") else " (-)"
        start, end = start + sign, end + sign
    if cruise.generation == "current":
        return {"filename": name, "start": start, "end": end}
    return {"filename": name, "startDate": start, "endDate": end, "timeOffset": 0}


def _bounds(kept: list[Row]) -> dict[str, float]:
    return {
        "south": round(min(r.latitude for r in kept), 3),
        "west": round(min(r.longitude for r in kept), 3),
        "east": round(max(r.longitude for r in kept), 3),
        "north": round(max(r.latitude for r in kept), 3),
    }


def stamp(at: datetime) -> str:
    """A moment as QuinCe writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
