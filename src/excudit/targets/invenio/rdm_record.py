"""A record as the records API takes it."""

from __future__ import annotations

from typing import Any

from excudit.domain.model import Snapshot
from excudit.domain.record import Affiliation, Contributor, Creator
from excudit.targets.invenio import words
from excudit.targets.invenio.found import mark_of
from excudit.targets.invenio.settings import InvenioSettings

Tree = dict[str, Any]


def metadata(snapshot: Snapshot, settings: InvenioSettings) -> Tree:
    """The snapshot's record; empty members are left out, for the repository drops them too."""
    record = snapshot.record
    told: Tree = {
        "title": record.main_title,
        "publisher": settings.publisher or record.publisher.name,
        "publication_date": words.published_on(record),
        "resource_type": {"id": words.kind_of(record)},
        "description": words.description(record),
        "version": record.version,
        "creators": [_who(c, settings) for c in record.creators],
        "contributors": [
            {**_who(c, settings), "role": {"id": words.role_of(c)}} for c in record.contributors
        ],
        "rights": _rights(snapshot, settings),
        "subjects": [{"subject": s.subject} for s in record.subjects if s.subject],
        "identifiers": [{"scheme": "urn", "identifier": mark_of(snapshot.key)}],
        "related_identifiers": [
            {
                "identifier": r.related_identifier,
                "scheme": words.SCHEMES[r.related_identifier_type],
                "relation_type": {"id": r.relation_type.lower()},
            }
            for r in words.related(record)
        ],
    }
    return {name: value for name, value in told.items() if value}


def _rights(snapshot: Snapshot, settings: InvenioSettings) -> list[Tree]:
    known = words.licence(snapshot.record, settings.default_license)
    if known:
        return [{"id": known}]
    return [
        {k: v for k, v in (("title", {"en": r.rights}), ("link", r.rights_uri)) if v}
        for r in snapshot.record.rights_list
        if r.rights
    ]


def _who(who: Creator | Contributor, settings: InvenioSettings) -> Tree:
    person: Tree
    if who.name_type == "Organizational":
        person = {"type": "organizational", "name": who.name}
    else:
        family, given = words.family_and_given(who)
        person = {"type": "personal", "family_name": family}
        if given:
            person["given_name"] = given
    if orcid := words.orcid(who):
        person["identifiers"] = [{"scheme": "orcid", "identifier": orcid}]
    made: Tree = {"person_or_org": person}
    if who.affiliation:
        made["affiliations"] = [_place(a, settings) for a in who.affiliation]
    return made


def _place(affiliation: Affiliation, settings: InvenioSettings) -> Tree:
    if settings.ror and affiliation.affiliation_identifier_scheme.upper() == "ROR":
        return {"id": affiliation.affiliation_identifier.rstrip("/").rpartition("/")[2]}
    return {"name": affiliation.name}
