"""What the pickers of the metadata form offer, and how names are learned and forgotten.

Nothing here asks another service. Only what is public is offered: names out of files that the
operator imported, out of published records, and to each person their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from excudit.domain.errors import NotFound, Rejected
from excudit.domain.identifiers import is_orcid, is_ror
from excudit.domain.model import Actor
from excudit.domain.names import Kind, Name, fold, words_of
from excudit.domain.record import Affiliation, Contributor, Creator, Record
from excudit.domain.sentence import Sentence
from excudit.metadata.languages import languages
from excudit.metadata.licences import MEANINGS, all_licences, web_address
from excudit.service.name_files import found_by, person
from excudit.service.parts import Parts
from excudit.store import names, site_events
from excudit.store.database import Connection

LIMIT = 20
LONGEST = 200
"""Characters of a question that count."""


LEARNED = 500
"""Names taken out of one record at most: it happens in the transaction that publishes."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One choice. `value` goes into the field that was typed in, `fills` into those beside it;
    `name`, `note` and `id` are shown."""

    value: str
    name: str
    note: str = ""
    id: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)


def find(parts: Parts, actor: Actor, kind: str, text: str) -> list[Pick]:
    """At most `LIMIT` choices for what was typed, best first. Raises NotFound for an unknown kind
    of pick."""
    finder = FINDERS.get(kind)
    if finder is None:
        raise NotFound(Sentence("There is nothing to pick of the kind %(kind)s.", kind=repr(kind)))
    return finder(parts, actor, text[:LONGEST])[:LIMIT]


def _people(parts: Parts, actor: Actor, text: str) -> list[Pick]:
    found = [_pick(name) for name in _stored(parts, "person", text)]
    me = oneself(actor)
    if me is None or not _begins_words(text, me.name, me.note, me.id):
        return found
    return [me, *(one for one in found if one.id != me.id)]


def oneself(actor: Actor) -> Pick | None:
    """The person who asks, as a choice; None without an ORCID iD on their account."""
    if not is_orcid(actor.orcid):
        return None
    return _pick(person(actor.full_name or actor.name, actor.orcid, actor.affiliation))


def _organisations(parts: Parts, actor: Actor, text: str) -> list[Pick]:
    return [_pick(name) for name in _stored(parts, "organisation", text)]


def _subjects(parts: Parts, actor: Actor, text: str) -> list[Pick]:
    return [_pick(name, shown_id="") for name in _stored(parts, "subject", text)]


def _stored(parts: Parts, kind: Kind, text: str) -> list[Name]:
    with parts.database.read() as connection:
        return names.search(connection, kind, text, LIMIT)


def _pick(name: Name, shown_id: str | None = None) -> Pick:
    shown = name.id if shown_id is None else shown_id
    return Pick(name.name, name.name, name.note, shown, name.fills)


def _licences(parts: Parts, actor: Actor, text: str) -> list[Pick]:
    return _among(_every_licence(), text)


def _languages(parts: Parts, actor: Actor, text: str) -> list[Pick]:
    exact = [one for one, _ in _every_language() if one.value == text.strip().lower()]
    others = _among(_every_language(), text)
    return [*exact, *(one for one in others if one not in exact)]


Worded = tuple[Pick, frozenset[str]]


@lru_cache(maxsize=1)
def _every_licence() -> tuple[Worded, ...]:
    return tuple(
        (
            Pick(
                one.name,
                one.name,
                MEANINGS.get(one.id, ""),
                one.id,
                {
                    "rights-uri": web_address(one),
                    "rights-identifier": one.id,
                    "rights-identifier-scheme": "SPDX",
                    "scheme-uri": "https://spdx.org/licenses/",
                },
            ),
            frozenset(words_of(one.name, one.id, MEANINGS.get(one.id, ""))),
        )
        for one in all_licences()
    )


@lru_cache(maxsize=1)
def _every_language() -> tuple[Worded, ...]:
    return tuple(
        (
            Pick(one.tag, one.name, one.own_name, one.tag),
            frozenset(words_of(one.tag, one.name, one.own_name)),
        )
        for one in languages()
    )


def _among(every: Iterable[Worded], text: str) -> list[Pick]:
    """Those of which each asked word begins a word; in their own order, but where all asked words
    stand whole first."""
    asked = words_of(text)
    found = [
        (pick, words)
        for pick, words in every
        if all(any(word.startswith(one) for word in words) for one in asked)
    ]
    return [pick for pick, words in sorted(found, key=lambda pair: not pair[1] >= set(asked))]


def _begins_words(text: str, *shown: str) -> bool:
    words = words_of(*shown)
    return all(any(word.startswith(one) for word in words) for one in words_of(text))


FINDERS: dict[str, Callable[[Parts, Actor, str], list[Pick]]] = {
    "people": _people,
    "organisations": _organisations,
    "licences": _licences,
    "languages": _languages,
    "subjects": _subjects,
}


def learn(connection: Connection, record: Record) -> None:
    """Keep the names in a record that has become public: people with an ORCID iD, organisations
    with a ROR id, subjects. What came from a file is not changed. Idempotent."""
    found = {name.id: name for name in islice(_named(record), LEARNED)}
    fresh = names.unknown_or_learned(connection, found)
    names.learn(connection, [(found[key], found_by(found[key])) for key in fresh])


def _named(record: Record) -> Iterator[Name]:
    people: tuple[Creator | Contributor, ...] = (*record.creators, *record.contributors)
    for who in people:
        yield from _person(who)
        for place in who.affiliation:
            yield from _organisation(place.name, place.affiliation_identifier)
    publisher = record.publisher
    yield from _organisation(publisher.name, publisher.publisher_identifier)
    for funder in record.funding_references:
        yield from _organisation(funder.funder_name, funder.funder_identifier)
    for subject in record.subjects:
        folded = " ".join(words_of(subject.subject))
        if folded and len(subject.subject) <= LONGEST:
            fills = {
                "subject-scheme": subject.subject_scheme,
                "scheme-uri": subject.scheme_uri,
                "value-uri": subject.value_uri,
                "classification-code": subject.classification_code,
            }
            scheme = subject.subject_scheme
            key = f"subject:{fold(scheme)[:60]}:{folded}"[:200]
            yield Name(key, "subject", subject.subject, scheme, ORIGIN, fills)


def _person(who: Creator | Contributor) -> Iterator[Name]:
    orcids = [i.name_identifier.strip() for i in who.name_identifiers]
    place = who.affiliation[0] if who.affiliation else Affiliation(name="-")
    where = "" if place.name == "-" else place.name
    for orcid in filter(is_orcid, orcids):
        ror = place.affiliation_identifier
        both = f"{who.family_name}, {who.given_name}" if who.family_name else who.name
        yield person(both, orcid, where, ror_id=ror if is_ror(ror) else "", origin=ORIGIN)


def _organisation(name: str, identifier: str) -> Iterator[Name]:
    if is_ror(identifier.strip()):
        key = f"https://ror.org/{identifier.strip()[-9:]}"
        yield Name(key, "organisation", name, "", ORIGIN, {"identifier": key})


ORIGIN = "published"


def forget(parts: Parts, actor: Actor, identifier: str) -> bool:
    """Take a person (or organisation) out of the pickers for good, by ORCID iD or ROR id; whether
    it was there. Published records are not changed. Raises Rejected for what is neither."""
    bare = identifier.strip().rpartition("/")[2]
    if is_orcid(bare.upper()):
        key = f"https://orcid.org/{bare.upper()}"
    elif is_ror(bare.lower()):
        key = f"https://ror.org/{bare.lower()}"
    else:
        raise Rejected(
            Sentence(
                "%(identifier)s is neither an ORCID iD nor a ROR id.", identifier=repr(identifier)
            ),
            hint="An ORCID iD looks like 0000-0002-1825-0097, a ROR id like 01hhn8329.",
        )
    with parts.database.write() as connection:
        was_there = names.forget(connection, key)
        site_events.append(connection, actor=actor.name, action="forget_name", about=key)
    return was_there
