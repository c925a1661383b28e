"""Published data: SciCat's own records of publications, v4 and v3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from excudit.domain.errors import NotFound
from excudit.http import path_of
from excudit.scicat.api import Api, Row


class PublishedData:
    """The published data of one SciCat. Sites older than about 2025-09 have v3 only."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._version = ""

    @property
    def version(self) -> str:
        """ "v4" or "v3", found out once."""
        if not self._version:
            path = "/api/v4/publisheddata/config"
            answer = self._api.call("GET", path, expect={200, 400, 404}, stranger=True)
            self._version = "v4" if answer.status == 200 else "v3"
        return self._version

    def config(self) -> Row:
        """The site's JSON Schema ("metadataSchema") and form ("uiSchema"); {} with v3."""
        if self.version == "v3":
            return {}
        return self._api.get("v4", "publisheddata", "config", stranger=True) or {}

    def get(self, doi: str, *, stranger: bool = False) -> Row | None:
        """One record by its DOI; None where there is none that the asker may see."""
        path = path_of("api", self.version, "publisheddata", doi)
        answer = self._api.call("GET", path, expect={200, 404}, stranger=stranger)
        return answer.value if answer.status == 200 and isinstance(answer.value, dict) else None

    def find(self, **where: Any) -> list[Row]:
        """Records by their members ("metadata.externalWorkflowId", "datasetPids" …), all pages."""
        return list(self.listed(where))

    def listed(self, where: Mapping[str, Any]) -> Iterator[Row]:
        """As `find`, page by page, for keys that are no Python names."""
        yield from self._api.listed(self.version, "publisheddata", where=where)

    def create(self, body: Mapping[str, Any]) -> Row:
        """Post a record. Not idempotent in v4, where the server invents the DOI: look first."""
        path = path_of("api", self.version, "publisheddata")
        return self._row(self._api.call("POST", path, json=dict(body)).value)

    def change(self, doi: str, body: Mapping[str, Any]) -> Row:
        """Patch members. "metadata" is replaced whole. Raises Conflict once it is registered."""
        path = path_of("api", self.version, "publisheddata", doi)
        return self._row(self._api.call("PATCH", path, json=dict(body)).value)

    def act(self, doi: str, action: str) -> Row:
        """ "publish", "register", "amend" or "resync". Raises Uncertain for 424 (the registry
        refused or did not answer), Rejected with the site's findings, Conflict for a wrong state.
        {} where the answer is empty."""
        path = path_of("api", self.version, "publisheddata", doi, action)
        value = self._api.call("POST", path).value
        return value if isinstance(value, dict) else {}

    def remove(self, doi: str) -> None:
        """Delete it; needs DELETE_GROUPS and, in v4, the state private. Absent = done."""
        path = path_of("api", self.version, "publisheddata", doi)
        self._api.call("DELETE", path, expect={200, 404})

    def _row(self, value: Any) -> Row:
        if not isinstance(value, dict):
            raise NotFound(f"{self._api.name} answered with no record.")
        return value
