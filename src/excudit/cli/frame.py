"""What all commands share: opening the service, saying things, and plain words for errors."""

from __future__ import annotations

import errno
import functools
import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from excudit.domain.errors import ExcuditError, Rejected
from excudit.domain.model import Actor
from excudit.domain.problem import Problem

if TYPE_CHECKING:
    from excudit.service.parts import Parts
    from excudit.settings import Settings

as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
reason_option = click.option("--reason", required=True, help="Why; its owner reads it.")


def settings_of(ctx: click.Context) -> Settings:
    """The configuration named on the command line."""
    from excudit.settings import load

    return load(Path(ctx.obj))


def parts_of(ctx: click.Context) -> Parts:
    """The wired service of the configuration."""
    from excudit import app

    return app.build(settings_of(ctx))


def me(parts: Parts | None = None) -> Actor:
    """Whoever has a shell on the service's machine acts as its operator."""
    name = getpass.getuser()
    roles = frozenset({"reviewer", "curator", "admin"})
    if parts is None:
        return Actor(name, roles)
    from excudit.store import users

    with parts.database.read() as connection:
        known = users.get(connection, name)
    return Actor(
        name, roles | (known.roles if known else frozenset()), known.email if known else ""
    )


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Give expected errors as sentences instead of a stack trace. Put it below the options."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ExcuditError as error:
            fail(error, in_json=bool(kwargs.get("as_json")))
        except OSError as error:
            # A closed pipe (`excudit export | head`) is no failure; click ends quietly.
            if error.errno == errno.EPIPE or not error.strerror:
                raise
            place = f"{error.filename}: " if error.filename else ""
            plain_words = Rejected(f"{place}{error.strerror}.")
            fail(plain_words, in_json=bool(kwargs.get("as_json")))

    return run


def plain(value: Any) -> Any:
    """What JSON does not know, as text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def say_json(value: Any) -> None:
    """One JSON value on standard output."""
    click.echo(json.dumps(value, default=plain, ensure_ascii=False, indent=2))


def fail(error: ExcuditError, *, in_json: bool) -> NoReturn:
    """Say what is wrong, where, and how to mend it; exit status 1."""
    if in_json:
        say_json({"error": error.as_data()})
        sys.exit(1)
    click.secho(f"{type(error).__name__}: {error.message}", fg="red", err=True)
    if error.remote:
        click.echo(f"  In the other side's words: {error.remote}", err=True)
    say_problems(error.problems, err=True)
    if error.hint:
        click.echo(f"  What to do: {error.hint}", err=True)
    sys.exit(1)


def say_problems(problems: Sequence[Problem], *, err: bool = False) -> None:
    """Each problem on a line of its own, warnings apart."""
    for severity, mark in (("error", "✗"), ("warning", "!")):
        for problem in (p for p in problems if p.severity == severity):
            rule = f" [{problem.rule}]" if problem.rule else ""
            click.echo(f"  {mark} {problem}{rule}", err=err)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as an aligned table."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False)
    for column in columns:
        # An id is there to be copied.
        shown.add_column(column.replace("_", " "), overflow="fold", no_wrap=column == "id")
    for row in rows:
        shown.add_row(*(_cell(row.get(column)) for column in columns))
    Console().print(shown)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    return str(value)


def read_record(path: str) -> dict[str, Any]:
    """A record in a file of any form that `check` knows, as DataCite REST JSON.

    Raises Rejected with all problems when the file cannot be read as a record.
    """
    from excudit.metadata import datacite_json
    from excudit.metadata.check import check_path

    checked = check_path(Path(path))
    if checked.record is None:
        raise Rejected(
            f"{path} is not a record that can be read.",
            problems=tuple(checked.problems),
            hint="Mend it; `excudit check` shows the same.",
        )
    return datacite_json.to_rest(checked.record)
