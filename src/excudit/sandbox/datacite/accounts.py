"""Repository accounts: who may write under which prefix and to which hosts."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from excudit.sandbox.datacite.call import Call, refuse


@dataclass(frozen=True, slots=True)
class Account:
    """A repository account (`PROVIDER.REPO`).

    `domains` is a comma-separated list of `*`, host or `*.suffix`; `tokens` are accepted as
    Bearer, be they JWTs or API keys: the sandbox compares them, it does not read them.
    """

    symbol: str
    password: str = "sandbox"  # noqa: S105 - a loopback stand-in
    prefixes: tuple[str, ...] = ()
    domains: str = "*"
    tokens: tuple[str, ...] = ()
    active: bool = True
    name: str = ""

    @property
    def key(self) -> str:
        """The account as relationships and query parameters spell it."""
        return self.symbol.lower()

    @property
    def provider(self) -> str:
        """The provider's part of the account."""
        return self.key.partition(".")[0]

    def allows(self, url: str) -> bool:
        """Whether the host of `url` lies in this repository's domains."""
        host = (urlsplit(url).hostname or "").lower()
        return any(_matches(host, rule.strip().lower()) for rule in self.domains.split(","))


def _matches(host: str, rule: str) -> bool:
    return rule == "*" or rule == host or (rule.startswith("*.") and host.endswith(rule[1:]))


DEFAULT_ACCOUNTS = (
    Account("DEMO.REPO", prefixes=("10.14454",), tokens=("DC.0123456789abcdefghijklmnopqrstuv",)),
    Account("DEMO.OTHER", prefixes=("10.5438",), domains="example.org,*.example.org"),
)

FOREIGN = Account("FOREIGN.REPO", name="Someone else", active=False)


def identify(call: Call, accounts: Sequence[Account]) -> Account | None:
    """The account that calls, None for an anonymous caller. Refuses wrong credentials with 401."""
    header = call.headers.get("authorization", "")
    if not header:
        return None
    scheme, _, credentials = header.partition(" ")
    found = (
        _by_password(credentials, accounts)
        if scheme.lower() == "basic"
        else _by_token(credentials, accounts)
        if scheme.lower() == "bearer"
        else None
    )
    if found is None:
        raise refuse(401)
    return found


def require(caller: Account | None) -> Account:
    """The calling account; refuses strangers with 401 and inactive accounts with 403."""
    if caller is None:
        raise refuse(401)
    if not caller.active:
        raise refuse(403)
    return caller


def _by_password(credentials: str, accounts: Sequence[Account]) -> Account | None:
    try:
        symbol, _, password = base64.b64decode(credentials).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    for account in accounts:
        if account.key == symbol.lower() and _equal(account.password, password):
            return account
    return None


def _by_token(credentials: str, accounts: Sequence[Account]) -> Account | None:
    for account in accounts:
        if any(_equal(token, credentials.strip()) for token in account.tokens):
            return account
    return None


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
