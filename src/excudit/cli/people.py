"""People who may use the service, and the tokens of their programs."""

from __future__ import annotations

import sys
from typing import Any

import click

from excudit.cli.frame import as_json, me, parts_of, say_json, table, told
from excudit.domain import permissions
from excudit.domain.errors import Conflict


class Role(click.ParamType[str]):
    """A role that an account can be given, for all routes or for one."""

    name = "role"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        if not permissions.is_role(value):
            self.fail(f"{value!r} is no role; {permissions.ROLES_SENTENCE}.", param, ctx)
        return str(value)


@click.group("user")
def user_() -> None:
    """Add and list people, and give them passwords."""


@user_.command("add")
@click.argument("name")
@click.option("--email", default="", help="Where mails go.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=Role(),
    help="reviewer, curator or admin, for one route as curator:ROUTE. May be repeated.",
)
@click.option("--subject", default="", help="Who they are at the OpenID Provider (claim sub).")
@as_json
@click.pass_context
@told
def add(
    ctx: click.Context,
    name: str,
    email: str,
    roles: tuple[str, ...],
    subject: str,
    as_json: bool,
) -> None:
    """Add the user NAME, or change address and roles. Every user may ask for publications."""
    from excudit.store import site_events, users

    parts = parts_of(ctx)
    openid = parts.settings.signin.openid
    if subject and openid is None:
        raise Conflict(
            "No OpenID Provider is configured.", hint="Set signin.openid in excudit.toml first."
        )
    with parts.database.write() as connection:
        users.put(connection, name, email=email, roles=list(roles))
        if subject and openid:
            # An account has one way in.
            bound = {"issuer": openid.issuer, "subject": subject, "password": ""}
            users.change(connection, name, **bound)
        details = {"roles": sorted(roles), "subject": subject}
        site_events.append(
            connection, actor=me().name, action="user_put", about=name, details=details
        )
    if as_json:
        say_json({"name": name, "email": email, "roles": sorted(roles), "subject": subject})
    else:
        click.echo(f"User {name} is known now. `excudit token create {name}` makes a token,")
        click.echo(f"`excudit user password {name}` lets {name} sign in with a browser.")


@user_.command("password")
@click.argument("name")
@as_json
@click.pass_context
@told
def password(ctx: click.Context, name: str, as_json: bool) -> None:
    """Give the user NAME a password: asked for twice, or the first line of standard input.

    It has at least 12 characters; all sessions of NAME end.
    """
    from excudit.service import profile

    if sys.stdin.isatty():
        secret = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    profile.set_password(parts_of(ctx), name, secret, by=me().name)
    if as_json:
        say_json({"name": name, "password": "set"})
    else:
        click.echo(f"{name} can sign in with this password now.")


@user_.command("list")
@as_json
@click.pass_context
@told
def list_users(ctx: click.Context, as_json: bool) -> None:
    """List all users."""
    from excudit.store import users

    with parts_of(ctx).database.read() as connection:
        rows = users.every(connection)
    if as_json:
        say_json(rows)
    else:
        table(rows, ("name", "email", "roles", "disabled_at"))


@click.group("token")
def token_() -> None:
    """Make, list and revoke API tokens."""


@token_.command("create")
@click.argument("user")
@click.option("--label", default="command line", show_default=True, help="What it is for.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 366))
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(tuple(permissions.SCOPES)),
    help="What it may be used for; may be repeated.  [default: all]",
)
@as_json
@click.pass_context
@told
def create(
    ctx: click.Context, user: str, label: str, days: int, scopes: tuple[str, ...], as_json: bool
) -> None:
    """Make a token for USER. It is shown this once only."""
    from excudit.service import profile
    from excudit.store import users

    parts = parts_of(ctx)
    with parts.database.read() as connection:
        actor = users.get(connection, user)
    if actor is None:
        raise users.unknown(user)
    held = scopes or tuple(permissions.SCOPES)
    made = profile.make_token(parts, actor, label=label, scopes=held, days=days, by=me().name)
    if as_json:
        shown = {"id": made.id, "token": made.token, "scopes": made.scopes}
        say_json({**shown, "expires_at": made.expires_at})
    else:
        click.echo(made.token)
        until = f"{made.expires_at:%Y-%m-%d}"
        click.echo(f"Keep it now: it is not shown again. Valid until {until}.", err=True)


@token_.command("list")
@as_json
@click.pass_context
@told
def list_tokens(ctx: click.Context, as_json: bool) -> None:
    """List all tokens, without the tokens themselves."""
    from excudit.store import users

    with parts_of(ctx).database.read() as connection:
        rows = users.tokens(connection)
    if as_json:
        say_json(rows)
    else:
        table(rows, ("id", "user", "label", "scopes", "expires_at", "used_at", "revoked_at"))


@token_.command("revoke")
@click.argument("token_id")
@as_json
@click.pass_context
@told
def revoke(ctx: click.Context, token_id: str, as_json: bool) -> None:
    """Revoke the token with this id at once."""
    from excudit.store import users

    with parts_of(ctx).database.write() as connection:
        users.revoke(connection, token_id)
    if as_json:
        say_json({"id": token_id, "revoked": True})
    else:
        click.echo(f"The token {token_id} is revoked.")
