"""Problems in the words of the form: at which field, in which section, never as a pointer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from excudit.domain.problem import Problem
from excudit.metadata.field_words import is_number
from excudit.service.findings import Found
from excudit.web.pages.form.kinds import Field, Group, Node, Rows, member
from excudit.web.pages.form.sections import SECTIONS, TARGETS, section_of

_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem for people. `name` is the field it stands beside ("" = none of the form), `row`
    the number of the entry of the outermost list, `trail` says where in words."""

    section: str
    name: str
    row: int
    trail: str
    words: str
    blocks: bool

    @property
    def line(self) -> str:
        """The problem for a list, with its place."""
        return f"{self.trail}: {self.words}" if self.trail else self.words


def told(found: Iterable[Found], record: Mapping[str, Any]) -> list[Finding]:
    """The problems of a record, in the order of the form."""
    findings = [_finding(one, record) for one in found]
    order = {s.key: i for i, s in enumerate(SECTIONS)}
    findings.sort(key=lambda f: (order[f.section], not f.blocks))
    return list(dict.fromkeys(findings))


def _finding(found: Found, record: Mapping[str, Any]) -> Finding:
    problem = found.problem
    steps = [s.replace("~1", "/").replace("~0", "~") for s in problem.where.split("/")[1:]]
    section = section_of(steps[0]) if steps else TARGETS
    walk = _Walk(section.members, _polygon(steps, record), problem.message).done()
    return Finding(
        section.key,
        ".".join(walk.name),
        next((int(s) for s in walk.name[1:2] if is_number(s)), 0),
        " – ".join(walk.trail),
        _words(problem, walk.node, found.by),
        problem.severity == "error",
    )


def _polygon(steps: list[str], record: Mapping[str, Any]) -> list[str]:
    """The path to a corner of an area: in the form it is one text of the area."""
    if len(steps) < 3 or steps[2] != "geoLocationPolygon":
        return steps
    rest = steps[3:]
    places = record.get("geoLocations")
    place = places[int(steps[1])] if isinstance(places, list) else {}
    polygons = place.get("geoLocationPolygon") or []
    several = bool(polygons) and all(isinstance(p, list) for p in polygons)
    number, rest = (rest[0], rest[1:]) if several and rest else ("0", rest)
    inner = ["inside", "pointLatitude"] if "inPolygonPoint" in rest else ["points"]
    return [*steps[:3], number, *inner]


class _Walk:
    """The way of a pointer through the description, down to a field that can have the focus."""

    def __init__(self, nodes: tuple[Node, ...], steps: list[str], message: str) -> None:
        self.nodes = nodes
        self.steps = steps
        self.said = set(_WORD.findall(message))
        self.name: list[str] = []
        self.trail: list[str] = []
        self.node: Node | None = None

    def done(self) -> _Walk:
        nodes = self.nodes
        for step in self.steps:
            if isinstance(self.node, Rows) and is_number(step) and self.name[-1] == self.node.name:
                self.trail[-1] = f"{self.node.one[:1].upper()}{self.node.one[1:]} {int(step) + 1}"
            elif (found := member(nodes, step)) is not None:
                self.node = found
                nodes = () if isinstance(found, Field) else _inner(found)
                self.trail.append(found.label)
            else:
                break
            self.name.append(step)
        self._land()
        return self

    def _land(self) -> None:
        """On to a field of a group or of a row: the last that the problem names, else the first."""
        node = self.node
        while node is not None and not isinstance(node, Field):
            if isinstance(node, Rows) and not is_number(self.name[-1]):
                self.name.append("0")
            every = _inner(node)
            node = next((n for n in reversed(every) if n.name in self.said), every[0])
            if node.name:
                self.name.append(node.name)


def _inner(node: Group | Rows) -> tuple[Node, ...]:
    return node.members if isinstance(node, Group) else node.entry


def _labels(nodes: Iterable[Node], found: dict[str, str]) -> dict[str, str]:
    for node in nodes:
        if node.name:
            found.setdefault(node.name, node.label)
        if not isinstance(node, Field):
            _labels(_inner(node), found)
    return found


_LABELS = _labels((n for s in SECTIONS for n in s.members), {})
# Names of one word are words of plain sentences too: they are not translated within one.
_CAMEL = {name: label for name, label in _LABELS.items() if name != name.lower()}


def _words(problem: Problem, node: Node | None, by: str) -> str:
    label = node.label if node else ""
    example = getattr(node, "example", "")
    example = f" For example: {example}" if example else ""
    reason = f"Required by {by}." if by else ""
    empty = "has 0 entries" in problem.message or "is empty" in problem.message
    if node is not None and (problem.rule == "mandatory" or empty):
        return f"This is missing. {reason or 'Required by DataCite.'}{example}"
    if problem.rule == "unknown-member":
        name = problem.where.rpartition("/")[2]
        return f"“{name}” is not part of DataCite 4.7 and would not be published."
    said = f"{problem.message} {problem.mend}".strip()
    said = _WORD.sub(lambda m: f"“{_CAMEL[m[0]]}”" if m[0] in _CAMEL else m[0], said)
    if node is not None and node.name == "points":
        said = said.replace("“Areas” has", "The area has").replace("entries", "corners")
    first = _WORD.match(said)
    if label and first and node is not None and first[0] == node.name:
        said = label + said[first.end() :]
    return f"{said} {reason}".strip() + (example if problem.severity == "error" else "")


def beside(findings: Iterable[Finding], section: str) -> dict[str, list[str]]:
    """The words for each field of a section."""
    found: dict[str, list[str]] = {}
    for one in findings:
        if one.section == section and one.name:
            found.setdefault(one.name, []).append(one.words)
    return found


def counts(findings: Iterable[Finding]) -> dict[str, tuple[int, int]]:
    """For each section: how many must be mended, how many are advice."""
    found = {s.key: (0, 0) for s in SECTIONS}
    for one in findings:
        must, may = found[one.section]
        found[one.section] = (must + 1, may) if one.blocks else (must, may + 1)
    return found
