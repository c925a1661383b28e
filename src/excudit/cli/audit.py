"""Who did what and when, as a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from excudit.cli.frame import me, parts_of, told

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("audit")
def audit_() -> None:
    """Take out who did what and when, to publications and to the site."""


@audit_.command("export")
@click.option(
    "--form",
    type=click.Choice(("csv", "jsonl")),
    default="jsonl",
    show_default=True,
    help="CSV is safe to open in a spreadsheet.",
)
@click.option("--who", default="", help="Only what this person did.")
@click.option("--action", default="", help="Only this action, such as publish.")
@click.option("--publication", default="", help="Only this publication, by its id.")
@click.option("--from", "since", type=_DAY, help="From this day on (UTC).")
@click.option("--to", "until", type=_DAY, help="Up to and including this day (UTC).")
@click.option("--reason", default="", help="Only where the reason has these words.")
@click.pass_context
@told
def export(
    ctx: click.Context,
    form: str,
    who: str,
    action: str,
    publication: str,
    since: datetime | None,
    until: datetime | None,
    reason: str,
) -> None:
    """Write all that fits to standard output, newest first; memory stays constant."""
    from excudit.service import audit
    from excudit.store.audit import Filters

    filters = Filters(
        actor=who,
        action=action,
        publication=publication,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) + timedelta(days=1) if until else None,
        reason=reason,
    )
    parts = parts_of(ctx)
    for piece in audit.export(parts, me(parts), filters, form):
        click.echo(piece, nl=False)
