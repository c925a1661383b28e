"""Rules on creators, contributors, publisher and funders."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from excudit.domain.identifiers import is_funder_doi, is_isni, is_orcid, is_ror
from excudit.domain.problem import Problem
from excudit.domain.record import (
    Affiliation,
    Contributor,
    Creator,
    Record,
    RelatedCreator,
)
from excudit.metadata.rules import broken

_CHECKS: dict[str, tuple[str, Callable[[str], bool], str]] = {
    "ORCID": ("orcid", is_orcid, "https://orcid.org/"),
    "ROR": ("ror", is_ror, "https://ror.org/"),
    "ISNI": ("isni", is_isni, ""),
}


def judge(record: Record) -> Iterator[Problem]:
    """All that is wrong with the people and organisations of a record."""
    for index, creator in enumerate(record.creators):
        yield from _person(creator, f"/creators/{index}")
    for index, contributor in enumerate(record.contributors):
        yield from _person(contributor, f"/contributors/{index}")
    for index, related in enumerate(record.related_items):
        for group, names in (
            ("creators", related.creators),
            ("contributors", related.contributors),
        ):
            for n, name in enumerate(names):
                yield from _name(name, f"/relatedItems/{index}/{group}/{n}")
    yield from _publisher(record)
    yield from _funders(record)
    yield from _twice(record)


def _person(person: Creator | Contributor, where: str) -> Iterator[Problem]:
    yield from _name(person, where)
    for index, one in enumerate(person.name_identifiers):
        here = f"{where}/nameIdentifiers/{index}/nameIdentifier"
        yield from _identifier(one.name_identifier, one.name_identifier_scheme, here)
    for index, place in enumerate(person.affiliation):
        yield from _affiliation(place, f"{where}/affiliation/{index}")


def _name(person: Creator | Contributor | RelatedCreator, where: str) -> Iterator[Problem]:
    name, family, given = person.name, person.family_name, person.given_name
    if not name or name.isspace():
        yield broken("blank-text", f"{where}/name", "A name is blank.", "Write the name.")
    elif family and given:
        if person.name_type != "Organizational" and name != f"{family}, {given}":
            yield broken(
                "personal-name",
                f"{where}/name",
                f"{name!r} is not familyName and givenName; the registry shows those two.",
                f'Write "{family}, {given}".',
            )
    elif person.name_type == "Personal":
        mend = 'Give both, and write the name as "Family, Given".'
        message = f"{name!r} is a person without familyName and givenName."
        yield broken("personal-name", where, message, mend)


def _affiliation(place: Affiliation, where: str) -> Iterator[Problem]:
    identifier, scheme = place.affiliation_identifier, place.affiliation_identifier_scheme
    if identifier or scheme:
        yield from _pair(identifier, scheme, where, "affiliationIdentifier")


def _pair(identifier: str, scheme: str, where: str, name: str) -> Iterator[Problem]:
    here = f"{where}/{name}"
    if not scheme:
        message = f"{identifier!r} has no {name}Scheme."
        yield broken("scheme-pair", here, message, f"Add {name}Scheme, e.g. ROR.")
    elif not identifier:
        message = f"There is a {name}Scheme, but no {name}."
        yield broken("scheme-pair", f"{here}Scheme", message, f"Add {name}, or remove the scheme.")
    else:
        yield from _identifier(identifier, scheme, here)


def _identifier(identifier: str, scheme: str, where: str) -> Iterator[Problem]:
    check = _CHECKS.get(scheme.upper())
    if check is None:
        return
    rule, is_right, address = check
    if not is_right(identifier):
        message = f"{identifier!r} is not a valid {scheme.upper()}: a wrong form or check digit."
        yield broken(rule, where, message, f"Copy it from {address or 'isni.org'}.")
    elif not identifier.startswith(address):
        bare = identifier.rpartition("/")[2]
        message = f"{identifier!r} is not written as an https address."
        yield broken("identifier-address", where, message, f"Write {address}{bare}.")


def _publisher(record: Record) -> Iterator[Problem]:
    publisher = record.publisher
    if publisher.name.isspace():
        yield broken("blank-text", "/publisher/name", "The publisher is blank.", "Write its name.")
    identifier, scheme = publisher.publisher_identifier, publisher.publisher_identifier_scheme
    if identifier or scheme:
        yield from _pair(identifier, scheme, "/publisher", "publisherIdentifier")


def _funders(record: Record) -> Iterator[Problem]:
    for index, one in enumerate(record.funding_references):
        where = f"/fundingReferences/{index}"
        kind, identifier = one.funder_identifier_type, one.funder_identifier
        if one.funder_name.isspace():
            yield broken("blank-text", f"{where}/funderName", "A funder is blank.", "Name it.")
        if kind and not identifier:
            message = "There is a funderIdentifierType, but no funderIdentifier."
            mend = "Add funderIdentifier, or remove its type."
            yield broken("scheme-pair", f"{where}/funderIdentifierType", message, mend)
        elif kind == "Crossref Funder ID" and not is_funder_doi(identifier):
            message = f"{identifier!r} is not a Crossref Funder ID."
            mend = "Write https://doi.org/10.13039/…, or another funderIdentifierType."
            yield broken("funder-id", f"{where}/funderIdentifier", message, mend)
        else:
            yield from _identifier(identifier, kind, f"{where}/funderIdentifier")


def _twice(record: Record) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for index, creator in enumerate(record.creators):
        key = (creator.name.casefold(), creator.name_identifiers)
        if key in seen:
            message = f"{creator.name!r} is a creator twice (first as number {seen[key] + 1})."
            yield broken("duplicate", f"/creators/{index}", message, "Remove one.")
        seen.setdefault(key, index)
