"""Who finds and sees which datasets."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from pydantic import SecretStr

from excudit.domain.errors import Denied, NotFound
from excudit.domain.model import Actor
from excudit.scicat import SciCat
from excudit.sources.scicat.settings import ScicatSourceSettings

LIFE_S = 480.0
_MINTED = "10m"
_MAIL_FIELDS = ("ownerEmail", "contactEmail", "principalInvestigators", "sharedWith")


def sees_all(actor: Actor) -> bool:
    """Whether these are the service or people who look after others' publications."""
    return any(r in ("service", "admin") or r.startswith("curator") for r in actor.roles)


def named(email: str) -> Mapping[str, Any]:
    """A filter for datasets that name a mail address; several stand with ";" between."""
    exact = {"$regex": rf"(^|;)\s*{re.escape(email)}\s*(;|$)", "$options": "i"}
    return {"$or": [{name: exact} for name in _MAIL_FIELDS]}


class People:
    """Speaks to SciCat for somebody, by the rule of the settings."""

    def __init__(self, scicat: SciCat, rules: ScicatSourceSettings) -> None:
        self._scicat, self._rules = scicat, rules
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[float, SecretStr]] = {}

    @contextmanager
    def speaking_for(self, actor: Actor) -> Iterator[tuple[SciCat, Mapping[str, Any]] | None]:
        """A SciCat and a filter that show what this actor may see; None = nothing."""
        if sees_all(actor) or self._rules.people == "all":
            yield self._scicat, {}
        elif self._rules.people == "email":
            yield (self._scicat, named(actor.email)) if "@" in actor.email else None
        elif (token := self._token(actor)) is None:
            yield None
        else:
            with closing(self._scicat.speaking_for(partial(_given, token))) as own:
                yield own, {}

    def _token(self, actor: Actor) -> SecretStr | None:
        with self._lock:
            until, token = self._tokens.get(actor.name, (0.0, SecretStr("")))
        if time.monotonic() < until:
            return token
        for name in filter(None, (actor.name, actor.email)):
            try:
                token = self._scicat.user_token(name, life=_MINTED)
            except NotFound:
                continue
            with self._lock:
                self._tokens[actor.name] = (time.monotonic() + LIFE_S, token)
            return token
        return None

    def sees(self, pid: str, actor: Actor) -> bool:
        """Whether the actor may see this dataset."""
        with self.speaking_for(actor) as found:
            if found is None:
                return False
            scicat, where = found
            if not where:
                try:
                    return scicat.find_dataset(pid) is not None
                except Denied:
                    return False
            both = {"$and": [{"pid": pid}, where]}
            return any(True for _ in scicat.datasets(both, most=1, fields=("pid",)))


def _given(token: SecretStr) -> SecretStr:
    return token
