"""Who may call: three users, one of them without the scopes to deposit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TOKEN = "sandbox"  # noqa: S105 -- known to everybody
OTHER_TOKEN = "sandbox-other"  # noqa: S105 -- known to everybody
WEAK_TOKEN = "sandbox-weak"  # noqa: S105 -- known to everybody


@dataclass(frozen=True, slots=True)
class User:
    """An account; `deposits` tells whether its token has deposit:write and deposit:actions."""

    id: str
    deposits: bool = True


def users(token: str = TOKEN) -> Mapping[str, User]:
    """The users by their tokens; the first one has `token`."""
    return {token: User("1"), OTHER_TOKEN: User("2"), WEAK_TOKEN: User("3", deposits=False)}
