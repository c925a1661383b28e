"""The calls to the registry and its resolver, one function each. No call is ever repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import quote

from excudit.domain.errors import Conflict, Unavailable, Uncertain
from excudit.domain.model import DoiState
from excudit.http import Answer, Remote, path_of, redact
from excudit.targets.datacite.answers import is_taken, words
from excudit.targets.datacite.payload import MARK

# Without these flags a publisher and affiliations come back as bare names.
FULL = {"publisher": "true", "affiliation": "true"}


@dataclass(frozen=True, slots=True)
class Found:
    """A DOI as the registry keeps it. `registered` tells whether its handle ever worked."""

    doi: str
    state: DoiState
    url: str
    registered: bool
    mark: str
    attributes: Mapping[str, Any]


class Registry:
    """DataCite's REST API, as one repository account."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def look(self, doi: str) -> Found | None:
        """The DOI as it is now, strongly consistent; None when it is not there for us."""
        answer = self._remote.call("GET", path_of("dois", doi), query=FULL, expect={200, 404})
        return _found(doi, answer) if answer.status == 200 else None

    def create(self, doi: str, attributes: Mapping[str, Any]) -> Found:
        """The new draft; or, where the name is taken, the DOI that holds it, whosever it is.

        Raises Conflict when its holder cannot be seen by us, Uncertain when the registry speaks
        of a race whose outcome cannot be seen yet.
        """
        body = _body({"doi": doi, **attributes})
        answer = self._remote.send("POST", "/dois", query=FULL, json=body)
        if answer.status == 201:
            return _found(doi, answer)
        if not is_taken(answer):
            raise self._remote.failure(answer)
        found = self.look(doi)
        if found:
            return found
        if answer.status == 409:
            raise Uncertain(
                f"{answer.remote} says that {doi} was taken in the same moment, yet does not show"
                " it.",
                remote=words(answer),
            )
        raise taken(doi, words(answer))

    def update(self, doi: str, attributes: Mapping[str, Any]) -> Found:
        """The DOI after these attributes were set. Look before: a missing DOI would be created."""
        path = path_of("dois", doi)
        body = _body(attributes)
        answer = self._remote.call("PUT", path, query=FULL, json=body)
        return _found(doi, answer)

    def delete(self, doi: str) -> None:
        """Delete the draft; absent = done. Raises Conflict when it is no draft."""
        self._remote.call("DELETE", path_of("dois", doi), expect={204, 404})

    def leads_to(self, doi: str) -> str:
        """Where the handle server sends the DOI; "" while it does not know it."""
        path = path_of("dois", doi) + "/get-url"
        answer = self._remote.call("GET", path, expect={200, 204, 404})
        url = answer.value.get("url") if isinstance(answer.value, dict) else None
        return url if isinstance(url, str) else ""

    def heartbeat(self) -> None:
        """Raises Unavailable when the registry is not up, and what else `call` raises."""
        self._remote.call("GET", "/heartbeat", accept="text/plain")

    def account(self, username: str) -> Mapping[str, Any]:
        """The repository account itself, asked for with our credentials."""
        answer = self._remote.call("GET", path_of("repositories", username.lower()))
        body = answer.value.get("data") if isinstance(answer.value, dict) else None
        if not isinstance(body, dict):
            raise answer.unsure("answered without a repository")
        return body


class Resolver:
    """What a stranger sees: a proxy of the handle system, e.g. doi.org."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def address(self, doi: str) -> str:
        """The DOI as a URL."""
        return f"{self._remote.base_url}/{quote(doi, safe='/')}"

    def handle(self, doi: str) -> str:
        """The URL value of the handle record; "" when there is none (responseCode 100)."""
        path = "/api/handles/" + quote(doi, safe="/")
        answer = self._remote.call("GET", path, expect={200, 404})
        body = answer.value if isinstance(answer.value, dict) else {}
        for value in body.get("values") or ():
            if value.get("type") == "URL":
                return str(value.get("data", {}).get("value", ""))
        return ""

    def redirect(self, doi: str) -> str:
        """Where a browser is sent to; "" when nowhere."""
        answer = self._remote.call(
            "GET",
            "/" + quote(doi, safe="/"),
            accept="text/html",
            expect={301, 302, 303, 307, 308, 404},
        )
        return answer.headers.get("location", "")


def taken(doi: str, remote: str = "") -> Conflict:
    """The error for a name that somebody else holds; the plan chooses another."""
    return Conflict(
        f"The name {doi} is taken by someone else.",
        hint="Choose another name; excudit does so by itself when it named the DOI.",
        remote=remote,
    )


def unregistered(doi: str, url: str, seen: str) -> Unavailable:
    """The DOI does not lead to its page yet: time or another try may mend it."""
    leads = f"leads to {redact(seen)}" if seen else "does not resolve"
    return Unavailable(
        f"The DOI {doi} {leads}, while it should lead to {url}.",
        hint="The handle system was told again; it may need some minutes.",
    )


def _body(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": {"type": "dois", "attributes": attributes}}


def _found(doi: str, answer: Answer) -> Found:
    body = answer.value if isinstance(answer.value, dict) else {}
    part = body.get("data")
    attributes = part.get("attributes") if isinstance(part, dict) else None
    if not isinstance(attributes, dict) or str(attributes.get("doi")).lower() != doi.lower():
        raise answer.unsure(f"answered {answer.status} without the DOI {doi}")
    state = attributes.get("state")
    if state not in get_args(DoiState) or not state:
        raise answer.unsure(f"told the unknown state {state!r} for {doi}")
    return Found(
        doi=doi.lower(),
        state=state,
        url=str(attributes.get("url") or ""),
        registered=bool(attributes.get("registered")),
        mark=_mark(attributes.get("identifiers")),
        attributes=attributes,
    )


def _mark(identifiers: Any) -> str:
    entries = identifiers if isinstance(identifiers, list) else ()
    marks = [e for e in entries if isinstance(e, dict) and e.get("identifierType") == MARK]
    return str(marks[0].get("identifier") or "") if marks else ""
