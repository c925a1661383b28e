"""What makes the record of a dataset a good one: findable, creditable, reusable."""

from __future__ import annotations

from collections.abc import Iterator

from excudit.domain.problem import Problem
from excudit.domain.record import Contributor, Creator, Record
from excudit.metadata.rules import broken


def judge(record: Record) -> Iterator[Problem]:
    """What the record of a dataset lacks; nothing for other resources."""
    if record.types.resource_type_general != "Dataset":
        return
    if not any(d.description_type == "Abstract" for d in record.descriptions):
        message = "There is no description of type Abstract."
        yield broken("dataset-abstract", "/descriptions", message, "Add an abstract.")
    if not any(r.rights_identifier_scheme.upper() == "SPDX" for r in record.rights_list):
        message = "There is no licence from the SPDX list."
        mend = "Name one by its code there, such as CC-BY-4.0."
        yield broken("dataset-licence", "/rightsList", message, mend)
    schemes = _schemes(record)
    for rule, scheme in (("dataset-orcid", "ORCID"), ("dataset-ror", "ROR")):
        if scheme not in schemes:
            whose = "author" if scheme == "ORCID" else "affiliation"
            message = f"No {whose} has an identifier of {scheme}."
            mend = "Add one, so that they are found without doubt."
            yield broken(rule, "/creators", message, mend)


def _schemes(record: Record) -> set[str]:
    found = {record.publisher.publisher_identifier_scheme.upper()}
    people: tuple[Creator | Contributor, ...] = (*record.creators, *record.contributors)
    for person in people:
        found.update(i.name_identifier_scheme.upper() for i in person.name_identifiers)
        found.update(a.affiliation_identifier_scheme.upper() for a in person.affiliation)
    found.update(f.funder_identifier_type.upper() for f in record.funding_references)
    return found
