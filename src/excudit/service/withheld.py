"""Who made it, taken out of what an anonymous reader sees.

The reader gets a record made anew from what tells nobody: people, organisations, funding, related
works and links are left out, and their names are struck out of every text that stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.domain.record import Creator, GeoLocation, Publisher, Record

MARK = "[withheld]"
NOBODY = "Withheld for anonymous review"

_ALWAYS = re.compile(
    # E-mail; what was taken is never given back, or a long word would take hours.
    r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"
    r"|(?:https?://|www\.)\S+"
    r"|\b10\.\d{4,9}/\S+"  # DOI
    r"|\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b",  # ORCID, ISNI
    re.IGNORECASE,
)
_PEOPLE = ("creators", "contributors")
_ANY_CASE = 3
"""From so many letters on, a name is struck out in any case."""


class Withheld:
    """What must not be seen of one publication. `raw` is its record as people typed it; `people`
    are its owner and those who work on it."""

    def __init__(
        self, raw: Mapping[str, Any], publication: Publication, people: Sequence[Actor]
    ) -> None:
        names = {*_of_record(raw), *_of_accounts(publication, people)}
        exact = {p.ref for p in publication.parts}
        self._names = _pattern({n for n in names if len(n) >= _ANY_CASE}, re.IGNORECASE)
        self._exact = _pattern(exact | {n for n in names if 2 <= len(n) < _ANY_CASE}, 0)

    def struck(self, text: str) -> str:
        """The text with every name in it struck out."""
        plain = _ALWAYS.sub(MARK, unicodedata.normalize("NFC", text))
        return self._exact.sub(MARK, self._names.sub(MARK, plain))

    def reduced(self, record: Record, *, site: str) -> Record:
        """A record of what tells nobody; `site` stands as the publisher."""
        return Record(
            creators=(Creator(name=NOBODY, name_type="Organizational"),),
            titles=tuple(self._with(t, "title") for t in record.titles),
            publisher=Publisher(name=site),
            publication_year=record.publication_year,
            types=self._with(record.types, "resource_type"),
            subjects=tuple(
                self._with(s, "subject", "subject_scheme", "classification_code").model_copy(
                    update={"value_uri": "", "scheme_uri": ""}
                )
                for s in record.subjects
            ),
            dates=tuple(d.model_copy(update={"date_information": ""}) for d in record.dates),
            language=record.language,
            sizes=tuple(map(self.struck, record.sizes)),
            formats=tuple(map(self.struck, record.formats)),
            version=self.struck(record.version),
            rights_list=tuple(
                self._with(r, "rights", "rights_identifier", "rights_identifier_scheme").model_copy(
                    update={"rights_uri": "", "scheme_uri": ""}
                )
                for r in record.rights_list
            ),
            descriptions=tuple(self._with(d, "description") for d in record.descriptions),
            geo_locations=tuple(self._place(g) for g in record.geo_locations),
        )

    def _with(self, part: Any, *names: str) -> Any:
        return part.model_copy(update={name: self.struck(getattr(part, name)) for name in names})

    def _place(self, place: GeoLocation) -> GeoLocation:
        struck: GeoLocation = self._with(place, "geo_location_place")
        return struck


def _of_record(raw: Mapping[str, Any]) -> Iterator[str]:
    for group in _PEOPLE:
        for person in _entries(raw, group):
            yield from _of_agent(person)
    for funding in _entries(raw, "fundingReferences"):
        yield from _texts(funding)
    for work in _entries(raw, "relatedItems"):
        for group in _PEOPLE:
            for person in _entries(work, group):
                yield from _of_agent(person)
    yield from _texts(raw.get("publisher"))


def _of_agent(person: Mapping[str, Any]) -> Iterator[str]:
    yield from _texts({k: v for k, v in person.items() if k not in _WORDS})
    if person.get("nameType") != "Organizational":
        for member in ("name", "givenName", "familyName"):
            yield from _pieces(str(person.get(member) or ""))


_WORDS = ("nameType", "contributorType", "lang")
_SCHEMES = ("Scheme", "schemeUri", "schemeURI", "Type")


def _texts(tree: Any) -> Iterator[str]:
    """Every text that names somebody, however deep it stands."""
    if isinstance(tree, str):
        yield from filter(None, {tree.strip(), tree.strip().rstrip("/").rsplit("/", 1)[-1]})
    elif isinstance(tree, Mapping):
        for name, value in tree.items():
            if not str(name).endswith(_SCHEMES):
                yield from _texts(value)
    elif isinstance(tree, list | tuple):
        for entry in tree:
            yield from _texts(entry)


def _of_accounts(publication: Publication, people: Sequence[Actor]) -> Iterator[str]:
    yield from _account(publication.owner, publication.owner_email)
    for one in people:
        yield from _account(one.name, one.email)
        yield from _texts([one.full_name, one.orcid, one.affiliation])
        yield from _pieces(one.full_name)
    yield publication.reviewer


def _account(name: str, email: str) -> Iterator[str]:
    yield name
    yield email
    yield email.partition("@")[0]


def _pieces(name: str) -> Iterator[str]:
    """The parts of a person's name that tell of themselves; initials do not."""
    yield from (p for p in re.split(r"[\s,.;]+", name) if len(p) > 1)


def _entries(tree: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    found = tree.get(member)
    every = found if isinstance(found, list | tuple) else ()
    return [e for e in every if isinstance(e, Mapping)]


def _pattern(names: set[str], flags: int) -> re.Pattern[str]:
    """The longest first, so that nothing is left of a name within a name."""
    known = sorted({unicodedata.normalize("NFC", n) for n in names if n}, key=len, reverse=True)
    if not known:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{_any_of(known, folded=bool(flags))})(?!\w)", flags)


_FEW = 8
_DEEPEST = 6


def _any_of(names: Sequence[str], *, folded: bool, depth: int = 0) -> str:
    """A pattern for any of these names, in their order; many are parted by their next letter, or
    thousands would be tried at every word."""
    if len(names) <= _FEW or depth == _DEEPEST:
        return "|".join(map(re.escape, names))
    parted: dict[str, list[str]] = {}
    for name in names:
        letter = name[depth : depth + 1]
        alike = letter.lower() if folded and len(letter.lower()) == 1 else letter
        parted.setdefault(alike, []).append(name)
    ended = parted.pop("", [])
    found = []
    for letter, some in parted.items():
        within = _any_of(some, folded=folded, depth=depth + 1)
        found.append(f"(?=(?s:.){{{depth}}}{re.escape(letter)})(?:{within})")
    # What ends here is the beginning of all the others, so it is tried last.
    return "|".join([*found, *map(re.escape, ended)])
