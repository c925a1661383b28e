"""Asking for publications and looking at them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from excudit.cli.frame import (
    as_json,
    me,
    parts_of,
    read_record,
    say_json,
    say_problems,
    table,
    told,
)
from excudit.domain.problem import Problem


@click.command("submit")
@click.argument("route")
@click.argument("ref", nargs=-1, required=True)
@click.option("--record", help="A record to use instead of what the source has.")
@click.option("--draft", is_flag=True, help="Only make a draft; submit it later.")
@click.option("--wait/--no-wait", default=True, help="Follow it until it stands still.")
@click.option("--again", "publication", help="Submit this draft or returned publication again.")
@as_json
@click.pass_context
@told
def submit_(
    ctx: click.Context,
    route: str,
    ref: tuple[str, ...],
    record: str | None,
    draft: bool,
    wait: bool,
    publication: str | None,
    as_json: bool,
) -> None:
    """Ask for the publication of REF (for folders: a path) by ROUTE; several REFs become one
    publication, each below a folder of its own."""
    from excudit.cli.follow import follow
    from excudit.service import queries, verbs

    parts = parts_of(ctx)
    actor = me(parts)
    if publication:
        asked = verbs.submit(parts, actor, publication)
    else:
        place = [str(Path(r).absolute()) if Path(r).exists() else r for r in ref]
        own = read_record(record) if record else None
        asked = verbs.create(parts, actor, route, place, record=own, submitting=not draft)
    if wait and not draft:
        try:
            follow(parts, asked.id, quiet=as_json)
        except KeyboardInterrupt:
            told = f"It goes on without being watched; `excudit status {asked.id}` shows how it is."
            click.echo(told, err=True)
    detail = queries.detail(parts, asked.id, actor)
    if as_json:
        say_json(detail)
    else:
        say(detail)
    if detail["health"] in ("needs_attention", "out_of_sync", "cleanup_pending"):
        sys.exit(1)


@click.command("status")
@click.argument("publication")
@as_json
@click.pass_context
@told
def status_(ctx: click.Context, publication: str, as_json: bool) -> None:
    """Show state, health, steps and what is possible now."""
    from excudit.service import queries

    parts = parts_of(ctx)
    detail = queries.detail(parts, publication, me(parts))
    if as_json:
        say_json(detail)
    else:
        say(detail, steps=True)


@click.command("show")
@click.argument("publication")
@as_json
@click.pass_context
@told
def show_(ctx: click.Context, publication: str, as_json: bool) -> None:
    """Show everything: record, files (the first 100), history and mails."""
    from excudit.service import queries

    parts = parts_of(ctx)
    everything = {
        **queries.detail(parts, publication, me(parts)),
        "files_shown": queries.files(parts, publication),
        "events": queries.timeline(parts, publication, me(parts)),
        "mails": queries.sent_mails(parts, publication, me(parts)),
    }
    if as_json:
        say_json(everything)
        return
    say(everything, steps=True)
    click.echo("\nHistory")
    table(everything["events"], ("at", "actor", "action", "before", "after", "reason"))
    click.echo("\nFiles")
    table(everything["files_shown"], ("path", "size", "sha256"))
    click.echo("\nMails")
    table(everything["mails"], ("kind", "recipient", "status", "subject"))
    click.echo("\nRecord")
    say_json(everything["record"])


@click.command("list")
@click.option("--state", help="Only in this state.")
@click.option("--health", help="Only of this health.")
@click.option("--route", help="Only of this route.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@as_json
@click.pass_context
@told
def list_(
    ctx: click.Context,
    state: str | None,
    health: str | None,
    route: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List publications, newest change first."""
    from excudit.service import queries

    parts = parts_of(ctx)
    rows = [
        queries.brief(parts, p)
        for p in queries.listing(
            parts, me(parts), state=state, health=health, route=route, limit=limit
        )
    ]
    if as_json:
        say_json(rows)
    elif rows:
        table(rows, ("id", "state_words", "health", "updated_at", "title"))
    else:
        click.echo("There are no publications here yet: `excudit submit ROUTE PATH` asks for one.")


def say(detail: dict[str, Any], *, steps: bool = False) -> None:
    """How a publication stands, why, and what to do."""
    click.secho(detail["title"], bold=True)
    click.echo(f"  publication  {detail['id']}")
    click.echo(f"  state        {detail['state_words']} ({detail['health'].replace('_', ' ')})")
    click.echo(f"  next         {detail['next']}")
    for word in ("doi", "landing_url"):
        if detail[word]:
            click.echo(f"  {word.replace('_', ' '):<12} {detail[word]}")
    run = detail["run"]
    if run is None:
        return
    if steps:
        click.echo(f"  {run['plan']} is {run['status']}:")
        for step in run["steps"]:
            click.echo(f"    {step['status']:<8} {step['title']}")
    if run["error"] and run["status"] != "done":
        click.echo(f"  because      {run['error']['message']}")
        say_problems([Problem.from_data(p) for p in run["error"].get("problems", ())])
        if run["error"].get("hint"):
            click.echo(f"  what to do   {run['error']['hint']}")
    if run["next_try_at"]:
        click.echo(f"  next try     {run['next_try_at'].astimezone():%H:%M:%S}")
