"""The command line, from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from excudit.cli import COMMANDS, main
from reference.tables import code, plain, table


def text() -> str:
    """Every command with its arguments and options."""
    context = click.Context(main, info_name="excudit")
    shown = (main.get_command(context, name) for name in COMMANDS)
    return "\n".join(part for command in shown if command for part in _command(command, context))


def _command(command: click.Command, above: click.Context) -> Iterator[str]:
    name = "sandbox" if command.name is None else command.name
    context = click.Context(command, info_name=name, parent=above)
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                yield from _command(found, context)
        return
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## {code(context.command_path)}\n"
    yield f"```text\n{context.command_path} {usage}\n```\n"
    yield "\n\n".join(plain(p) for p in inspect.cleandoc(command.help or "").split("\n\n")) + "\n"
    options = [
        [", ".join(map(code, (*p.opts, *p.secondary_opts))), plain(p.help or ""), _default(p)]
        for p in command.params
        if isinstance(p, click.Option) and not p.hidden
    ]
    if options:
        yield table(["Option", "Meaning", "Default"], options)


def _default(option: click.Option) -> str:
    if option.required:
        return "**needed**"
    return code(str(option.default)) if option.show_default and option.default else ""
