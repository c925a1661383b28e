"""Who may call, and what their groups allow (site settings of SciCat)."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from excudit.sandbox.scicat.shapes import Tree, e1

LIFE_S = 3600


@dataclass(frozen=True, slots=True)
class User:
    """An account. `admin`: ADMIN_GROUPS; `deletes`: DELETE_GROUPS; `creates`: CREATE_DATASET_WITH_
    PID_GROUPS; `privileged`: CREATE_DATASET_PRIVILEGED_GROUPS; `jobs`: UPDATE_JOB_PRIVILEGED."""

    name: str
    email: str
    groups: tuple[str, ...] = ()
    admin: bool = False
    deletes: bool = False
    creates: bool = False
    pids: bool = False
    privileged: bool = False
    jobs: bool = False
    id: str = ""
    password: str = field(default="", repr=False)

    def may_read(self, row: Tree) -> bool:
        """Whether this user may read a private dataset."""
        mine = {row.get("ownerGroup"), *(row.get("accessGroups") or ())} & set(self.groups)
        return self.admin or bool(mine) or self.email in (row.get("sharedWith") or ())

    def may_update(self, row: Tree) -> bool:
        """Whether this user may change a dataset or add to it."""
        return self.admin or (self.creates and row.get("ownerGroup") in self.groups)


def users() -> Mapping[str, User]:
    """The accounts of the sandbox; each one's password is its name."""
    site = ("p20250001", "p20250002")
    found = (
        User("admin", "admin@example.org", ("admin",), admin=True, deletes=True, jobs=True),
        User("svc", "svc@example.org", ("publisher",), admin=True, deletes=True, jobs=True),
        User("weak", "weak@example.org", ("nobody",)),
        User("keeper", "keeper@example.org", ("public", *site), creates=True, pids=True),
        User("jane", "jane@example.org", ("p20250001",), creates=True),
        User("john", "john@example.org", ("p20250002",), creates=True),
        User("rick", "rick@example.org", ("other",)),
    )
    return {u.name: _numbered(u) for u in found}


def _numbered(user: User) -> User:
    id_ = hashlib.sha256(user.name.encode()).hexdigest()[:8]
    told = {f: getattr(user, f) for f in user.__slots__}
    return User(**{**told, "id": id_, "password": user.password or user.name})


def token_of(user: User, secret: str, life_s: float = LIFE_S) -> str:
    """A signed token that runs out."""
    body = f"{user.name}.{time.time() + life_s:.3f}"
    return f"{body}.{_signed(body, secret)}"


def _signed(body: str, secret: str) -> str:
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()[:32]


def bearer(headers: Mapping[str, str], secret: str, known: Mapping[str, User]) -> User | None:
    """Who calls; None for a stranger and for garbage. Raises Refused for an expired token."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    body, _, signature = token.rpartition(".")
    if scheme.lower() != "bearer" or not hmac.compare_digest(signature, _signed(body, secret)):
        return None
    name, _, until = body.partition(".")
    if time.time() > float(until):
        raise e1(401, "SESSION_EXPIRED")
    return known.get(name)
