"""What every verb and every step needs, wired together in `app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from excudit.domain.errors import NotFound
from excudit.domain.record import Record
from excudit.domain.sentence import Sentence
from excudit.engine.client import EngineClient
from excudit.ports import Source, Target
from excudit.settings import Route, Settings
from excudit.store.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """One wired service. `look_at` fetches a public page as a stranger does and returns its
    status and text."""

    settings: Settings
    database: Database
    client: EngineClient
    sources: Mapping[str, Source]
    targets: Mapping[str, Target]
    look_at: Callable[[str], tuple[int, str]]
    # The records of snapshots lately used, by snapshot.
    records: dict[str, Record] = field(default_factory=dict)
    # What people lately searched for, so that turning a page does not search again.
    searches: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def route(self, name: str) -> Route:
        """A route of the settings. Raises NotFound, naming those that there are."""
        route = self.settings.routes.get(name)
        if route is None:
            known = ", ".join(sorted(self.settings.routes)) or "none"
            raise NotFound(
                Sentence("There is no route %(name)s.", name=repr(name)),
                hint=Sentence("The routes of this service: %(known)s.", known=known),
            )
        return route

    def source(self, name: str) -> Source:
        """A source of the settings. Raises NotFound."""
        if name not in self.sources:
            raise NotFound(
                Sentence("There is no source %(name)s any more.", name=repr(name)),
                hint="Put it back in excudit.toml.",
            )
        return self.sources[name]

    def target(self, name: str) -> Target:
        """A target of the settings. Raises NotFound."""
        if name not in self.targets:
            raise NotFound(
                Sentence("There is no target %(name)s any more.", name=repr(name)),
                hint="Put it back in excudit.toml.",
            )
        return self.targets[name]

    def landing_url(self, slug: str) -> str:
        """Where the public page of a publication answers."""
        return f"{self.settings.site.base_url.rstrip('/')}/d/{slug}"
