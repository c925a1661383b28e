"""The same call twice makes one publication: what an Idempotency-Key was first bound to stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.store import publications, users


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's own name for a call, and the digest of what the call asks."""

    key: str
    request: str

    def made(self, connection: Any, actor: Actor) -> Publication | None:
        """What an earlier call with this key made. Raises Rejected when that asked otherwise."""
        earlier = users.remembered(connection, actor.name, self.key)
        return self._same(connection, earlier) if earlier else None

    def bind(self, connection: Any, actor: Actor, publication: str) -> Publication | None:
        """Bind the key in the caller's transaction; when another call was first, what that made.

        Raises Rejected when that asked otherwise.
        """
        first = users.remember(connection, actor.name, self.key, self.request, publication)
        return None if first[1] == publication else self._same(connection, first)

    def _same(self, connection: Any, earlier: tuple[str, str]) -> Publication:
        if earlier[0] != self.request:
            raise Rejected(
                f"The key {self.key} was used for another call.",
                hint="Use a new Idempotency-Key for a new publication.",
            )
        return publications.get(connection, earlier[1])
