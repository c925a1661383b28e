"""What people change about themselves: profile, password, and the tokens of their programs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Denied, Rejected
from excudit.domain.identifiers import is_orcid
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.service import passwords
from excudit.service.accounts import MAIL, is_line, throttle_key, too_often
from excudit.service.parts import Parts
from excudit.store import sessions, site_events, throttle, users
from excudit.store.publications import now

LONGEST_DAYS = 366
DEFAULT_DAYS = 90


def set_password(parts: Parts, name: str, password: str, *, by: str) -> None:
    """Give an account a password; all its sessions end. Raises Rejected, NotFound, and Conflict
    for one that signs in at the OpenID Provider."""
    stored = passwords.hashed(password)
    with parts.database.write() as connection:
        found = users.profile(connection, name)
        if found is None:
            raise users.unknown(name)
        if found["subject"]:
            raise Conflict(
                Sentence("%(name)s signs in at %(found)s.", name=name, found=found["issuer"]),
                hint="An account has one way in: a password here, or the organisation.",
            )
        users.change(connection, name, password=stored)
        sessions.end_all(connection, user=name)
        throttle.forget(connection, throttle_key("account", name))
        site_events.append(connection, actor=by, action="password", about=name)


def change_password(parts: Parts, actor: Actor, current: str, new: str, *, session: str) -> None:
    """One's own new password; one's other sessions end. Raises Denied when `current` is not the
    password, Rejected when `new` is too short, RateLimited."""
    key = throttle_key("account", actor.name)
    with parts.database.write() as connection:
        waits = throttle.take(connection, key, parts.settings.signin.tries)
        stored = users.password_of(connection, actor.name)
    if (wait_s := (waits - now()).total_seconds()) > 0:
        raise too_often(wait_s)
    if not passwords.matches(stored, current):
        raise Denied("This is not your current password.")
    fresh = passwords.hashed(new)
    with parts.database.write() as connection:
        users.change(connection, actor.name, password=fresh)
        throttle.forget(connection, key)
        ended = sessions.end_all(connection, user=actor.name, but=session)
        site_events.append(
            connection,
            actor=actor.name,
            action="password",
            about=actor.name,
            details={"sessions_ended": ended},
        )


def change_profile(
    parts: Parts, actor: Actor, *, full_name: str, orcid: str, affiliation: str, email: str | None
) -> None:
    """What a person says of themselves; `email` None leaves it. Raises Rejected with all problems,
    the field as the place."""
    problems = []
    orcid = orcid.strip()
    if orcid and not is_orcid(orcid):
        problems.append(
            Problem("/orcid", "This is not an ORCID iD.", "Like 0000-0002-1825-0097, or leave it.")
        )
    if email is not None and not (MAIL.fullmatch(email.strip()) and len(email) <= 320):
        problems.append(
            Problem("/email", "This is not an e-mail address.", "Like ada@example.org.")
        )
    for where, text, longest in (
        ("/full_name", full_name, 200),
        ("/affiliation", affiliation, 500),
    ):
        if len(text) > longest or not is_line(text.strip()):
            mend = f"One line of at most {longest} characters, without control characters."
            problems.append(Problem(where, "This cannot be kept.", mend))
    if problems:
        raise Rejected("Your profile was not changed.", problems=tuple(problems))
    values = {
        "full_name": full_name.strip(),
        "orcid": orcid.rpartition("/")[2],
        "affiliation": affiliation.strip(),
        **({} if email is None else {"email": email.strip()}),
    }
    with parts.database.write() as connection:
        users.change(connection, actor.name, **values)
        site_events.append(
            connection,
            actor=actor.name,
            action="profile",
            about=actor.name,
            details={"changed": sorted(values)},
        )


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; `token` is the secret itself, shown this once."""

    id: str
    token: str
    expires_at: datetime
    scopes: tuple[str, ...]


def make_token(
    parts: Parts,
    actor: Actor,
    *,
    label: str,
    scopes: Collection[str],
    days: int = DEFAULT_DAYS,
    by: str = "",
) -> NewToken:
    """A token for one's programs, for at most `LONGEST_DAYS`, with exactly these scopes. Raises
    Rejected with all problems."""
    problems = []
    if not label.strip() or len(label) > 200 or not is_line(label):
        mend = "Say in at most 200 characters where the token is used."
        problems.append(Problem("/label", "A token needs a name.", mend))
    if unknown := sorted(set(scopes) - set(permissions.SCOPES)):
        known = ", ".join(permissions.SCOPES)
        problems.append(
            Problem(
                "/scopes",
                Sentence("There is no scope %(names)s.", names=", ".join(unknown)),
                Sentence("There are: %(known)s.", known=known),
            )
        )
    if not {"read", "write"} & set(scopes):
        mend = "Choose read, write or both; the others say as whom."
        problems.append(Problem("/scopes", "The token may neither read nor change anything.", mend))
    if not 1 <= days <= LONGEST_DAYS:
        mend = f"From 1 to {LONGEST_DAYS} days."
        problems.append(Problem("/days", "A token has to end some day.", mend))
    if problems:
        raise Rejected("The token was not made.", problems=tuple(problems))
    expires, held = now() + timedelta(days=days), tuple(sorted(set(scopes)))
    with parts.database.write() as connection:
        key, token = users.issue_token(connection, actor.name, label.strip(), expires, held)
        site_events.append(
            connection,
            actor=by or actor.name,
            action="token",
            about=actor.name,
            details={"token": key, "label": label.strip(), "scopes": list(held)},
        )
    return NewToken(key, token, expires, held)


def revoke_token(parts: Parts, actor: Actor, token: str) -> None:
    """End one of one's own tokens at once. Raises NotFound."""
    with parts.database.write() as connection:
        users.revoke(connection, token, user=actor.name)
        site_events.append(
            connection,
            actor=actor.name,
            action="token_revoked",
            about=actor.name,
            details={"token": token},
        )


def end_session(parts: Parts, actor: Actor, session: str) -> bool:
    """End one of one's own sessions elsewhere; whether there was one."""
    with parts.database.write() as connection:
        mine = session in {row["digest"] for row in sessions.of(connection, actor.name)}
        if mine:
            sessions.end(connection, session)
            site_events.append(connection, actor=actor.name, action="sign_out", about=actor.name)
    return mine
