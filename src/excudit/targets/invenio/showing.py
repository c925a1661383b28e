"""A deposit in words that are the same for both dialects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from excudit.http import path_of
from excudit.ports import Displayed
from excudit.targets.invenio.found import Found, Held

Tree = Mapping[str, Any]


def shown(found: Found, files: Mapping[str, Held], url: str) -> Displayed:
    """What the repository tells of a deposit and its files."""
    told = found.metadata
    where = f"{url}/api/records/{found.id}" + ("" if found.public else "/draft")
    return Displayed(
        title=str(told.get("title", "")),
        description=str(told.get("description", "")),
        doi=found.doi,
        created_at=found.created,
        published_on=str(told.get("publication_date", "")),
        public=found.public,
        people=tuple(_who(who) for who in told.get("creators") or ()),
        helpers=tuple(_who(who) for who in told.get("contributors") or ()),
        files=tuple(
            (name, held.size, f"{where}/files{path_of(name)}/content")
            for name, held in sorted(files.items())
        ),
    )


def _who(who: Tree) -> tuple[str, str]:
    """Name and ORCID: records API with `person_or_org`, deposit API flat."""
    person = who.get("person_or_org")
    if not isinstance(person, Mapping):
        return str(who.get("name", "")), str(who.get("orcid") or "")
    known = (i for i in person.get("identifiers") or () if i.get("scheme") == "orcid")
    return str(person.get("name", "")), next((str(i.get("identifier", "")) for i in known), "")
