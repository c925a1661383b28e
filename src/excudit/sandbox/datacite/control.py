"""The control endpoints, outside the registry's own paths: `/_sandbox/…`."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from excudit.sandbox.datacite.accounts import Account
from excudit.sandbox.datacite.call import Call, Reply, json_reply
from excudit.sandbox.datacite.faults import Switches
from excudit.sandbox.datacite.states import State
from excudit.sandbox.datacite.store import Store

_STATES: tuple[State, ...] = ("draft", "registered", "findable")


class WithAccounts(Protocol):
    """The settings as far as they are counted."""

    @property
    def accounts(self) -> tuple[Account, ...]: ...


class Controlled(Protocol):
    """The registry as far as it is controlled from outside."""

    store: Store
    switches: Switches
    log: deque[dict[str, Any]]

    @property
    def settings(self) -> WithAccounts: ...


def answer(sandbox: Controlled, call: Call) -> Reply:
    """Faults, log, counts and reset; 404 for all else."""
    name, _, rest = call.path.removeprefix("/_sandbox").strip("/").partition("/")
    known = {
        ("faults", "GET"): lambda: json_reply(200, {"faults": sandbox.switches.all()}),
        ("faults", "POST"): lambda: _set(sandbox, call),
        ("faults", "DELETE"): lambda: _unset(sandbox, rest),
        ("log", "GET"): lambda: _log(sandbox, call),
        ("log", "DELETE"): lambda: _forget_log(sandbox),
        ("count", "GET"): lambda: _count(sandbox),
        ("reset", "POST"): lambda: _reset(sandbox),
    }
    act = known.get((name, call.method))
    if act is None:
        calls = ", ".join(f"{method} /_sandbox/{path}" for path, method in known)
        return json_reply(404, {"error": f"the sandbox knows: {calls}"})
    return act()


def _set(sandbox: Controlled, call: Call) -> Reply:
    told = call.body if isinstance(call.body, list) else [call.body]
    try:
        if not all(isinstance(one, dict) for one in told):
            raise ValueError("a fault is a JSON object with at least a kind")
        faults = [sandbox.switches.add(one) for one in told]
    except (ValueError, TypeError) as error:
        return json_reply(400, {"error": str(error)})
    return json_reply(201, {"ids": [fault.id for fault in faults]})


def _unset(sandbox: Controlled, rest: str) -> Reply:
    numbers = [int(rest)] if rest.isdecimal() else None
    return json_reply(200, {"removed": sandbox.switches.remove(numbers)})


def _log(sandbox: Controlled, call: Call) -> Reply:
    """The requests so far, filtered by `method`, `doi`, `event`, `host`, `committed`."""
    wanted = {k: v for k, v in call.query.items() if k in ("method", "doi", "event", "host")}
    requests = [r for r in list(sandbox.log) if all(r[k] == v for k, v in wanted.items())]
    if call.flag("committed"):
        requests = [r for r in requests if r["committed"]]
    return json_reply(200, {"requests": requests, "total": len(requests)})


def _forget_log(sandbox: Controlled) -> Reply:
    sandbox.log.clear()
    return Reply(204)


def _count(sandbox: Controlled) -> Reply:
    found = sandbox.store.counts()
    names = {account.symbol for account in sandbox.settings.accounts} | set(found)
    counts: dict[str, Any] = {
        name: {state: found.get(name, {}).get(state, 0) for state in _STATES}
        for name in sorted(names)
    }
    return json_reply(200, counts)


def _reset(sandbox: Controlled) -> Reply:
    sandbox.store.reset()
    sandbox.switches.remove()
    sandbox.log.clear()
    return Reply(204)
