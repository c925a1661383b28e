"""Better values for a record: a curator suggests them, the author accepts or declines each.

Nobody but an author changes a record this way; what was suggested and what became of it stays.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Denied, Rejected
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.domain.storable import storable
from excudit.metadata.field_words import in_words, label
from excudit.service import acts, drafts
from excudit.service.parts import Parts
from excudit.service.places import sound, value_at, with_value
from excudit.store import publications, suggestions
from excudit.store.database import Connection

LONGEST = 100_000
LONGEST_NOTE = 10_000
MOST_OPEN = 500
MOST_OFFERED = 400
MOST_PARTS = 100
"""Parts of one value that are offered to be changed together."""

ADDABLE: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "/creators/-": ("Another author", "name", {}),
    "/titles/-": ("Another title", "title", {"titleType": "AlternativeTitle"}),
    "/descriptions/-": ("Abstract", "description", {"descriptionType": "Abstract"}),
    "/subjects/-": ("Another keyword", "subject", {}),
    "/rightsList/-": ("Another licence", "rights", {}),
    "/sizes/-": ("Another size", "", {}),
    "/formats/-": ("Another format", "", {}),
    "/language": ("Language", "", {}),
    "/version": ("Version", "", {}),
    "/publicationYear": ("Publication year", "", {}),
}
"""What can be added as free text: place → words, the member that the text becomes, its others."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion as people see it. `now` is what stands there at present; `conflict` says
    that it is neither what it was nor what was suggested."""

    id: str
    at: Any
    author: str
    field: str
    label: str
    before: Any
    after: Any
    now: Any
    note: str
    status: str
    decided_by: str
    decided_at: Any

    @property
    def conflict(self) -> bool:
        """Whether the place was changed since."""
        return self.status == "open" and not _same(self.now, self.before)

    def words(self, value: Any) -> str:
        """A value as people read it; "" when nothing is there."""
        return in_words(value)


def fields(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The simple values of a record and what can be added to it: pairs of place and words."""
    leaves = islice(_leaves(record), MOST_OFFERED)
    present = [(place, words_of(place, record)) for place, _ in leaves]
    known = {place for place, _ in present}
    return present + [(p, words[0]) for p, words in ADDABLE.items() if p not in known]


def _leaves(place: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(place, Mapping):
        for key, value in place.items():
            if path or key not in ("doi", "url"):
                yield from _leaves(value, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(place, list):
        for number, value in enumerate(place):
            yield from _leaves(value, f"{path}/{number}")
    elif place is not None:
        yield path, place


def from_text(record: Mapping[str, Any], field: str, text: str) -> Any:
    """A free text as the value of this place: a number where a number stands, an entry where one
    is added; empty = nothing is to be there. Raises Rejected."""
    if not text.strip():
        return None
    if field in ADDABLE and field.endswith("/-"):
        _, member, others = ADDABLE[field]
        return {member: text.strip(), **others} if member else text.strip()
    present = value_at(record, field)
    if isinstance(present, list | Mapping):
        raise Rejected(
            Sentence("%(words_of)s has several parts.", words_of=words_of(field, record)),
            hint="Suggest a value for one of them.",
        )
    number = isinstance(present, int | float) or field == "/publicationYear"
    return _number(text) if number and not isinstance(present, bool) else text.strip()


def parts_of(record: Mapping[str, Any], field: str) -> list[tuple[str, str, str]]:
    """What a value with several parts consists of: place, words and text of each; none for a
    simple value, and for one with more parts than anybody changes at once."""
    present = value_at(record, field)
    if not isinstance(present, list | Mapping):
        return []
    found = list(islice(_leaves(present, field), MOST_PARTS + 1))
    if len(found) > MOST_PARTS:
        return []
    return [(place, words_of(place, record), str(value)) for place, value in found]


def from_parts(record: Mapping[str, Any], field: str, typed: Mapping[str, str]) -> Any:
    """The value of a place with these texts for its parts; an empty text takes its part away, and
    what is empty then goes with it. Raises Rejected for what is no part of it."""
    changed: Mapping[str, Any] = record
    known = {place for place, _, _ in parts_of(record, field)}
    # Last first, so that what is taken away moves no other part.
    for place, text in reversed(list(typed.items())):
        if place not in known:
            raise Rejected("The record was changed since.", hint="Choose the field again.")
        if str(value_at(record, place)) != text:
            changed = with_value(changed, place, from_text(record, place, text))
    return _filled(value_at(changed, field))


def _filled(value: Any) -> Any:
    """Without members and entries in which nothing is left; None when nothing is."""
    if isinstance(value, Mapping):
        kept = {k: v for k, inner in value.items() if (v := _filled(inner)) is not None}
        return kept or None
    if isinstance(value, list):
        return [v for inner in value if (v := _filled(inner)) is not None] or None
    return value


def _number(text: str) -> int | float:
    try:
        number = int(text) if text.strip().lstrip("+-").isdigit() else float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    except (ValueError, OverflowError) as error:
        raise Rejected(
            Sentence("%(value)s is no number.", value=repr(text.strip()[:40])), hint="Such as 2026."
        ) from error


def suggest(
    parts: Parts, actor: Actor, publication: str, field: str, after: Any, note: str = ""
) -> Suggestion:
    """Suggest a value for a place of the record, None = nothing is to be there. Raises Denied,
    Conflict, or Rejected for what is no field, no change or too long."""
    _short_enough(after, note)
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        permissions.require("suggest", found.state, acts.roles_of(connection, actor, found))
        before = value_at(found.record, sound(field))
        if _same(before, after):
            raise Rejected(
                Sentence("%(words_of)s says that already.", words_of=words_of(field, found.record))
            )
        with_value(found.record, field, after)
        if suggestions.count_open(connection, publication) >= MOST_OPEN:
            raise Conflict(
                Sentence(
                    "There are %(most_open)s open suggestions; let the author decide first.",
                    most_open=MOST_OPEN,
                )
            )
        key = suggestions.add(
            connection,
            publication,
            author=actor.name,
            field=field,
            before=before,
            after=after,
            note=note.strip(),
        )
        _tell(connection, parts, found, actor, "suggest", key, field)
        return _shown(suggestions.get(connection, publication, key), found)


def _short_enough(after: Any, note: str) -> None:
    _must_be_keepable(after, note)
    if len(json.dumps(after)) > LONGEST:
        raise Rejected(
            Sentence("A suggested value has at most %(longest)s characters.", longest=LONGEST)
        )
    if len(note) > LONGEST_NOTE:
        raise Rejected(
            Sentence("A note has at most %(longest_note)s characters.", longest_note=LONGEST_NOTE)
        )


def _must_be_keepable(after: Any, note: str) -> None:
    try:
        storable([after, note])
    except ValueError as error:
        raise Rejected(
            Sentence("This cannot be kept: %(error)s.", error=error), hint="Suggest another value."
        ) from error


def _tell(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    actor: Actor,
    action: str,
    key: str,
    field: str,
) -> None:
    details = {"suggestion": key, "field": field, "label": words_of(field, publication.record)}
    acts.tell(connection, parts, publication, actor=actor, action=action, details=details)


def accept(parts: Parts, actor: Actor, publication: str, suggestion: str) -> Publication:
    """Put the suggested value into the draft, as an edit of the author's own. Raises Conflict when
    the place was changed since, or it was decided on already; nothing is changed then."""
    with parts.database.write() as connection:
        return _accept(connection, parts, actor, publication, suggestion)


def accept_all(parts: Parts, actor: Actor, publication: str) -> tuple[int, int]:
    """Accept every open one; returns how many were, and how many stay open because their place
    was changed since. Raises Denied or Conflict when nothing may be decided now."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        permissions.require("decide", found.state, acts.roles_of(connection, actor, found))
    accepted = left = 0
    for suggestion in open(parts, publication):
        try:
            accept(parts, actor, publication, suggestion.id)
            accepted += 1
        except (Conflict, Rejected):
            left += 1
    return accepted, left


def _accept(
    connection: Connection, parts: Parts, actor: Actor, publication: str, suggestion: str
) -> Publication:
    found, row = _decidable(connection, actor, publication, suggestion)
    now = value_at(found.record, row["field"])
    if not _same(now, row["before"]):
        raise Conflict(
            Sentence(
                "%(words_of)s was changed since this was suggested.",
                words_of=words_of(row["field"], found.record),
            ),
            hint="Compare the three values, then edit the field or decline the suggestion.",
        )
    _close(connection, suggestion, "accepted", actor)
    record = with_value(found.record, row["field"], row["after"])
    note = f"{words_of(row['field'], found.record)}: as {row['author']} suggested"[:300]
    edited = drafts.keep(connection, parts, actor, found, record, note=note)
    _tell(connection, parts, found, actor, "accept_suggestion", suggestion, row["field"])
    return edited


def _decidable(
    connection: Connection, actor: Actor, publication: str, suggestion: str
) -> tuple[Publication, dict[str, Any]]:
    found = publications.get(connection, publication, lock=True)
    permissions.require("decide", found.state, acts.roles_of(connection, actor, found))
    return found, suggestions.get(connection, publication, suggestion)


def _close(connection: Connection, suggestion: str, status: str, actor: Actor) -> None:
    if not suggestions.decide(connection, suggestion, status, by=actor.name):
        raise Conflict("This suggestion was decided on already.")


def may_decide(parts: Parts, actor: Actor, publication: Publication) -> bool:
    """Whether the actor may accept and decline what is suggested for it now."""
    with parts.database.read() as connection:
        roles = acts.roles_of(connection, actor, publication)
    return permissions.refusal("decide", publication.state, roles) is None


def decline(parts: Parts, actor: Actor, publication: str, suggestion: str) -> None:
    """Leave the record as it is. Raises Denied or Conflict."""
    with parts.database.write() as connection:
        found, row = _decidable(connection, actor, publication, suggestion)
        _close(connection, suggestion, "declined", actor)
        _tell(connection, parts, found, actor, "decline_suggestion", suggestion, row["field"])


def take_back(parts: Parts, actor: Actor, publication: str, suggestion: str) -> None:
    """Its author takes it back while it is open. Raises Denied or Conflict."""
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        row = suggestions.get(connection, publication, suggestion)
        if row["author"] != actor.name:
            raise Denied("Only who made a suggestion takes it back.")
        _close(connection, suggestion, "taken_back", actor)
        _tell(connection, parts, found, actor, "take_back_suggestion", suggestion, row["field"])


def of(parts: Parts, publication: str) -> list[Suggestion]:
    """All suggestions for a publication, first to last. Raises NotFound."""
    return _all(parts, publication, "")


def open(parts: Parts, publication: str) -> list[Suggestion]:  # noqa: A001
    """Those that wait for the author. Raises NotFound."""
    return _all(parts, publication, "open")


def _all(parts: Parts, publication: str, status: str) -> list[Suggestion]:
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        return [
            _shown(row, found) for row in suggestions.of(connection, publication, status=status)
        ]


def _shown(row: dict[str, Any], publication: Publication) -> Suggestion:
    rest = {k: v for k, v in row.items() if k != "publication"}
    record = publication.record
    return Suggestion(
        **rest, label=words_of(row["field"], record), now=value_at(record, row["field"])
    )


def words_of(field: str, record: Mapping[str, Any]) -> str:
    """A place in words, also one that is to be added."""
    if field in ADDABLE and field.endswith("-"):
        return ADDABLE[field][0]
    first, _, rest = label(field, record).partition(", ")
    # The title of a title is just the title.
    return first if not rest or rest == first.rstrip(" 0123456789").lower() else f"{first}, {rest}"


def _same(one: Any, other: Any) -> bool:
    """As JSON: true is not 1, and nothing is the same as null."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
