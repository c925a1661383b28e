"""A record as the texts of its form, and back.

The texts of a section are a tree: a field is a text, a group a mapping, rows are numbered
mappings. Blank members are left out. Nothing here fails on a draft of a wrong shape: what the
form cannot show stays in the record as it is.
"""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from excudit.web.pages.form.kinds import Field, Group, Kind, Node, Rows

Texts = Any
"""str | dict[str, Texts] | dict[int, Texts]"""

LONGEST_BASE = 4 * 1024 * 1024
_POINT = re.compile(r"[\s,;]+")


def text_of(value: Any) -> str:
    """A value of the record as the text in its field."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return repr(value)


def plain(text: str) -> str:
    """A text with the line ends that browsers make of all others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def value_of(kind: Kind, text: str) -> Any:
    """A text of the form as a value of the record; what is no number stays as it was typed."""
    if kind == "year" and re.fullmatch(r"[0-9]{1,6}", text):
        return int(text)
    if kind == "number":
        return number(text)
    return text


def number(text: str) -> float | str:
    """A finite number, or else the text."""
    try:
        found = float(text)
    except ValueError:
        return text
    return found if math.isfinite(found) else text


def view(nodes: Iterable[Node], record: Any) -> dict[str, Texts]:
    """The texts of these members of a record (or of an object within one)."""
    members = record if isinstance(record, Mapping) else {}
    found = {n.name: texts_of(n, members.get(n.name)) for n in nodes}
    return {name: texts for name, texts in found.items() if texts}


def texts_of(node: Node, value: Any) -> Texts:
    """The texts of one member."""
    if isinstance(node, Field):
        return text_of(value)
    if isinstance(node, Group):
        return view(node.members, value)
    entries = value if isinstance(value, list) else ()
    return {i: entry_of(node, entry) for i, entry in enumerate(entries)}


def entry_of(rows: Rows, value: Any) -> Texts:
    """The texts of one entry of a list."""
    return text_of(value) if rows.plain else view(rows.entry, value)


def blank(texts: Texts) -> bool:
    """Whether nothing is said."""
    if isinstance(texts, str):
        return not texts.strip()
    return all(blank(t) for t in texts.values())


# Polygons: a list of points in JSON, one text in the form.


def unfolded(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with each polygon as `points` (a text) and `inside` (a point)."""
    places = record.get("geoLocations")
    if not isinstance(places, list):
        return dict(record)
    return {**record, "geoLocations": [_with(p, _unfold) for p in places]}


def folded(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with its polygons as DataCite writes them; the inverse of `unfolded`."""
    places = record.get("geoLocations")
    if not isinstance(places, list):
        return dict(record)
    return {**record, "geoLocations": [_with(p, _fold) for p in places]}


def _with(place: Any, change: Any) -> Any:
    polygons = place.get("geoLocationPolygon") if isinstance(place, dict) else None
    if not isinstance(polygons, list) or not polygons:
        return place
    return {**place, "geoLocationPolygon": change(polygons)}


def _unfold(polygons: list[Any]) -> list[Any]:
    several = all(isinstance(p, list) for p in polygons)
    return [_as_text(p) for p in (polygons if several else [polygons])]


def _as_text(entries: list[Any]) -> dict[str, Any]:
    lines, inside = [], None
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        if "inPolygonPoint" in entry:
            inside = entry["inPolygonPoint"]
            continue
        point = entry.get("polygonPoint", entry)
        point = point if isinstance(point, dict) else {}
        both = (text_of(point.get(n)) for n in ("pointLongitude", "pointLatitude"))
        lines.append(", ".join(both))
    found: dict[str, Any] = {"points": "\n".join(lines)}
    return {**found, "inside": inside} if inside else found


def _fold(polygons: list[Any]) -> list[Any]:
    lists = [_as_points(p) for p in polygons if isinstance(p, dict)]
    return lists[0] if len(lists) == 1 else lists


def _as_points(polygon: Mapping[str, Any]) -> list[Any]:
    lines = [line.strip() for line in text_of(polygon.get("points")).splitlines()]
    points: list[Any] = [{"polygonPoint": _point(line)} for line in lines if line]
    if polygon.get("inside"):
        points.append({"inPolygonPoint": polygon["inside"]})
    return points


def _point(line: str) -> dict[str, Any]:
    longitude, *rest = _POINT.split(line, maxsplit=1)
    point: dict[str, Any] = {"pointLongitude": number(longitude)}
    return {**point, "pointLatitude": number(rest[0].strip())} if rest else point


# What a page was made from travels in its form.


def packed(texts: Texts) -> str:
    """The texts in a few characters."""
    return base64.b64encode(zlib.compress(json.dumps(texts).encode(), 6)).decode()


def unpacked(text: str) -> dict[str, Texts]:
    """What `packed` made. Raises ValueError for anything else, however large it would become."""
    try:
        unzip = zlib.decompressobj()
        raw = unzip.decompress(base64.b64decode(text, validate=True), LONGEST_BASE)
        if unzip.unconsumed_tail:
            raise ValueError("too large")
        tree = json.loads(raw)
    except (zlib.error, RecursionError) as error:
        raise ValueError("not ours") from error
    return tree if isinstance(tree, dict) else {}


def fitting(nodes: Iterable[Node], tree: Any) -> dict[str, Texts]:
    """As much of a tree of JSON as is texts of these members, numbers of rows as numbers."""
    members = tree if isinstance(tree, dict) else {}
    return {n.name: _fit(n, members[n.name]) for n in nodes if n.name in members}


def _fit(node: Node, tree: Any) -> Texts:
    if isinstance(node, Field):
        return tree if isinstance(tree, str) else ""
    if isinstance(node, Group):
        return fitting(node.members, tree)
    numbered = tree.items() if isinstance(tree, dict) else ()
    one = node.plain
    return {
        int(key): _fit(one, entry) if one else fitting(node.entry, entry)
        for key, entry in numbered
        if re.fullmatch(r"[0-9]{1,7}", str(key))
    }
