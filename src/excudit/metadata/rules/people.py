"""Rules on creators, contributors, publisher and funders."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from excudit.domain.identifiers import is_funder_doi, is_isni, is_orcid, is_ror
from excudit.domain.problem import Problem
from excudit.domain.record import Contributor, Creator, Record, RelatedCreator
from excudit.metadata.rules import Finding, broken

_CHECKS: dict[str, tuple[str, Callable[[str], bool], str]] = {
    "ORCID": ("orcid", is_orcid, "https://orcid.org/"),
    "ROR": ("ror", is_ror, "https://ror.org/"),
    "ISNI": ("isni", is_isni, ""),
}


def judge(record: Record) -> Iterator[Problem]:
    """All that is wrong with the people and organisations of a record."""
    for index, creator in enumerate(record.creators):
        yield from _person(creator, "/creators", index)
    for index, contributor in enumerate(record.contributors):
        yield from _person(contributor, "/contributors", index)
    for index, related in enumerate(record.related_items):
        for group, names in (
            ("creators", related.creators),
            ("contributors", related.contributors),
        ):
            for n, name in enumerate(names):
                finding = _name(name)
                if finding:
                    yield _at(f"/relatedItems/{index}/{group}/{n}/name", finding)
    publisher = record.publisher
    if publisher.name.isspace():
        yield broken("blank-text", "/publisher/name", "The publisher is blank.", "Write its name.")
    identifier, scheme = publisher.publisher_identifier, publisher.publisher_identifier_scheme
    finding = _pair(identifier, scheme, "publisherIdentifier")
    if finding:
        yield _at("/publisher/publisherIdentifier", finding)
    yield from _funders(record)
    yield from _twice(record)


def _at(where: str, finding: Finding) -> Problem:
    rule, message, mend = finding
    return broken(rule, where, message, mend)


def _person(person: Creator | Contributor, group: str, index: int) -> Iterator[Problem]:
    finding = _name(person)
    if finding:
        yield _at(f"{group}/{index}/name", finding)
    for n, one in enumerate(person.name_identifiers):
        finding = _identifier(one.name_identifier, one.name_identifier_scheme)
        if finding:
            yield _at(f"{group}/{index}/nameIdentifiers/{n}/nameIdentifier", finding)
    for n, place in enumerate(person.affiliation):
        identifier, scheme = place.affiliation_identifier, place.affiliation_identifier_scheme
        finding = _pair(identifier, scheme, "affiliationIdentifier")
        if finding:
            yield _at(f"{group}/{index}/affiliation/{n}/affiliationIdentifier", finding)


def _name(person: Creator | Contributor | RelatedCreator) -> Finding | None:
    name, family, given = person.name, person.family_name, person.given_name
    if not name or name.isspace():
        return "blank-text", "A name is blank.", "Write the name."
    if family and given:
        if person.name_type == "Organizational" or name == f"{family}, {given}":
            return None
        return (
            "personal-name",
            f"{name!r} is not familyName and givenName; the registry shows those two.",
            f'Write "{family}, {given}".',
        )
    if person.name_type == "Personal":
        message = f"{name!r} is a person without familyName and givenName."
        return "personal-name", message, 'Give both, and write the name as "Family, Given".'
    return None


def _pair(identifier: str, scheme: str, name: str) -> Finding | None:
    if identifier and scheme:
        return _identifier(identifier, scheme)
    if identifier:
        return "scheme-pair", f"{identifier!r} has no {name}Scheme.", f"Add {name}Scheme, e.g. ROR."
    if scheme:
        message = f"There is a {name}Scheme, but no {name}."
        return "scheme-pair", message, f"Add {name}, or remove the scheme."
    return None


def _identifier(identifier: str, scheme: str) -> Finding | None:
    check = _CHECKS.get(scheme.upper())
    if check is None:
        return None
    rule, is_right, address = check
    if not is_right(identifier):
        message = f"{identifier!r} is not a valid {scheme.upper()}: a wrong form or check digit."
        return rule, message, f"Copy it from {address or 'isni.org'}."
    if not identifier.startswith(address):
        bare = identifier.rpartition("/")[2]
        message = f"{identifier!r} is not written as an https address."
        return "identifier-address", message, f"Write {address}{bare}."
    return None


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
            finding = _identifier(identifier, kind)
            if finding:
                yield _at(f"{where}/funderIdentifier", finding)


def _twice(record: Record) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for index, creator in enumerate(record.creators):
        identifiers = tuple(one.name_identifier for one in creator.name_identifiers)
        key = (creator.name.casefold(), identifiers)
        if key in seen:
            message = f"{creator.name!r} is a creator twice (first as number {seen[key] + 1})."
            yield broken("duplicate", f"/creators/{index}", message, "Remove one.")
        seen.setdefault(key, index)
