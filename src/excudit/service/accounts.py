"""Who may come in: local accounts with a password, and people whom an OpenID Provider knows."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from excudit.domain.errors import Denied, NotFound, RateLimited
from excudit.domain.identifiers import is_orcid
from excudit.domain.model import SERVICE, Actor
from excudit.domain.sentence import Sentence
from excudit.service import assigning, passwords
from excudit.service.parts import Parts
from excudit.settings import OpenID
from excudit.store import sessions, site_events, throttle, users
from excudit.store.database import Connection
from excudit.store.publications import now

NAME_LENGTH = 200
MAIL = re.compile(r"[^\s@\x00-\x20]+@[^\s@\x00-\x20]+")


def sign_in(parts: Parts, name: str, password: str, *, address: str) -> Actor:
    """The holder of a local account.

    Raises Denied with the same words, after the same time, whatever was wrong, and RateLimited
    after too many wrong passwords for this account or from this address.
    """
    tries = parts.settings.signin.tries
    keys = (throttle_key("account", name), throttle_key("address", address))
    with parts.database.write() as connection:
        waits = max(throttle.take(connection, key, tries) for key in keys)
    if (wait_s := (waits - now()).total_seconds()) > 0:
        raise too_often(wait_s)
    with parts.database.read() as connection:
        stored = users.password_of(connection, name)
    right = passwords.matches(stored, password)
    with parts.database.write() as connection:
        actor = users.get(connection, name)
        if stored is None or actor is None or not right:
            _refused(connection, actor, "password", address)
        else:
            throttle.forget(connection, keys[0])
            throttle.give_back(connection, keys[1])
            if passwords.outdated(stored):
                users.change(connection, name, password=passwords.hashed(password))
            site_events.append(
                connection, actor=name, action="sign_in", about=name, details={"address": address}
            )
    if not right or actor is None:
        raise Denied(
            "The name or the password is wrong, or the account is not open.",
            hint="Names and passwords are case-sensitive. The operators can set a new password.",
        )
    return actor


def too_often(wait_s: float) -> RateLimited:
    """What is said to somebody who has to wait."""
    minutes = max(1, round(wait_s / 60 + 0.5))
    at = datetime.fromtimestamp(now().timestamp() + wait_s, UTC)
    return RateLimited(
        f"Too many tries. Try again at {at:%H:%M} UTC, in {minutes} "
        f"minute{'s' if minutes > 1 else ''}.",
        delay_s=wait_s,
        hint="Whoever has forgotten a password gets a new one from the operators.",
    )


def throttle_key(what: str, value: str) -> str:
    """Under which name tries are counted."""
    # People sometimes type their password where the name belongs: only a digest is stored.
    return f"{what} {hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _refused(connection: Connection, actor: Actor | None, why: str, address: str) -> None:
    site_events.append(
        connection,
        actor=SERVICE.name,
        action="sign_in_refused",
        about=actor.name if actor else "",
        details={"why": why, "address": address},
    )


def admit(parts: Parts, openid: OpenID, claims: Mapping[str, Any], *, address: str) -> Actor:
    """The person whom the OpenID Provider vouches for, with roles and address as it says now.

    Whoever comes for the first time gets an account, where the settings allow it. Raises Denied,
    saying why: no role, no e-mail, unknown, disabled, or a name that is somebody else's.
    """
    issuer, subject = openid.issuer, str(claims["sub"])
    try:
        values = _told(openid, claims)
        with parts.database.write() as connection:
            found = users.by_subject(connection, issuer, subject)
            name = _known(found) if found else _new(connection, openid, claims)
            if found:
                # What people wrote about themselves here stays.
                kept = ("full_name", "orcid")
                values = {k: v for k, v in values.items() if k not in kept or not found[k]}
            users.change(connection, name, **values)
            if "roles" in values:
                assigning.free(connection, parts, name)
            details = {"address": address, "issuer": issuer}
            site_events.append(
                connection, actor=name, action="sign_in", about=name, details=details
            )
            actor = users.get(connection, name)
    except Denied as refusal:
        with parts.database.write() as connection:
            site_events.append(
                connection,
                actor=SERVICE.name,
                action="sign_in_refused",
                about=f"{issuer} {subject}"[:300],
                details={"why": refusal.message, "address": address},
            )
        raise
    assert actor is not None
    return actor


def _told(openid: OpenID, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an account that the provider tells."""
    email = str(claims.get("email") or "")
    if not MAIL.fullmatch(email) or len(email) > 320:
        raise Denied(
            "Your organisation did not tell an e-mail address of yours.",
            hint="This service writes to you when you have to act. Ask your organisation's "
            "helpdesk to release your address, or the operators of this service for another way.",
        )
    values: dict[str, Any] = {"email": email}
    if openid.roles_claim:
        values["roles"] = _roles(openid, claims)
    if isinstance(full_name := claims.get("name"), str) and is_line(full_name):
        values["full_name"] = full_name.strip()[:NAME_LENGTH]
    if isinstance(orcid := claims.get("orcid"), str) and is_orcid(orcid):
        values["orcid"] = orcid.rpartition("/")[2]
    return values


def _roles(openid: OpenID, claims: Mapping[str, Any]) -> list[str]:
    said: Any = claims
    for part in openid.roles_claim.split("."):
        said = said.get(part) if isinstance(said, Mapping) else None
    groups = {"*", *([said] if isinstance(said, str) else said or ())}
    counting = [roles for group, roles in openid.roles.items() if group in groups]
    if not counting:
        raise Denied(
            "None of your groups may use this service.",
            hint="Ask the operators which group you need, and your organisation to put you in it.",
        )
    return sorted({role for roles in counting for role in roles})


def _known(found: Mapping[str, Any]) -> str:
    if found["disabled_at"] is not None:
        raise Denied("Your account is disabled.", hint="The operators can open it again.")
    return str(found["name"])


def _new(connection: Connection, openid: OpenID, claims: Mapping[str, Any]) -> str:
    name = claims.get(openid.name_claim)
    if not openid.new_accounts:
        raise Denied(
            "There is no account for you here.",
            hint=Sentence(
                "Ask the operators for one, and tell them that you are %(claims)s there.",
                claims=claims["sub"],
            ),
        )
    if not isinstance(name, str) or not _plain(name) or len(name) > NAME_LENGTH:
        raise Denied(
            Sentence(
                "Your organisation did not tell a name for your account (claim %(name_claim)s).",
                name_claim=openid.name_claim,
            ),
            hint="The operators have to change signin.openid.name_claim.",
        )
    if openid.name_claim == "email" and claims.get("email_verified") is False:
        raise Denied(
            "Your organisation has not verified your e-mail address, which names your account.",
            hint="Verify it there, then sign in again.",
        )
    if users.get(connection, name) is not None or name.strip().lower() == SERVICE.name:
        raise Denied(
            Sentence(
                "There is another account of the name %(name)s here already; it was left alone.",
                name=name,
            ),
            hint="The operators can give you an account of another name, bound to yours there.",
        )
    users.put(connection, name, email="", roles=[])
    users.change(connection, name, issuer=openid.issuer, subject=str(claims["sub"]))
    return name


def _plain(text: str) -> bool:
    return bool(text.strip()) and text == text.strip() and text.isprintable()


def is_line(text: str) -> bool:
    """Whether it is one line without control characters; joiners of scripts and emoji are none."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


def signed_out_there(parts: Parts, issuer: str, *, subject: str = "", sid: str = "") -> int:
    """The provider says that somebody signed out: their sessions here end; how many there were.

    Raises NotFound for a subject without an account.
    """
    with parts.database.write() as connection:
        user = users.by_subject(connection, issuer, subject) if subject else None
        if subject and user is None:
            raise NotFound("Nobody here is known by this subject.")
        name = user["name"] if user else None
        ended = sessions.end_at_provider(connection, issuer, sid=sid, user=name)
        if ended:
            site_events.append(
                connection,
                actor=SERVICE.name,
                action="sign_out",
                about=name or "",
                details={"by": issuer, "sessions_ended": ended},
            )
    return ended


def sign_out(parts: Parts, actor: Actor, session: str, *, everywhere: bool = False) -> None:
    """End this session, or all of this person's."""
    with parts.database.write() as connection:
        if everywhere:
            sessions.end_all(connection, user=actor.name)
        else:
            sessions.end(connection, session)
        details = {"everywhere": True} if everywhere else {}
        site_events.append(
            connection, actor=actor.name, action="sign_out", about=actor.name, details=details
        )
