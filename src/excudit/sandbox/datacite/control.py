"""The control endpoints, outside the registry's own paths: `/_sandbox/…`."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from excudit.sandbox.datacite.accounts import Account
from excudit.sandbox.datacite.call import Call, Reply, json_reply
from excudit.sandbox.datacite.faults import Switches
from excudit.sandbox.datacite.states import State
from excudit.sandbox.datacite.store import Store

LOG_LENGTH = 200_000
_STATES: tuple[State, ...] = ("draft", "registered", "findable")
_FILTERS = ("method", "doi", "event", "host")


@dataclass(frozen=True, slots=True)
class Controls:
    """What a test or a demo may look at and change."""

    store: Store
    accounts: Sequence[Account]
    switches: Switches = field(default_factory=Switches)
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))

    def answer(self, call: Call) -> Reply:
        """Faults, log, counts and reset; 404 for all else."""
        name, _, rest = call.path.removeprefix("/_sandbox").strip("/").partition("/")
        known = {
            ("faults", "GET"): lambda: json_reply(200, {"faults": self.switches.all()}),
            ("faults", "POST"): lambda: self._set(call),
            ("faults", "DELETE"): lambda: self._unset(rest),
            ("log", "GET"): lambda: self._shown_log(call),
            ("log", "DELETE"): self._forget_log,
            ("count", "GET"): self._count,
            ("reset", "POST"): self._reset,
        }
        act = known.get((name, call.method))
        if act is None:
            calls = ", ".join(f"{method} /_sandbox/{path}" for path, method in known)
            return json_reply(404, {"error": f"the sandbox knows: {calls}"})
        return act()

    def _set(self, call: Call) -> Reply:
        """One fault or a list of them; all are set or none."""
        told = call.body if isinstance(call.body, list) else [call.body]
        try:
            numbers = self.switches.add(told)
        except ValueError as error:
            return json_reply(400, {"error": str(error)})
        return json_reply(201, {"ids": numbers})

    def _unset(self, rest: str) -> Reply:
        numbers = [int(rest)] if rest.isdecimal() else None
        return json_reply(200, {"removed": self.switches.remove(numbers)})

    def _shown_log(self, call: Call) -> Reply:
        """The requests so far, filtered by method, doi, event, host, and committed=true."""
        wanted = {name: call.query[name] for name in _FILTERS if name in call.query}
        found = [one for one in list(self.log) if all(one[k] == v for k, v in wanted.items())]
        if call.flag("committed"):
            found = [one for one in found if one["committed"]]
        return json_reply(200, {"requests": found, "total": len(found)})

    def _forget_log(self) -> Reply:
        self.log.clear()
        return Reply(204)

    def _count(self) -> Reply:
        found = self.store.counts()
        names = {account.symbol for account in self.accounts} | set(found)
        counts = {
            name: {state: found.get(name, {}).get(state, 0) for state in _STATES}
            for name in sorted(names)
        }
        return json_reply(200, counts)

    def _reset(self) -> Reply:
        self.store.reset()
        self.switches.remove()
        self.log.clear()
        return Reply(204)
