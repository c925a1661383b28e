"""One instance's API: links that are followed only at home, limits that are heard, no repeats."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from excudit.domain.errors import Conflict
from excudit.http import Answer, Bearer, Remote, Stream, Timeouts, user_agent
from excudit.settings import Site
from excudit.targets.invenio.answers import judge, pause_s
from excudit.targets.invenio.settings import InvenioSettings

RDM = "application/vnd.inveniordm.v1+json"
SLOWEST_BYTES_PER_S = 1_000_000


class Api:
    """The calls of all dialects go through here."""

    def __init__(
        self,
        name: str,
        settings: InvenioSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name, self.settings = name, settings
        self._take, self._quiet_until = take, 0.0
        agent, timeout = user_agent(site), settings.timeout_s
        self._timeouts = Timeouts(read_s=timeout, total_s=2 * timeout)
        self._agent = agent
        self._own = Remote(
            name,
            settings.url,
            agent=agent,
            auth=Bearer(settings.token.read),
            take=self._turn,
            judge=judge,
            timeouts=self._timeouts,
        )
        self._strange = Remote(
            name, settings.url, agent=agent, take=self._turn, judge=judge, timeouts=self._timeouts
        )
        self._dois = (
            Remote(f"{name}'s registry", settings.doi_url, agent=agent, timeouts=self._timeouts)
            if settings.doi_url
            else None
        )

    def close(self) -> None:
        """Close the connections."""
        for remote in (self._own, self._strange, self._dois):
            if remote is not None:
                remote.close()

    def call(
        self,
        method: str,
        place: str,
        *,
        expect: Collection[int] = (),
        stranger: bool = False,
        **how: Any,
    ) -> Answer:
        """Ask, by a path or by a link of this instance. `expect` and errors as `Remote.call`."""
        remote = self._strange if stranger else self._own
        headers = {"Accept": RDM, **how.pop("headers", {})}
        answer = remote.send(method, self.path(place), headers=headers, **how)
        self._heard(answer)
        fine = answer.status in expect if expect else 200 <= answer.status < 300
        if not fine:
            raise remote.failure(answer)
        if answer.status not in (204, *range(400, 600)) and not answer.is_json:
            raise answer.unsure(f"answered {answer.status} without JSON")
        return answer

    def upload(self, place: str, stream: Stream) -> Answer:
        """PUT bytes, with as much time as they need; elsewhere they go without our token."""
        patience = max(self.settings.timeout_s, 30 + stream.size / SLOWEST_BYTES_PER_S)
        if self._at_home(place):
            return self.call("PUT", place, stream=stream, patience_s=patience, expect={200, 201})
        parts = urlsplit(place)
        remote = Remote(
            f"{self.name}'s store", f"{parts.scheme}://{parts.netloc}", agent=self._agent
        )
        try:
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            answer = remote.send("PUT", path, stream=stream, patience_s=patience)
            if not 200 <= answer.status < 300:
                raise remote.failure(answer)
            return answer
        finally:
            remote.close()

    def act(self, place: str, **how: Any) -> Answer:
        """POST something that may take long on the other side."""
        return self.call("POST", place, patience_s=5 * self.settings.timeout_s, **how)

    def doi_state(self, doi: str) -> str:
        """The DOI's state at the registry, "" = not registered; "findable" where none is asked."""
        if self._dois is None:
            return "findable"
        answer = self._dois.call("GET", f"/dois/{doi}", expect={200, 404})
        told = answer.value if isinstance(answer.value, dict) else {}
        attributes = (told.get("data") or {}).get("attributes") or {}
        return str(attributes.get("state", ""))

    def path(self, place: str) -> str:
        """The path of a link. Raises Conflict for a link that leads elsewhere."""
        if place.startswith("/"):
            return place
        if not self._at_home(place):
            raise Conflict(
                f"{self.name} gave a link that leads elsewhere: {urlsplit(place).netloc}.",
                hint=f"Check url = {self.settings.url!r}; it must be the instance's own address.",
            )
        parts = urlsplit(place)
        base = urlsplit(self.settings.url).path
        path = parts.path.removeprefix(base) if base else parts.path
        return f"{path}?{parts.query}" if parts.query else path

    def _at_home(self, place: str) -> bool:
        here, there = urlsplit(self.settings.url), urlsplit(place)
        return place.startswith("/") or (here.scheme, here.netloc) == (there.scheme, there.netloc)

    def _turn(self) -> float:
        # The server's own window first: it knows of the account's other programs.
        wait_s = max(self._quiet_until - time.time(), 0.0)
        return max(wait_s, self._take() if self._take else 0.0)

    def _heard(self, answer: Answer) -> None:
        self._quiet_until = time.time() + pause_s(answer)
