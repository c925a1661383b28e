"""All that is wrong with a template document, at once; each finding points into the document."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from excudit.domain.identifiers import is_orcid
from excudit.domain.problem import Problem, Severity
from excudit.metadata.template.document import Avu
from excudit.metadata.template.template import Attribute, Template
from excudit.metadata.web_links import web_url

FEW_SUBJECTS = 3
CORNERS = 4
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of one attribute."""

    attribute: str
    problem: Problem


def judged(document: Avu, template: Template, *, year: int, own: str = "") -> list[Finding]:
    """Errors and warnings of a document, in its order.

    `year` is the one in which it would be published; `own` the identifier that the service itself
    has given to this folder, which is no conflict.
    """
    root = template.root.spelt(document)
    found = [*_children(root, template.root, "/avus")]
    found += _identifier(root, own)
    found += _year(root, year)
    found += _subjects(root)
    return found


def _finding(
    rule: str,
    avu: Avu | str,
    attribute: str,
    message: str,
    mend: str = "",
    severity: Severity = "error",
) -> Finding:
    where = avu if isinstance(avu, str) else f"{avu.where}/value"
    return Finding(attribute, Problem(where, message, mend, severity, rule))


def _children(avu: Avu, known: Attribute, where: str) -> Iterator[Finding]:
    """What is wrong below one attribute: what lacks, what is too much, and each child."""
    for attribute in known.attributes:
        said = [c for c in avu.all(attribute.name) if not _ignored(c, attribute)]
        if attribute.required and not said:
            yield _missing(attribute, known, where)
        if not attribute.many and len(said) > 1:
            words = f"{attribute.name} may stand once only; it stands {len(said)} times."
            yield _finding("too-many", said[1], attribute.name, words, "Keep one of them.")
        for one in said:
            yield from _one(one, attribute)
    for one in avu.children:
        if not known.child(one.name) and not one.blank:
            yield _unknown(one)


def _ignored(avu: Avu, attribute: Attribute) -> bool:
    """A blank attribute says nothing; a group is blank when all in it is."""
    return avu.blank if attribute.kind == "group" else not avu.value


def _missing(attribute: Attribute, parent: Attribute, where: str) -> Finding:
    eg = _listed(attribute.values) if attribute.values else ""
    mend = f"Add it{f', with {eg}' if eg else ''}."
    if not parent.name:
        words = f"The attribute {attribute.name} is required and is missing or blank."
        return _finding("required", where, attribute.name, words, mend)
    words = f"{parent.name} lacks its required child {attribute.name}."
    return _finding("required-child", where, attribute.name, words, mend)


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:_SHOWN])
    return shown + (f" … ({len(values)} in all)" if len(values) > _SHOWN else "")


def _unknown(avu: Avu) -> Finding:
    words = f"The template has no attribute {avu.name} here; it is kept and not published."
    return _finding("unknown", avu.where, avu.name, words, severity="warning")


def _one(avu: Avu, attribute: Attribute) -> Iterator[Finding]:
    wrong = _VALUES[attribute.kind](avu.value, attribute)
    orcid = avu.first("nameIdentifierScheme").upper() in ("", "ORCID")
    if avu.name == "nameIdentifier" and orcid and not is_orcid(avu.value):
        words = f"{avu.value} is not an ORCID iD: its form or its last character is wrong."
        wrong = ("orcid-checksum", words, "Copy it from the person's page at orcid.org.")
    if wrong:
        rule, words, mend = wrong
        yield _finding(rule, avu, attribute.name, words, mend)
    yield from _children(avu, attribute, avu.where)
    yield from _areas(avu)


Wrong = tuple[str, str, str] | None


def _enum(value: str, attribute: Attribute) -> Wrong:
    if value in attribute.values or value.casefold() in map(str.casefold, attribute.values):
        return None
    if attribute.name == "contributorType" and value == "Funder":
        words = "Funder is not a contributor type of DataCite 4."
        return "vocabulary", words, "Use fundingReference for a funder, or choose another type."
    words = f"{value} is none of the values of {attribute.name}."
    return "vocabulary", words, f"Choose one of: {_listed(attribute.values)}."


def _url(value: str, attribute: Attribute) -> Wrong:
    if web_url(value):
        return None
    return "url", f"{value} is no web address.", "It begins with https:// and has no spaces."


def _number(value: str, attribute: Attribute) -> Wrong:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return "number", f"{value or 'Nothing'} is no number.", "Write a number such as -110.97."
    least, most = attribute.limits or (-math.inf, math.inf)
    if least <= number <= most:
        return None
    words = f"{attribute.name} lies between {least:g} and {most:g}; {value} does not."
    return "range", words, "Write decimal degrees; is latitude exchanged with longitude?"


def _boolean(value: str, attribute: Attribute) -> Wrong:
    if value.casefold() in ("true", "false"):
        return None
    return "boolean", f"{value} is neither true nor false.", "Write true or false."


def _four_digits(value: str, attribute: Attribute) -> Wrong:
    if len(value) == 4 and value.isascii() and value.isdigit():
        return None
    return "year", f"{value} is no year.", "Write four digits, or leave it out."


def _anything(value: str, attribute: Attribute) -> Wrong:
    return None


_VALUES: dict[str, Callable[[str, Attribute], Wrong]] = {
    "text": _anything,
    "group": _anything,
    "enum": _enum,
    "url": _url,
    "number": _number,
    "boolean": _boolean,
    "year": _four_digits,
}


def _areas(avu: Avu) -> Iterator[Finding]:
    if avu.name == "geoLocationBox":
        north, south = avu.first("northBoundLatitude"), avu.first("southBoundLatitude")
        if _both(north, south) and float(north) < float(south):
            words = f"The northern bound {north} lies south of the southern bound {south}."
            yield _finding("box", avu.where, avu.name, words, "Exchange them.")
    if avu.name == "geoLocationPolygon":
        corners = [
            (c.first("pointLatitude"), c.first("pointLongitude")) for c in avu.all("polygonPoint")
        ]
        if len(corners) < CORNERS:
            words = f"A polygon has {CORNERS} points at least; this one has {len(corners)}."
            yield _finding("polygon", avu.where, avu.name, words, "Add the points that lack.")
        elif corners[0] != corners[-1]:
            words = "The polygon is not closed: its last point is not its first one."
            yield _finding("polygon", avu.where, avu.name, words, "Repeat the first point.")


def _both(*texts: str) -> bool:
    try:
        return all(math.isfinite(float(t)) for t in texts)
    except ValueError:
        return False


def _identifier(root: Avu, own: str) -> Iterator[Finding]:
    for avu in root.all("identifier"):
        given = avu.value.removeprefix("doi:")
        if given and given.casefold() != own.casefold():
            words = "The metadata already contains a Permanent Identifier attribute with a value."
            mend = "Leave identifier empty: the identifier is given when the data are published."
            yield _finding("identifier", avu, avu.name, words, mend)


def _year(root: Avu, year: int) -> Iterator[Finding]:
    warn = partial(_finding, severity="warning")
    for avu in root.all("publicationYear"):
        if len(avu.value) == 4 and avu.value.isdigit() and avu.value != str(year):
            words = f"The year of publication will be {year}; {avu.value} is replaced."
            yield warn("publication-year", avu, avu.name, words)


def _subjects(root: Avu) -> Iterator[Finding]:
    warn = partial(_finding, severity="warning")
    subjects = [s for s in root.all("subject") if s.value]
    for one in subjects:
        if "," in one.value or ";" in one.value:
            words = "This looks like several subjects in one."
            yield warn("subject-list", one, one.name, words, "Write each in an attribute.")
    if 0 < len(subjects) < FEW_SUBJECTS:
        words = f"There are fewer than {FEW_SUBJECTS} subjects."
        yield warn("few-subjects", "/avus", "subject", words, "More subjects help to find it.")
