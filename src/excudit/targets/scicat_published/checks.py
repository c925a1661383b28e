"""Looking only: whether a record could be published, and what a stranger sees of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from excudit.domain.errors import ExcuditError
from excudit.domain.problem import Problem
from excudit.http import Remote, path_of
from excudit.scicat import SciCat

RULE = "scicat"


def rights(scicat: SciCat, pids: Sequence[str], admins: Sequence[str]) -> list[Problem]:
    """The datasets that the account could not make public, each by its PID."""
    known = scicat.known()
    admin = not set(known.groups).isdisjoint(admins)
    found = []
    for pid in pids:
        row = scicat.find_dataset(pid)
        if row is None:
            mend = "Take it out of the selection, or let the account of the service see it."
            found.append(_told("", f"{scicat.name} has no dataset {pid}.", mend, "dataset"))
        elif not (admin or row.get("ownerGroup") in known.groups):
            words = f"The account of the service may not change {pid} at {scicat.name}."
            mend = f"Make it a member of the group {row.get('ownerGroup')}, or an admin there."
            found.append(_told("", words, mend, "rights"))
    return found


def schema(config: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[Problem]:
    """What the site's own JSON Schema (2019-09) says of the metadata; unknown keywords count
    nothing."""
    wanted = config.get("metadataSchema")
    if not isinstance(wanted, Mapping):
        return []
    try:
        checker = jsonschema_rs.Draft201909Validator(dict(wanted), validate_formats=True)
    except ValueError as error:
        words = f"The schema of the site is broken: {error}"
        return [_told("", words[:500], "Ask its operators to mend it.", "schema")]
    wrong = checker.iter_errors(dict(metadata))
    return [
        _told(
            "/" + "/".join(map(str, one.instance_path)),
            f"The site's own schema: {one.message[:500]}",
            "Complete the field; the site asks for it.",
            "schema",
        )
        for one in wrong
    ]


def as_a_stranger(scicat: SciCat, doi: str, pids: Sequence[str]) -> Iterator[Problem]:
    """The record and each dataset that a stranger does not see."""
    if scicat.published.get(doi, stranger=True) is None and scicat.published.version == "v4":
        words = f"A stranger does not see the record {doi} at {scicat.name}."
        yield _told("", words, "Retry; look at it there if it stays so.", "stranger")
    for pid in pids:
        if scicat.public_dataset(pid) is None:
            words = f"A stranger does not see {pid} at {scicat.name}."
            yield _told("", words, "Publish it again.", "stranger")


def probe(scicat: SciCat) -> list[Problem]:
    """For `doctor`. Reads only."""
    try:
        if not scicat.healthy():
            words = f"{scicat.url} says that it is not well."
            return [_told("/url", words, "Ask its operators.", "probe")]
        scicat.known()
    except ExcuditError as error:
        where = "/username" if error.kind in ("Denied", "Rejected") else "/url"
        return [_told(where, error.message, error.hint, "probe")]
    return []


def at_datacite(remote: Remote, doi: str) -> str:
    """The state of a DOI at DataCite as everybody may see it; "" where it has none."""
    answer = remote.call("GET", path_of("dois", doi), expect={200, 404})
    if answer.status == 404:
        return ""
    told = answer.value or {}
    return str(((told.get("data") or {}).get("attributes") or {}).get("state", ""))


def _told(where: str, message: str, mend: str, rule: str) -> Problem:
    return Problem(where, message, mend, rule=f"{RULE}.{rule}" if rule else RULE)
