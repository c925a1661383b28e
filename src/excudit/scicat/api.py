"""Requests to one SciCat: as one account or as a stranger, with one fresh login where it helps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import orjson
from pydantic import SecretStr

from excudit.domain.errors import Denied, Unsupported
from excudit.http import Answer, Bearer, Remote, Timeouts, path_of, user_agent
from excudit.scicat.answers import ACCOUNT, judge
from excudit.scicat.session import Session, Whoami, whoami_of
from excudit.scicat.settings import Connection, Reading
from excudit.settings import Site

MERGE = "application/merge-patch+json"
LARGEST = 64 * 1024 * 1024
Row = dict[str, Any]
_ONE = {"where": {}, "limits": {"limit": 1, "skip": 0, "sort": {"pid": "asc"}}}


class Api:
    """One SciCat for many threads. No I/O while it is made.

    `token` speaks for somebody else than the account of the settings, e.g. a person.
    """

    def __init__(
        self,
        name: str,
        settings: Reading,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
        token: Callable[[], SecretStr] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._site = site
        self._take = take
        self._stranger = self._remote(None)
        self._session: Session | None = None
        self._token = token
        if token is None and isinstance(settings, Connection):
            self._session = Session(settings, self._stranger)
            self._token = self._session.token
        self._person = self._remote(Bearer(self._token)) if self._token else self._stranger
        self._version = settings.api

    def _remote(self, auth: Bearer | None) -> Remote:
        timeouts = Timeouts(read_s=self.settings.timeout_s, total_s=8 * self.settings.timeout_s)
        return Remote(
            self.name,
            self.settings.url,
            agent=user_agent(self._site),
            auth=auth,
            take=self._take,
            judge=judge,
            timeouts=timeouts,
            max_bytes=LARGEST,
        )

    def speaking_for(self, token: Callable[[], SecretStr]) -> Api:
        """The same SciCat with somebody's own token. The caller closes it."""
        return Api(self.name, self.settings, self._site, take=self._take, token=token)

    def close(self) -> None:
        """Close the connections; it cannot be used any more."""
        self._stranger.close()
        self._person.close()

    @property
    def version(self) -> str:
        """ "v4" or "v3", found out once: sites before 2025 have no v4."""
        if not self._version:
            answer = self._stranger.send("GET", "/api/v4/datasets/public", query=filtered(_ONE))
            there = answer.status < 400 or answer.status in {401, 403}
            if not there and answer.status != 404:
                raise self._stranger.failure(answer)
            self._version = "v4" if there else "v3"
        return self._version

    def call(
        self,
        method: str,
        path: str,
        *,
        expect: Collection[int] = (),
        stranger: bool = False,
        **how: Any,
    ) -> Answer:
        """Ask; an answer that is not expected raises as `excudit.scicat.answers` tells.

        After a 401, and after a 403 given to a token that speaks for nobody, once more with a
        fresh login. An expected answer may be empty.
        """
        remote = self._stranger if stranger else self._person
        spent = self._token() if self._token and not stranger else SecretStr("")
        answer = remote.send(method, path, **how)
        if not stranger and self._may_help(answer, spent):
            answer = remote.send(method, path, **how)
        fine = answer.status in expect if expect else 200 <= answer.status < 300
        if not fine:
            raise remote.failure(answer)
        if answer.body and not answer.is_json:
            raise answer.unsure(f"answered {answer.status} without JSON")
        return answer

    def _may_help(self, answer: Answer, spent: SecretStr) -> bool:
        """Whether a fresh login may help: a bad token is answered 403, as a stranger is."""
        if self._session is None or answer.status not in {401, 403}:
            return False
        if answer.status == 403 and self.whoami():
            return False
        return self._session.refuse(spent)

    def whoami(self) -> Whoami:
        """Who we are there; empty = a stranger. Raises Denied for an expired token."""
        return whoami_of(self._person.call("GET", "/api/v3/auth/whoami", accept="*/*"))

    def known(self) -> Whoami:
        """As `whoami`, after a fresh login where the token ran out; a stranger is refused."""
        who = whoami_of(self.call("GET", "/api/v3/auth/whoami"))
        if not who and self._session is not None and self._token is not None:
            self._session.refuse(self._token())
            who = self.whoami()
        if not who:
            raise Denied(f"{self.name} does not know the account.", hint=ACCOUNT)
        return who

    def get(self, *parts: str, query: Mapping[str, str] | None = None, **how: Any) -> Any:
        """The value at /api/…; None where the answer is empty."""
        return self.call("GET", path_of("api", *parts), query=query, **how).value

    def listed(
        self,
        *parts: str,
        where: Mapping[str, Any],
        sort: str = "_id",
        stranger: bool = False,
        page: int = 0,
        most: int = 0,
        fields: Collection[str] = (),
    ) -> Iterator[Row]:
        """All rows of a list of v4, page by page, in the order of a unique key; at most `most`,
        and only these members where `fields` are given.

        Lists of v4 give 10 rows unless told otherwise, and "limit": 0 means 10.
        """
        only = {"fields": list(fields)} if fields else {}
        size = page or getattr(self.settings, "page", 100)
        skip = 0
        while True:
            wanted = min(size, most - skip) if most else size
            if wanted <= 0:
                return
            limits = {"limit": wanted, "skip": skip, "sort": {sort: "asc"}}
            told = {"where": dict(where), "limits": limits, **only}
            rows = self.get(*parts, query=filtered(told), stranger=stranger) or []
            yield from rows
            skip += len(rows)
            if len(rows) < wanted:
                return

    def needs_v4(self, what: str) -> None:
        """Raises Unsupported where the site has v3 only."""
        if self.version != "v4":
            raise Unsupported(
                f"{self.name} has no API v4, which {what} needs.",
                hint="Ask the site to update SciCat to version 5.",
            )


def filtered(told: Mapping[str, Any]) -> dict[str, str]:
    """SciCat's `filter` parameter."""
    return {"filter": orjson.dumps(dict(told)).decode()}
