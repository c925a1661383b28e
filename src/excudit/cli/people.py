"""Users of the API and their tokens."""

from __future__ import annotations

from datetime import timedelta

import click

from excudit.cli.frame import as_json, parts_of, say_json, table, told

ROLES = ("collaborator", "reviewer", "curator", "admin")


@click.group("user")
def user_() -> None:
    """Add and list users of the API."""


@user_.command("add")
@click.argument("name")
@click.option("--email", default="", help="Where mails go.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated.")
@as_json
@click.pass_context
@told
def add(ctx: click.Context, name: str, email: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Add the user NAME, or change address and roles. Every user may ask for publications."""
    from excudit.store import users

    with parts_of(ctx).database.write() as connection:
        users.put(connection, name, email=email, roles=list(roles))
    if as_json:
        say_json({"name": name, "email": email, "roles": sorted(roles)})
    else:
        click.echo(f"User {name} is known now. `excudit token create {name}` makes a token.")


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
        table(rows, ("name", "email", "roles"))


@click.group("token")
def token_() -> None:
    """Make, list and revoke API tokens."""


@token_.command("create")
@click.argument("user")
@click.option("--label", default="command line", show_default=True, help="What it is for.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650))
@as_json
@click.pass_context
@told
def create(ctx: click.Context, user: str, label: str, days: int, as_json: bool) -> None:
    """Make a token for USER. It is shown this once only."""
    from excudit.store import publications, users

    expires = publications.now() + timedelta(days=days)
    with parts_of(ctx).database.write() as connection:
        key, token = users.issue_token(connection, user, label, expires)
    if as_json:
        say_json({"id": key, "token": token, "expires_at": expires})
    else:
        click.echo(token)
        click.echo(f"Keep it now: it is not shown again. Valid until {expires:%Y-%m-%d}.", err=True)


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
        table(rows, ("id", "user", "label", "expires_at", "revoked_at"))


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
