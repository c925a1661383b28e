"""An account's token: asked for when needed, renewed before it runs out."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from excudit.domain.errors import Denied, ExcuditError, Uncertain
from excudit.http import Answer, Remote, redact
from excudit.scicat.settings import Connection

EARLY_S = 60.0
# The ordinary life of SciCat's tokens, where the answer names none.
LIFE_S = 3600.0
_ROUTES = {"local": "/api/v3/auth/login", "ldap": "/api/v3/auth/ldap"}


@dataclass(frozen=True, slots=True)
class Whoami:
    """Who a token speaks for; all empty for a stranger."""

    id: str = ""
    username: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.id)


def whoami_of(answer: Answer) -> Whoami:
    """From the answer of `whoami`, which is empty for strangers and bad tokens."""
    told: Any = answer.value
    if not isinstance(told, dict) or not told.get("_id"):
        return Whoami()
    return Whoami(
        str(told["_id"]),
        str(told.get("username", "")),
        str(told.get("email", "")),
        tuple(map(str, told.get("currentGroups") or ())),
    )


class Session:
    """The token of one account for many threads; never shown, never written down."""

    def __init__(self, settings: Connection, door: Remote) -> None:
        self._settings = settings
        self._door = door
        self._lock = threading.Lock()
        self._token = SecretStr("")
        self._until = 0.0

    def token(self) -> SecretStr:
        """A token that still holds for a while. Raises Denied for a wrong password."""
        if self._settings.token is not None:
            return self._settings.token.read()
        with self._lock:
            if time.monotonic() > self._until:
                self._log_in()
            return self._token

    def refuse(self, spent: SecretStr) -> bool:
        """This token was not accepted; True when there may be a better one."""
        if self._settings.token is not None:
            return self._settings.token.read() != spent
        with self._lock:
            if self._token == spent:
                self._until = 0.0
        return True

    def _log_in(self) -> None:
        assert self._settings.password is not None
        password = self._settings.password.read().get_secret_value()
        body = {"username": self._settings.username, "password": password}
        try:
            # A second login does no harm, so one without an answer may be repeated.
            answer = self._door.call("POST", _ROUTES[self._settings.login], json=body, safe=True)
        except ExcuditError as error:
            raise _hidden(error, password) from None
        told = answer.value if isinstance(answer.value, dict) else {}
        token = str(told.get("access_token") or told.get("id") or "")
        if not token:
            raise Uncertain(f"{self._door.name} gave no token.", hint="Check `login`.")
        life_s = float(told.get("expires_in") or told.get("ttl") or LIFE_S)
        self._token = SecretStr(token)
        self._until = time.monotonic() + max(life_s - EARLY_S, life_s / 2)


def _hidden(error: ExcuditError, password: str) -> ExcuditError:
    error.remote = redact(error.remote, {password})
    error.message = redact(error.message, {password})
    if isinstance(error, Denied):
        error.hint = "Check `username` and `password` of this SciCat; `excudit doctor` tests them."
    return error
