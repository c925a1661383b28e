"""Reading again what was published."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from excudit.cli.frame import as_json, me, parts_of, told
from excudit.domain.errors import NotFound
from excudit.domain.problem import Problem


@click.command("fixity")
@click.argument("name")
@as_json
@click.pass_context
@told
def fixity_(ctx: click.Context, name: str, as_json: bool) -> None:
    """Read all files that the target NAME keeps, or those of the route NAME, and compare them.

    Ends with status 1 when something is damaged or could not be read.
    """
    import orjson

    from excudit.service import fixity

    parts = parts_of(ctx)
    route = parts.settings.routes.get(name)
    known = fixity.keepers(parts)
    targets = [t for t in route.targets if t in known] if route and name not in known else [name]
    if not targets:
        raise NotFound(f"No target of the route {name} keeps files that could be read again.")
    reports = [
        fixity.check(parts, target, actor=me(parts), watch=_Bar(), told=_quiet if as_json else _say)
        for target in targets
    ]
    if as_json:
        click.echo(orjson.dumps([asdict(r) for r in reports], option=orjson.OPT_INDENT_2))
    for report in reports if not as_json else ():
        click.echo(
            f"{report.target}: {report.publications} publications, {report.files:,} files, "
            f"{report.bytes:,} bytes; {len(report.damaged)} damaged, {len(report.unread)} unread."
        )
        for publication, words in report.unread.items():
            click.echo(f"  {publication}: {words}")
    sys.exit(1 if any(r.damaged or r.unread for r in reports) else 0)


class _Bar:
    """Nobody stops it but Control-C."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """On a terminal, how far the present publication is."""
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {total:,} {unit} ", nl=False, err=True)

    def stop(self) -> bool:
        """Never."""
        return False


def _say(publication: str, problems: Sequence[Problem]) -> None:
    click.echo(f"{publication}: {f'{len(problems)} damaged' if problems else 'as published'}")
    for problem in problems:
        click.echo(f"  {problem.where}: {problem.message}")


def _quiet(publication: str, problems: Sequence[Problem]) -> None:
    """The report says it."""
