"""manifest.json of all three generations, read by its keys and not by a version.

Keys changed step by step (2018, 2022, 2026), so each is read with its fallbacks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from excudit.domain.errors import Rejected
from excudit.domain.problem import Problem

FILE = "manifest.json"
_SIGN = re.compile(r"^(.*Z)\s*\([+-]\)\s*$")
Bounds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Format:
    """One data file. `records` is None where the manifest does not count it by itself."""

    name: str
    filename: str
    records: int | None = None
    start: str = ""
    end: str = ""
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """One raw file; `said` keeps dates that carried the mark of a clock's offset."""

    filename: str
    start: str = ""
    end: str = ""
    said: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself. Texts are untrusted. "" = this generation does not know."""

    name: str
    platform_code: str
    platform_name: str
    instrument: str
    nrt: bool
    start: str
    end: str
    comments: str
    software: str
    bounds: Bounds | None
    records: int | None
    formats: tuple[Format, ...]
    raw: tuple[Raw, ...]
    calibrations: Mapping[str, Any]


def read(content: bytes) -> tuple[Manifest, list[Problem]]:
    """The manifest and its warnings. Raises Rejected for what is none."""
    try:
        tree = orjson.loads(content)["manifest"]
        about = tree["metadata"]
        manifest = Manifest(
            name=str(about["name"]),
            platform_code=str(about["platformCode"]),
            platform_name=str(about.get("platformName") or ""),
            instrument=str(about.get("instrumentName") or ""),
            nrt=about.get("nrt") is True,
            start=_moment(_first(about, "start", "startdate")),
            end=_moment(_first(about, "end", "enddate")),
            comments=str(about.get("comments") or ""),
            software=str(about.get("quince_information") or ""),
            bounds=_bounds(about.get("bounds")),
            records=_whole(about.get("records")),
            formats=tuple(sorted(_formats(tree), key=lambda f: f.name)),
            raw=tuple(_raw(entry) for entry in tree.get("raw") or ()),
            calibrations=dict(tree.get("calibrations") or {}),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"It lacks {error}." if isinstance(error, KeyError) else f"{error}."
        raise Rejected(
            "The package's manifest.json cannot be read.",
            hint="Export the dataset again; if it stays so, tell QuinCe's support.",
            problems=(Problem(FILE, what, rule="quince.manifest"),),
        ) from error
    return manifest, [_clock(raw) for raw in manifest.raw if raw.said]


def _formats(tree: Mapping[str, Any]) -> list[Format]:
    listed = tree.get("exportFiles")
    if listed is None:
        return [Format(str(e["destination"]), str(e["filename"])) for e in tree["dataset"]]
    return [
        Format(
            name=str(name),
            filename=str(entry["filename"]),
            records=_whole(entry.get("records")),
            start=_moment(entry.get("validStartDate")),
            end=_moment(entry.get("validEndDate")),
            bounds=_bounds(entry.get("validBounds")),
        )
        for name, entry in listed.items()
    ]


def _raw(entry: Mapping[str, Any]) -> Raw:
    said = {key: str(_first(entry, key, f"{key}Date") or "") for key in ("start", "end")}
    return Raw(
        filename=str(entry["filename"]),
        start=_moment(said["start"]),
        end=_moment(said["end"]),
        said={k: v for k, v in said.items() if _SIGN.match(v)} or None,
    )


def _first(tree: Mapping[str, Any], *keys: str) -> Any:
    return next((tree[key] for key in keys if tree.get(key) is not None), None)


def _whole(number: Any) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _moment(said: Any) -> str:
    """A time as it is used: "…Z (+)" without its sign. Raises ValueError for what is no time."""
    text = str(said or "").strip()
    text = _SIGN.sub(r"\1", text)
    if text:
        moment = datetime.fromisoformat(text)
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return text


def _bounds(said: Any) -> Bounds | None:
    """The box; None for that of an empty export, whose south lies north of its north."""
    if not isinstance(said, Mapping) or not said:
        return None
    box = {side: float(said[side]) for side in ("south", "west", "east", "north")}
    if not all(map(math.isfinite, box.values())) or box["south"] > box["north"]:
        return None
    return box


def _clock(raw: Raw) -> Problem:
    said = ", ".join(f"{key} {text!r}" for key, text in sorted((raw.said or {}).items()))
    return Problem(
        f"raw/{raw.filename}",
        f"The instrument's clock was off by an unknown time ({said}).",
        "Nothing to do; the time is taken as it stands before the sign.",
        "warning",
        "quince.clock",
    )
