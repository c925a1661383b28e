"""The names that the pickers of the metadata form offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from excudit.cli.frame import as_json, me, parts_of, say_json, told

if TYPE_CHECKING:
    from excudit.service.name_files import Brought, Progress
    from excudit.store.database import Database

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("names")
def names_() -> None:
    """Names of people and organisations for the pickers, which ask nobody outside."""


@names_.group("import")
def import_() -> None:
    """Take names from a file. The same file again changes nothing."""


@import_.command("ror")
@_FILE
@as_json
@click.pass_context
@told
def ror(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Take the organisations of FILE, a ROR data dump of schema v2 (zip or JSON)."""
    from excudit.service.name_files import bring_organisations

    _bring(ctx, bring_organisations, file, as_json, "organisations")


@import_.command("people")
@_FILE
@as_json
@click.pass_context
@told
def people(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Take the people of FILE, a CSV with the columns name, orcid, affiliation."""
    from excudit.service.name_files import bring_people

    _bring(ctx, bring_people, file, as_json, "people")


def _bring(
    ctx: click.Context,
    bring: Callable[[Database, Path, Progress], Brought],
    file: Path,
    as_json: bool,
    what: str,
) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        line = bar.add_task(f"Reading {what}")
        done = bring(
            parts_of(ctx).database,
            file,
            lambda so_far, total: bar.update(line, completed=so_far, total=total),
        )
    if as_json:
        say_json({"read": done.read, "changed": done.changed, "gone": done.gone})
    else:
        gone = f", {done.gone} withdrawn ones taken away" if done.gone else ""
        click.echo(f"{done.read} {what} read, {done.changed} new or changed{gone}.")


@names_.command("forget")
@click.argument("identifier")
@as_json
@click.pass_context
@told
def forget(ctx: click.Context, identifier: str, as_json: bool) -> None:
    """Take the person (ORCID iD) or organisation (ROR id) out of the pickers for good."""
    from excudit.service import names

    parts = parts_of(ctx)
    was_there = names.forget(parts, me(parts), identifier)
    if as_json:
        say_json({"identifier": identifier, "was_there": was_there})
    else:
        click.echo(
            f"{identifier} is forgotten and will not be learned again. Published records stay."
            if was_there
            else f"{identifier} was not known; it will not be learned."
        )
