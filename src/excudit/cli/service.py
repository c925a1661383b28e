"""Running the service and looking after it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from excudit.cli.frame import (
    as_json,
    parts_of,
    plain,
    say_json,
    say_problems,
    settings_of,
    told,
)

if TYPE_CHECKING:
    from excudit.app import Workers
    from excudit.service.parts import Parts
    from excudit.settings import Settings

while_stdin = click.option(
    "--while-stdin", is_flag=True, hidden=True, help="End when standard input ends."
)


@click.command("init")
@as_json
@click.pass_context
@told
def init_(ctx: click.Context, as_json: bool) -> None:
    """Write a configuration where there is none, and set up the database. Idempotent."""
    from excudit import app
    from excudit.cli.example import EXAMPLE

    path = Path(ctx.obj)
    fresh = not path.exists()
    if fresh:
        path.write_text(EXAMPLE, encoding="utf-8")
    settings = settings_of(ctx)
    app.build(settings) if settings.targets else app.open_database(settings)
    if as_json:
        say_json({"config": str(path), "written": fresh})
        return
    click.echo(f"{'Wrote' if fresh else 'Found'} {path}. The database is ready.")
    click.echo("Next: name your sources, targets and routes in it, then `excudit doctor`.")


def run(
    settings: Settings,
    *,
    web: bool,
    make_worker: Callable[[Parts], Workers] | None,
    while_stdin: bool,
    sample_users: Sequence[str] = (),
) -> None:
    """Run until SIGINT or SIGTERM; then finish what can be finished and end the process."""
    from excudit import app

    end = end_asked(while_stdin=while_stdin)
    parts = app.build(settings)
    workers = make_worker(parts) if make_worker else None
    if workers is not None:
        workers.start()
    service = settings.service
    running = None
    if web:
        # A worker alone has no use for it, and reading it takes as long as all the rest.
        from excudit.web import create_app, serve_in_thread

        pages = create_app(parts, sample_users=sample_users)
        running = serve_in_thread(pages, service.host, service.port)
    shown = running.url if running else "no web"
    click.echo(f"excudit is ready: {shown}, {'a worker' if workers else 'no worker'}.", err=True)
    end.wait()
    if running is not None:
        running.stop()
    if workers is not None:
        workers.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    # Worker threads may still be inside a remote's answer; their runs go on in the next worker.
    os._exit(0)


def end_asked(*, while_stdin: bool) -> threading.Event:
    """What is set by SIGINT, SIGTERM, or the end of standard input where that is asked for.

    Ask before anybody is told that the service is ready: from then on they may end it.
    """
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if while_stdin:
        threading.Thread(target=_end_with, args=(done.set,), daemon=True).start()
    return done


def _end_with(end: Callable[[], None]) -> None:
    sys.stdin.buffer.read()
    end()


@click.command("serve")
@while_stdin
@click.option("--sample-user", "sample_users", multiple=True, hidden=True, help="For the demo.")
@click.pass_context
@told
def serve_(ctx: click.Context, while_stdin: bool, sample_users: tuple[str, ...]) -> None:
    """Run the web service and a worker in one process, until Ctrl-C."""
    from excudit import app

    run(
        settings_of(ctx),
        web=True,
        make_worker=app.worker,
        while_stdin=while_stdin,
        sample_users=sample_users,
    )


@click.command("web")
@while_stdin
@click.pass_context
@told
def web_(ctx: click.Context, while_stdin: bool) -> None:
    """Run the web service only; workers run elsewhere."""
    run(settings_of(ctx), web=True, make_worker=None, while_stdin=while_stdin)


@click.command("worker")
@while_stdin
@click.pass_context
@told
def worker_(ctx: click.Context, while_stdin: bool) -> None:
    """Run a worker only. On SQLite there is one; on PostgreSQL any number, on any machines."""
    from excudit import app

    run(settings_of(ctx), web=False, make_worker=app.worker, while_stdin=while_stdin)


@click.command("doctor")
@as_json
@click.pass_context
@told
def doctor_(ctx: click.Context, as_json: bool) -> None:
    """Check configuration, database and targets' credentials. Exit status 1 for any error."""
    from excudit import app
    from excudit.domain.problem import blocking

    problems = app.doctor(settings_of(ctx))
    errors = blocking(problems)
    if as_json:
        say_json({"well": not errors, "problems": [p.as_data() for p in problems]})
    else:
        say_problems(problems)
        click.echo("All is well." if not problems else f"{len(errors)} error(s) to mend.")
    sys.exit(1 if errors else 0)


@click.command("export")
@click.option("--after", default=0, help="Only events after this number.")
@as_json
@click.pass_context
@told
def export_(ctx: click.Context, after: int, as_json: bool) -> None:
    """Write all events, one JSON object a line, oldest first; memory stays constant.

    The lines are JSON with --json and without it.
    """
    import json
    from dataclasses import asdict

    from excudit.store import events

    for event in events.stream(parts_of(ctx).database, after):
        row: dict[str, Any] = asdict(event)
        click.echo(json.dumps(row, default=plain, ensure_ascii=False))
