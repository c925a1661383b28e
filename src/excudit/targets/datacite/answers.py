"""The registry's answers, told apart: what a person must mend, what waits, what is uncertain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from excudit.domain.errors import Conflict, Denied, ExcuditError, RateLimited, Rejected
from excudit.domain.problem import Problem
from excudit.http import Answer

TAKEN = "This DOI has already been taken"

_RENAMED: Mapping[str, str] = {
    "version_info": "version",
    "xml": "",
    "metadata": "",
    "resource": "",
    "identifier": "doi",
    "resourceType": "types",
}
# Elements of DataCite XML, by the attribute of the record in which they stand.
_ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "creators": ("creator", "creatorName", "givenName", "familyName", "nameIdentifier"),
    "contributors": ("contributor", "contributorName"),
    "titles": ("title",),
    "subjects": ("subject",),
    "dates": ("date",),
    "identifiers": ("alternateIdentifier", "alternateIdentifiers"),
    "relatedIdentifiers": ("relatedIdentifier",),
    "relatedItems": ("relatedItem", "relatedItemIdentifier"),
    "sizes": ("size",),
    "formats": ("format",),
    "rightsList": ("rights",),
    "descriptions": ("description",),
    "geoLocations": ("geoLocation", "geoLocationPoint", "geoLocationBox", "geoLocationPolygon"),
    "fundingReferences": ("fundingReference", "funderName", "funderIdentifier", "awardNumber"),
}
_PLACES: Mapping[str, str] = {
    **{name: place for place, names in _ELEMENTS.items() for name in names},
    **_RENAMED,
}


def judge(answer: Answer) -> ExcuditError | None:
    """What an unwanted answer of DataCite means; None = what it means anywhere.

    The edge throttles with an HTML 403, while the registry itself speaks JSON.
    """
    if answer.status == 403 and not answer.is_json:
        return RateLimited(
            f"{answer.remote} throttles us ({answer.asked}).",
            delay_s=answer.retry_after_s,
            remote=answer.words,
        )
    if not answer.is_json:
        return None
    if answer.status in {400, 422}:
        return _refusal(answer)
    if answer.status in {401, 403}:
        return _denial(answer)
    if answer.status == 405:
        return Conflict(
            f"{answer.remote} deletes drafts only ({answer.asked}).", remote=words(answer)
        )
    return None


def is_taken(answer: Answer) -> bool:
    """Whether the registry refuses a new DOI because the name exists already."""
    return answer.status == 409 or (
        answer.status == 422 and any(e.get("title") == TAKEN for e in errors(answer))
    )


def errors(answer: Answer) -> list[dict[str, Any]]:
    """The entries of an error body; a broken query gives an object where a list is due."""
    body = answer.value if isinstance(answer.value, dict) else {}
    entries = body.get("errors")
    entries = entries if isinstance(entries, list) else [entries]
    return [entry for entry in entries if isinstance(entry, dict)]


def words(answer: Answer) -> str:
    """The registry's own sentences, one a line, each with the source that it names."""
    told = [
        ": ".join(filter(None, (_text(e, "source"), _text(e, "title")))) for e in errors(answer)
    ]
    return "\n".join(told) or answer.words


def problems(entries: Iterable[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """The registry's findings word for word, at the fields of the record of which they speak."""
    return tuple(
        Problem(
            pointer(_text(entry, "source")),
            _text(entry, "title") or "Refused without a word.",
            mend="Mend this field and submit again.",
            rule="datacite.registry",
        )
        for entry in entries
    )


def pointer(source: str) -> str:
    """The JSON pointer into our record for the `source` of an error.

    It is an attribute in snake case, or an XML element, sometimes with rests of a sentence:
    "creatorName', attribute 'nameType" is the creators'.
    """
    name = source.partition("'")[0].strip()
    if name not in _PLACES:
        name = re.sub(r"_([a-z])", lambda m: m[1].upper(), name)
    place = _PLACES.get(name, name)
    return f"/{place}" if place else ""


def _refusal(answer: Answer) -> Rejected:
    found = problems(errors(answer))
    return Rejected(
        f"{answer.remote} refused the metadata.",
        hint="Mend what it names; it names one problem a field at a time.",
        remote=words(answer),
        problems=found,
    )


def _denial(answer: Answer) -> Denied:
    hint = (
        "Check username and password of this target; test and production have separate accounts."
        if answer.status == 401
        else "Check that the prefix belongs to this account and that the account is active."
    )
    return Denied(
        f"{answer.remote} refused permission ({answer.asked}).", hint=hint, remote=words(answer)
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""
