"""Accounts: one's own with the tokens of one's programs, and everybody's for admins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field

from excudit.domain.errors import Denied
from excudit.domain.model import Actor
from excudit.service import people, profile
from excudit.service.parts import Parts
from excudit.store import users
from excudit.web.api.asks import Ask, Because, Limit, Text
from excudit.web.api.models import Answer
from excudit.web.api.paging import next_page
from excudit.web.api.represent import address
from excudit.web.api.rooms import room
from excudit.web.api.troubles import NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="people")

_BODIES = (400, 413, 415, 422)
Scope = Literal["read", "write", "review", "operate"]
Name = Annotated[Text, Path(max_length=200, description="The name of an account.")]
Named = Annotated[
    Text, Query(max_length=200, description="Words in the name, full name or address.")
]
After = Annotated[
    Text, Query(alias="cursor", max_length=200, description="Where the page before ended.")
]


class Person(Answer):
    """An account."""

    name: str
    full_name: str
    email: str
    orcid: str
    affiliation: str
    roles: Annotated[list[str], Field(description='"curator:ROUTE" counts for one route only.')]
    created_at: datetime
    disabled_at: datetime | None
    signs_in: Annotated[
        Literal["organisation", "password", "token"], Field(description="How, if at all.")
    ]


class People(Answer):
    """A page of accounts."""

    people: list[Person]
    next: Annotated[str, Field(description='The next page; "" on the last.')] = ""


class Token(Answer):
    """A token without the token itself."""

    id: str
    label: str
    scopes: Annotated[list[str], Field(description="What it may do; nothing named = everything.")]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class Tokens(Answer):
    """One's own tokens, oldest first."""

    tokens: list[Token]


class NewTokenShown(Answer):
    """A token that was just made."""

    id: str
    token: Annotated[str, Field(description="The token itself; it is shown this once.")]
    scopes: list[str]
    expires_at: datetime


class TokenAsked(Ask):
    """What a token is for."""

    label: Annotated[Text, Field(min_length=1, max_length=200, description="Where it is used.")]
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=4, description="At most those of the token in use."),
    ] = ["read"]  # noqa: RUF012 -- a default, copied by pydantic
    days: Annotated[int, Field(ge=1, le=profile.LONGEST_DAYS)] = profile.DEFAULT_DAYS


class RolesAsked(Because):
    """Exactly these roles."""

    roles: Annotated[
        list[Annotated[Text, Field(max_length=200)]],
        Field(max_length=50, description='reviewer, curator, admin, or "curator:ROUTE".'),
    ]


@ROUTER.get("/account", summary="Your account", responses=troubles())
def own_account(parts: Wired, actor: Caller) -> Person:
    """Who the token's holder is, and the roles that count with this token."""
    with parts.database.read() as connection:
        found = users.profile(connection, actor.name)
    assert found is not None
    return _person({**found, "roles": sorted(actor.roles)})


@ROUTER.get("/account/tokens", summary="Your tokens", responses=troubles())
def own_tokens(parts: Wired, actor: Caller) -> Tokens:
    """All tokens of the caller, also ended ones."""
    with parts.database.read() as connection:
        rows = users.tokens(connection, actor.name)
    return Tokens(tokens=[Token(**{k: row[k] for k in Token.model_fields}) for row in rows])


@ROUTER.post(
    "/account/tokens",
    summary="Make a token",
    status_code=201,
    responses=troubles(*_BODIES),
)
def make_token(request: Request, parts: Wired, actor: Caller, asked: TokenAsked) -> NewTokenShown:
    """A further token, which may do at most what the one in use may."""
    held: users.Bearer = request.state.bearer
    if held.scopes and (more := sorted({*asked.scopes} - {*held.scopes})):
        raise Denied(f"This token has no scope {', '.join(more)} to pass on.")
    made = profile.make_token(
        parts, actor, label=asked.label, scopes=list(asked.scopes), days=asked.days
    )
    return NewTokenShown(
        id=made.id, token=made.token, scopes=list(made.scopes), expires_at=made.expires_at
    )


@ROUTER.delete(
    "/account/tokens/{token}",
    summary="Revoke a token",
    status_code=204,
    responses=troubles(404, 422),
)
def revoke_token(
    parts: Wired, actor: Caller, token: Annotated[Text, Path(description="Its id.")]
) -> Response:
    """End one of one's own tokens at once."""
    profile.revoke_token(parts, actor, token[:36])
    return Response(status_code=204)


@ROUTER.get("/people", summary="Accounts", responses={200: NEXT, **troubles(422)})
def list_people(
    parts: Wired,
    actor: Caller,
    response: Response,
    words: Named = "",
    after: After = "",
    limit: Limit = 50,
) -> People:
    """Accounts by name, for admins."""
    rows = people.listing(parts, actor, words=words, after=after, limit=limit + 1)
    shown = People(people=[_person(row) for row in rows[:limit]])
    if rows[limit:]:
        here = address(parts, "people")
        filters = {"words": words or None, "limit": str(limit)}
        shown.next = next_page(here, filters, rows[limit - 1]["name"], response)
    return shown


@ROUTER.get("/people/{name:path}", summary="An account", responses=troubles(404, 422))
def read_person(parts: Wired, actor: Caller, name: Name) -> Person:
    """One account, for admins."""
    return _shown(parts, actor, name)


@ROUTER.put(
    "/people/{name:path}/roles", summary="Set roles", responses=troubles(404, 409, *_BODIES)
)
def set_roles(parts: Wired, actor: Caller, name: Name, asked: RolesAsked) -> Person:
    """Give an account exactly these roles; nobody takes away their own admin role."""
    people.set_roles(parts, actor, name, asked.roles, reason=asked.reason)
    return _shown(parts, actor, name)


@ROUTER.post(
    "/people/{name:path}/disable",
    summary="Disable an account",
    responses=troubles(404, 409, *_BODIES),
)
def disable_person(parts: Wired, actor: Caller, name: Name, because: Because) -> Person:
    """Close an account at once: its sessions end, its tokens stop."""
    people.disable(parts, actor, name, reason=because.reason)
    return _shown(parts, actor, name)


@ROUTER.post(
    "/people/{name:path}/enable", summary="Open an account again", responses=troubles(404, *_BODIES)
)
def enable_person(parts: Wired, actor: Caller, name: Name, because: Because) -> Person:
    """Open a disabled account."""
    people.enable(parts, actor, name, reason=because.reason)
    return _shown(parts, actor, name)


def _shown(parts: Parts, actor: Actor, name: str) -> Person:
    return _person(people.one(parts, actor, name))


def _person(row: dict[str, Any]) -> Person:
    signs_in = _signs_in(row)
    known = {k: row[k] for k in Person.model_fields if k != "signs_in"}
    return Person(**known, signs_in=signs_in)


def _signs_in(row: dict[str, Any]) -> str:
    if row["subject"]:
        return "organisation"
    return "password" if row["local"] else "token"
