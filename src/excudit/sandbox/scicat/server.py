"""The stand-in itself: one SciCat backend on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from excudit.sandbox.scicat import pages, samples
from excudit.sandbox.scicat.exchange import Call, Rules
from excudit.sandbox.scicat.people import User, bearer, token_of, users
from excudit.sandbox.scicat.routes import OUTSIDE, find
from excudit.sandbox.scicat.shapes import Refused, Tree, e1
from excudit.sandbox.scicat.store import MEMORY, Store
from excudit.sandbox.serving import Fault, Reply, Request, Served, json_reply


class SciCatSandbox(Served):
    """A SciCat to start and stop, for tests and demos; also a context manager.

    `state_path` is an SQLite file that survives, or ":memory:". `public`: it plays the catalogue
    for strangers (only its pages differ). Further arguments are those of `Rules`. Own faults beside
    those of `serving.Kind`: "hook-lost" (a job's call is never made), "partial-publish",
    "crash-after-register", "short-token".
    """

    def __init__(
        self,
        state_path: str | Path = MEMORY,
        *,
        port: int = 0,
        public: bool = False,
        rules: Rules | None = None,
        **more: Any,
    ) -> None:
        super().__init__(self._act, port=port, name="sandbox-scicat")
        self.state_path = str(state_path)
        self.public = public
        self.rules = rules or Rules(**more)
        self.store = Store(self.state_path)

    def stop(self) -> None:
        """Stop serving. A file may be served again; what was only in memory stays, too."""
        super().stop()

    def close(self) -> None:
        """Stop, and forget what was only in memory."""
        super().stop()
        self.store.close()

    def token(self, name: str, life_s: float = 3600) -> str:
        """A token of one of the accounts."""
        return token_of(users()[name], self.store.secret, life_s)

    def rows(self, kind: str) -> list[Tree]:
        """All rows of a kind ("dataset", "block", "attachment", "job", "published") as kept."""
        return self.store.whole(kind)

    def load_samples(self) -> tuple[str, ...]:
        """Realistic datasets with file lists and pictures; their PIDs."""
        return samples.load(self.store)

    def _act(self, request: Request, faults: Mapping[str, Fault]) -> Reply:
        if request.parts[:1] != ("api",):
            return self._outside_of_api(request)
        try:
            user = self._user(request)
            found = find(request.method, request.parts, legacy=self.rules.legacy)
            if found is None:
                raise e1(404, f"Cannot {request.method} {request.path}")
            act, ids = found
            call = Call(request, user, self.store, self.rules, faults)
            with nullcontext() if act in OUTSIDE else self.store.lock:
                return act(call, *ids)
        except Refused as refused:
            return json_reply(refused.status, refused.body)

    def _user(self, request: Request) -> User | None:
        return bearer(request.headers, self.store.secret, users())

    def _outside_of_api(self, request: Request) -> Reply:
        if request.path == "/explorer-json":
            return json_reply(200, {"openapi": "3.0.0", "info": {"version": "api/v3"}})
        return pages.page(self.store, request, public=self.public)
