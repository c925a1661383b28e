"""Assessments from a CAT server, with those whom they are shared with."""

from __future__ import annotations

import json
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.problem import Problem
from excudit.http import Bearer, Remote, path_of, user_agent
from excudit.settings import Site
from excudit.sources.assessment.keep import Person
from excudit.sources.assessment.settings import CatServer


class Cat:
    """One CAT server. It is only read."""

    def __init__(self, settings: CatServer, site: Site) -> None:
        auth = Bearer(settings.token.read) if settings.token else None
        self._remote = Remote("CAT", settings.url, agent=user_agent(site), auth=auth)

    def fetch(self, ref: str) -> tuple[bytes, tuple[Person, ...]]:
        """The document in its wrapper, and whom it is shared with. Raises NotFound, Denied,
        Unavailable or Rejected."""
        answer = self._remote.call(
            "GET", path_of("v2", "assessments", ref), accept="application/json", expect={200}
        )
        shared = self._remote.call(
            "GET",
            path_of("v1", "assessments", ref, "shared-users"),
            accept="application/json",
            expect={200, 404},
        )
        people = read_people(shared.body) if shared.status == 200 else ()
        return answer.body, tuple(p for p, _ in people)


def read_people(content: bytes) -> tuple[tuple[Person, str], ...]:
    """Persons and their roles ("" = not told): CAT's answer about shared users, or a bare list.

    Raises Rejected with all problems, each at its place.
    """
    try:
        tree: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Rejected("The list of shared users is no JSON.", hint="Mend the file.") from error
    rows = tree.get("shared_users") if isinstance(tree, dict) else tree
    prefix = "/shared_users" if isinstance(tree, dict) else ""
    if not isinstance(rows, list):
        raise Rejected("Shared users are a list.", hint='Give {"shared_users": […]}.')
    wrong = [
        Problem(f"{prefix}/{n}/id", "A shared user has an id.", "Give it as text.")
        for n, row in enumerate(rows)
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]
    ]
    if wrong:
        raise Rejected("The list of shared users has problems.", problems=tuple(wrong))
    return tuple((_person(row), str(row.get("role") or "")) for row in rows)


def _person(row: dict[str, Any]) -> Person:
    given, family, orcid = (str(row.get(k) or "")[:200] for k in ("name", "surname", "orcid_id"))
    return Person(row["id"][:200], given.strip(), family.strip(), orcid.strip())
