"""Who may do what here: for admins. Every change has a reason and is written down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Rejected
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.service import assigning
from excudit.service.parts import Parts
from excudit.store import sessions, site_events, users
from excudit.store.database import Connection
from excudit.store.publications import now

LONGEST_REASON = 10_000


def listing(
    parts: Parts, actor: Actor, *, words: str = "", after: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """Users by name; rows as of `store.users.page`. Raises Denied."""
    permissions.require_site("people", actor.roles)
    with parts.database.read() as connection:
        return users.page(connection, words=words, after=after, limit=limit)


def one(parts: Parts, actor: Actor, name: str) -> dict[str, Any]:
    """One user with `history`, the last things written down about them. Raises Denied, NotFound."""
    permissions.require_site("people", actor.roles)
    with parts.database.read() as connection:
        found = _found(connection, name)
        return {**found, "history": site_events.listing(connection, about=name, limit=20)}


def set_roles(
    parts: Parts, actor: Actor, name: str, roles: Collection[str], *, reason: str
) -> None:
    """Give a user exactly these roles. Raises Denied, NotFound, Rejected, and Conflict for taking
    away one's own admin role or for roles that the OpenID Provider gives."""
    permissions.require_site("people", actor.roles)
    wanted = sorted({r.strip() for r in roles if r.strip()})
    _must_fit(parts, wanted, reason)
    with parts.database.write() as connection:
        found = _found(connection, name)
        before = sorted(found["roles"])
        if name == actor.name and "admin" in before and "admin" not in wanted:
            raise Conflict(
                "Nobody takes away their own admin role.", hint="Another admin can do it."
            )
        openid = parts.settings.signin.openid
        if openid and openid.roles_claim and found["issuer"] == openid.issuer:
            raise Conflict(
                Sentence(
                    "The roles of %(name)s come from %(issuer)s at each sign-in.",
                    name=name,
                    issuer=openid.issuer,
                ),
                hint="Change their groups there.",
            )
        if before == wanted:
            return
        users.change(connection, name, roles=wanted)
        assigning.free(connection, parts, name)
        _tell(connection, actor, "roles", name, reason, {"before": before, "after": wanted})


def disable(parts: Parts, actor: Actor, name: str, *, reason: str) -> None:
    """Close an account at once: sessions end, tokens stop. Closed already = done.

    Raises Denied, NotFound, Rejected, and Conflict for one's own."""
    permissions.require_site("people", actor.roles)
    _must_fit(parts, (), reason)
    if name == actor.name:
        raise Conflict("Nobody disables their own account.", hint="Another admin can do it.")
    with parts.database.write() as connection:
        if _found(connection, name)["disabled_at"] is not None:
            return
        users.change(connection, name, disabled_at=now())
        assigning.free(connection, parts, name)
        ended = sessions.end_all(connection, user=name)
        _tell(connection, actor, "disable", name, reason, {"sessions_ended": ended})


def enable(parts: Parts, actor: Actor, name: str, *, reason: str) -> None:
    """Open an account again; open already = done. Raises Denied, NotFound, Rejected."""
    permissions.require_site("people", actor.roles)
    _must_fit(parts, (), reason)
    with parts.database.write() as connection:
        if _found(connection, name)["disabled_at"] is None:
            return
        users.change(connection, name, disabled_at=None)
        _tell(connection, actor, "enable", name, reason, {})


def _found(connection: Connection, name: str) -> dict[str, Any]:
    found = users.profile(connection, name)
    if found is None:
        raise users.unknown(name)
    return found


def _must_fit(parts: Parts, roles: Collection[str], reason: str) -> None:
    problems = []
    if not reason.strip() or len(reason) > LONGEST_REASON:
        mend = f"Say why, in at most {LONGEST_REASON:,} characters; it is written down."
        problems.append(Problem("/reason", "A reason is needed.", mend))
    for role in roles:
        route = role.partition(":")[2]
        if not permissions.is_role(role):
            sentence = permissions.ROLES_SENTENCE
            problems.append(
                Problem(
                    "/roles",
                    Sentence("%(role)s is no role.", role=repr(role)),
                    Sentence("Mind: %(sentence)s.", sentence=sentence),
                )
            )
        elif route and route not in parts.settings.routes:
            known = ", ".join(sorted(parts.settings.routes)) or "none"
            problems.append(
                Problem(
                    "/roles",
                    Sentence("There is no route %(route)s.", route=repr(route)),
                    Sentence("The routes: %(known)s.", known=known),
                )
            )
    if problems:
        raise Rejected("Nothing was changed.", problems=tuple(problems))


def _tell(
    connection: Connection,
    actor: Actor,
    action: str,
    name: str,
    reason: str,
    details: dict[str, Any],
) -> None:
    site_events.append(
        connection,
        actor=actor.name,
        action=action,
        about=name,
        reason=reason.strip(),
        details=details,
    )
