"""The elements of a kernel-4 document as the tree that the REST API would take, and their places.

Judges what only XML knows: names, order, repetition, attributes, stray text. What a value must be
is the record's own business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from excudit.domain.problem import Problem, Severity
from excudit.domain.record import LANGUAGE_PATTERN
from excudit.metadata.kernel4 import (
    CHOICES,
    NAMESPACE,
    PLACE,
    RESOURCE,
    Form,
    Group,
    Leaf,
    Wrapper,
)
from excudit.metadata.shape import Place, closest
from excudit.metadata.xml_tree import XML_LANG, Element

Tree = dict[str, Any]

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_FREE_ATTRIBUTES = frozenset({f"{_XSI} schemaLocation", f"{_XSI} noNamespaceSchemaLocation"})
_XML_SPACE = XML_LANG.replace("lang", "space")
_LANGUAGE = re.compile(LANGUAGE_PATTERN)
_YEAR = re.compile("[0-9]{4}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Reader:
    """Reads one document: `tree` of the root, then `problems` and `places` are complete."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.places: dict[str, Place] = {}

    def tree(self, root: Element) -> Tree:
        """The record's members, incomplete where there are problems."""
        self.places[""] = root.place
        tree = self._group(RESOURCE, root, "")
        if not tree.get("doi"):
            gone = "is empty" if "doi" in tree else "is missing"
            self._tell(root, "/doi", f"identifier {gone}.", "Give the DOI.", "mandatory")
        kind = tree.pop("identifierType", "DOI")
        if kind.upper() != "DOI":
            message = f"identifierType is {kind!r}; only a DOI can be registered."
            self._tell(root, "/doi", message, 'Write identifierType="DOI".', "identifier-type")
        return tree

    def _group(self, spec: Group, element: Element, where: str) -> Tree:
        out = self._attributes(spec.attributes, element, where)
        self._no_text(element, where)
        order = list(spec.members)
        last, seen = 0, set[str]()
        for child in element.children:
            if not self._known(child, spec.members, where):
                continue
            member, index = spec.members[child.name], order.index(child.name)
            if spec.ordered and index < last:
                self._out_of_order(child, order, last, where)
            if child.name in seen and not getattr(member, "many", False):
                message = f"{child.name} stands twice in {element.name}."
                self._tell(child, where, message, "Keep one.", "cardinality")
            seen.add(child.name)
            last = max(last, index)
            self._add(member, child, out, where)
        return out

    def _add(self, spec: Leaf | Group | Wrapper, child: Element, out: Tree, where: str) -> None:
        if isinstance(spec, Leaf):
            self._add_leaf(spec, child, out, where)
        elif isinstance(spec, Wrapper):
            out[spec.key] = self._entries(spec, child, f"{where}/{spec.key}")
        else:
            here = f"{where}/{spec.key}"
            self.places[here] = child.place
            out[spec.key] = self._group(spec, child, here)

    def _add_leaf(self, spec: Leaf, child: Element, out: Tree, where: str) -> None:
        if not spec.key:
            self._join_leaf(spec, child, out, where)
            return
        index = len(out.get(spec.key, ()))
        here = f"{where}/{spec.key}/{index}" if spec.many else f"{where}/{spec.key}"
        one = self._leaf(spec, child, here)
        if spec.open and not one[spec.text].strip():
            if any(child.attributes.values()):
                self._lost(child, here, f"{child.name} without a text is left out.")
        elif spec.many:
            out.setdefault(spec.key, []).append(one)
        else:
            out[spec.key] = one

    def _join_leaf(self, spec: Leaf, child: Element, out: Tree, where: str) -> None:
        here = f"{where}/{spec.text}"
        one = self._leaf(spec, child, where)
        self.places[here] = child.place
        if not (one[spec.text] or spec.keep_empty):
            del one[spec.text]
        out.update(one)

    def _leaf(self, spec: Leaf, child: Element, where: str) -> Tree:
        self.places.setdefault(where, child.place)
        out = self._attributes(spec.attributes, child, where, lenient=spec.open)
        for name in spec.needs:
            if name not in child.attributes:
                message = f"{name} is missing on {child.name}."
                self._tell(child, f"{where}/{name}", message, f"Add {name}.", "mandatory")
        out[spec.text] = self._text(spec, child, where)
        return out

    def _entries(self, spec: Wrapper, element: Element, where: str) -> list[Any]:
        self.places[where] = element.place
        self._attributes({}, element, where)
        self._no_text(element, where)
        entries: list[Any] = []
        for child in element.children:
            if not self._known(child, {spec.name: spec.entry}, where):
                continue
            here = f"{where}/{len(entries)}"
            self.places[here] = child.place
            if isinstance(spec.entry, Leaf):
                one = self._leaf(spec.entry, child, here)
                entries.append(one if spec.entry.text else one[""])
            elif spec.name == "geoLocation":
                entries.extend(self._locations(child, where, len(entries)))
            else:
                entries.append(self._group(spec.entry, child, here))
        return entries

    def _locations(self, element: Element, where: str, start: int) -> list[Tree]:
        """One geoLocation, or several where XML repeats what JSON has once."""
        found: list[Tree] = [{}]
        polygons: list[Element] = []
        self._attributes({}, element, f"{where}/{start}")
        self._no_text(element, f"{where}/{start}")
        for child in element.children:
            if not self._known(child, PLACE, f"{where}/{start}"):
                continue
            if child.name == "geoLocationPolygon":
                polygons.append(child)
                continue
            if child.name in found[-1]:
                found.append({})
            here = f"{where}/{start + len(found) - 1}"
            self.places[here] = element.place
            self._add(PLACE[child.name], child, found[-1], here)
        if len(found) > 1:
            message = f"One geoLocation with several places is read as {len(found)}."
            self._lost(element, f"{where}/{start}", message)
        if polygons:
            here = f"{where}/{start}/geoLocationPolygon"
            found[0]["geoLocationPolygon"] = self._polygons(polygons, here)
        return [place for place in found if place]

    def _polygons(self, elements: list[Element], where: str) -> list[Any]:
        self.places[where] = elements[0].place
        if len(elements) == 1:
            return self._polygon(elements[0], where)
        return [self._polygon(e, f"{where}/{i}") for i, e in enumerate(elements)]

    def _polygon(self, element: Element, where: str) -> list[Any]:
        spec = PLACE["geoLocationPolygon"]
        assert isinstance(spec, Group)
        self.places[where] = element.place
        self._group(spec, element, where)
        points = [c for c in element.children if c.name in spec.members]
        entries = []
        for index, point in enumerate(points):
            member = spec.members[point.name]
            assert isinstance(member, Group)
            here = f"{where}/{index}/{point.name}"
            self.places[here] = point.place
            entries.append({point.name: Reader._group(self, member, point, here)})
        return entries

    def _attributes(
        self, known: Mapping[str, str], element: Element, where: str, *, lenient: bool = False
    ) -> Tree:
        out: Tree = {}
        for name, given in element.attributes.items():
            if name in known:
                here = f"{where}/{known[name]}"
                self.places[here] = element.place
                out[known[name]] = (given.strip() or given) if name == XML_LANG else given
                if given == "" and name in CHOICES:
                    message = f"{name} is empty."
                    self._tell(element, here, message, "Give a term or remove it.", "vocabulary")
            elif lenient and _right_anywhere(name, given):
                self._lost(element, where, f"The attribute {_short(name)} is left out.")
            elif name not in _FREE_ATTRIBUTES:
                self._unknown(element, where, f"attribute {_short(name)}", _short(name), known)
        return out

    def _text(self, spec: Leaf, element: Element, where: str) -> str:
        if spec.form == "mixed":
            return "".join(self._mixed(part, where) for part in element.parts)
        for child in element.children:
            if spec.open:
                self._lost(child, where, f"{child.name} inside {element.name} is left out.")
            else:
                self._unknown(child, where, f"element {child.name}", child.name, ())
        words = element.text
        if spec.form == "text":
            return words
        words = " ".join(words.split())
        self._check_form(spec, words, element, where)
        return words

    def _mixed(self, part: Element | str, where: str) -> str:
        if isinstance(part, str):
            return part
        if part.tag == f"{NAMESPACE} br":
            if part.parts or part.attributes:
                message = "br has something in it."
                self._tell(part, where, message, "Write <br/>.", "unknown-element")
            return "<br>"
        self._unknown(part, where, f"element {part.name}", part.name, ("br",))
        return part.text

    def _check_form(self, spec: Leaf, words: str, element: Element, where: str) -> None:
        right, mend = _FORMS[spec.form]
        if not right(words):
            message = f"{element.name} is {words!r}." if words else f"{element.name} is empty."
            self._tell(element, f"{where}/{spec.text}", message, mend, "text-form")

    def _known(self, child: Element, members: Mapping[str, Any], where: str) -> bool:
        if child.namespace == NAMESPACE and child.name in members:
            return True
        self._unknown(child, where, f"element {child.name}", child.name, tuple(members))
        return False

    def _unknown(
        self,
        element: Element,
        where: str,
        what: str,
        name: str,
        known: Mapping[str, str] | tuple[str, ...],
    ) -> None:
        near = closest(name, [_short(k) for k in known])
        mend = "Remove it."
        if near == name:
            mend = f'Put it into the namespace xmlns="{NAMESPACE}".'
        elif near:
            mend = f"Did you mean {near}?"
        self._tell(element, where, f"The {what} is not allowed here.", mend, "unknown-element")

    def _out_of_order(self, child: Element, order: list[str], last: int, where: str) -> None:
        message = f"{child.name} stands after {order[last]}."
        self._tell(child, where, message, f"Keep the order {', '.join(order)}.", "order")

    def _no_text(self, element: Element, where: str) -> None:
        if element.text.strip():
            message = f"{element.name} has text between its elements."
            self._tell(element, where, message, "Remove the text.", "unknown-element")

    def _lost(self, element: Element, where: str, message: str) -> None:
        self._tell(element, where, message, "", "not-kept", "warning")

    def _tell(
        self,
        element: Element,
        where: str,
        message: str,
        mend: str,
        rule: str,
        severity: Severity = "error",
    ) -> None:
        line, column = element.place
        problem = Problem(where, message, mend, severity, rule, line, column)
        if problem not in self.problems:
            self.problems.append(problem)


def _right_anywhere(name: str, given: str) -> bool:
    """Whether the schema takes the attribute on an element whose content it does not declare."""
    if name == XML_LANG:
        tag = given.strip()
        return given == "" or bool(tag and _LANGUAGE.fullmatch(tag))
    return name != _XML_SPACE or given in ("default", "preserve")


def _short(name: str) -> str:
    return "xml:lang" if name == XML_LANG else name.rpartition(" ")[2]


_FORMS: dict[Form, tuple[Callable[[str], object], str]] = {
    "year": (_YEAR.fullmatch, "Write the year with four digits."),
    "number": (_NUMBER.fullmatch, "Write decimal degrees, e.g. -67.302."),
    "language": (bool, 'Write a language tag, e.g. "en".'),
}
