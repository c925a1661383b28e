"""The same checks for the service as for `excudit check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from excudit.domain.model import Dataset
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.metadata import check, datacite_json, datacite_xml
from excudit.settings import Route


def check_json(
    record: Mapping[str, Any], *, xsd: str = "", domains: Sequence[str] = ()
) -> list[Problem]:
    """All problems of a record as people typed it (DataCite REST JSON): its form, and where the
    form allows it its meaning; `xsd` names the official XSD where the operator wants it too."""
    parsed, problems = datacite_json.read_tree(dict(record))
    if parsed is None:
        return problems
    problems = [*problems, *check.check_record(parsed, domains=domains)]
    if xsd:
        problems += datacite_xml.validate_with_xsd(datacite_xml.to_xml(parsed), Path(xsd))
    return problems


def of_other_groups(route: Route, datasets: Sequence[Dataset]) -> list[Problem]:
    """The datasets that do not go this way, such as those of stations that others approve."""
    if not route.groups:
        return []
    return [
        Problem(
            "",
            Sentence(
                "%(value)s is of the group %(value_2)s; this route takes %(names)s.",
                value=d.title or d.ref,
                value_2=d.group or "without a name",
                names=" and ".join(route.groups),
            ),
            "Choose the route for that group.",
            rule="group",
        )
        for d in datasets
        if d.group not in route.groups
    ]
