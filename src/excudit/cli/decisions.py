"""Deciding on publications: one command per verb of the lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from excudit.cli.frame import as_json, me, parts_of, read_record, reason_option, say_json, told

if TYPE_CHECKING:
    from excudit.domain.model import Actor
    from excudit.domain.publication import Publication
    from excudit.service.parts import Parts

Verb = Callable[["Parts", "Actor", str], "Publication"]


def _do(ctx: click.Context, publication: str, as_json: bool, verb: Verb) -> None:
    from excudit.service import queries

    parts = parts_of(ctx)
    after = verb(parts, me(parts), publication)
    if as_json:
        say_json(queries.detail(parts, after.id, me(parts)))
    else:
        brief = queries.brief(parts, after)
        click.echo(f"{after.id}: {brief['state_words']} ({after.health.replace('_', ' ')})")


def _simple(name: str, text: str, verb: Callable[[Any], Verb]) -> click.Command:
    """A command whose only argument is the publication."""

    @click.command(name, help=text)
    @click.argument("publication")
    @as_json
    @click.pass_context
    @told
    def command(ctx: click.Context, publication: str, as_json: bool) -> None:
        from excudit.service import verbs

        _do(ctx, publication, as_json, verb(verbs))

    return command


def _reasoned(name: str, text: str, verb: Callable[[Any, str], Verb]) -> click.Command:
    """A command that also needs a reason."""

    @click.command(name, help=text)
    @click.argument("publication")
    @reason_option
    @as_json
    @click.pass_context
    @told
    def command(ctx: click.Context, publication: str, reason: str, as_json: bool) -> None:
        from excudit.service import verbs

        _do(ctx, publication, as_json, verb(verbs, reason))

    return command


approve_ = _simple("approve", "Approve what was frozen.", lambda v: v.approve)
publish_ = _simple("publish", "Start publishing what was approved.", lambda v: v.publish)
stop_ = _simple("stop", "Stop a run and undo what it did.", lambda v: v.stop)
retry_ = _simple("retry", "Let a run that stands still go on.", lambda v: v.retry)
new_version_ = _simple("new-version", "Start the next version.", lambda v: v.new_version)
recall_ = _simple(
    "recall", "Take it back from review.", lambda v: lambda p, a, i: v.step_back(p, a, i, "recall")
)
cancel_ = _simple("cancel", "Give it up.", lambda v: lambda p, a, i: v.step_back(p, a, i, "cancel"))
return_ = _reasoned(
    "return",
    "Return it to its owner with a reason.",
    lambda v, why: lambda p, a, i: v.turn_down(p, a, i, "return", why),
)
reject_ = _reasoned(
    "reject",
    "Reject it with a reason.",
    lambda v, why: lambda p, a, i: v.turn_down(p, a, i, "reject", why),
)
withdraw_ = _reasoned(
    "withdraw",
    "Withdraw what is public; a tombstone stays.",
    lambda v, why: lambda p, a, i: v.withdraw(p, a, i, why),
)


@click.command("edit")
@click.argument("publication")
@click.argument("record", type=click.Path())
@as_json
@click.pass_context
@told
def edit_(ctx: click.Context, publication: str, record: str, as_json: bool) -> None:
    """Replace the draft record of PUBLICATION by the file RECORD (JSON, YAML or XML)."""
    from excudit.service import verbs

    new = read_record(record)
    _do(ctx, publication, as_json, lambda p, a, i: verbs.edit(p, a, i, new))


@click.command("amend")
@click.argument("publication")
@click.argument("record", type=click.Path())
@reason_option
@as_json
@click.pass_context
@told
def amend_(ctx: click.Context, publication: str, record: str, reason: str, as_json: bool) -> None:
    """Replace the public record of PUBLICATION by the file RECORD, with a reason."""
    from excudit.service import verbs

    new = read_record(record)
    _do(ctx, publication, as_json, lambda p, a, i: verbs.amend(p, a, i, new, reason))
