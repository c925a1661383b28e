"""The command line. Commands load when they are called, so that `--help` answers at once."""

from __future__ import annotations

from importlib import import_module

import click

from excudit import __version__

# name → (module, one line of help); the module's function has the name with "_" for "-".
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("service", "Write a configuration and set up the database."),
    "demo": ("demo", "Publish a folder on the loopback sandbox and show how it goes."),
    "serve": ("service", "Run the web service and a worker in one process."),
    "web": ("service", "Run the web service only."),
    "worker": ("service", "Run a worker only."),
    "doctor": ("service", "Check configuration, database and targets, and say how to mend."),
    "export": ("service", "Write all events as JSON lines."),
    "audit": ("audit", "Take out who did what and when, as CSV or JSON lines."),
    "check": ("checks", "Check a record, or the record in a folder."),
    "plan": ("checks", "Show the plans of a route."),
    "submit": ("publications", "Ask for the publication of a dataset."),
    "status": ("publications", "Show how a publication stands."),
    "show": ("publications", "Show a publication with record, files and history."),
    "list": ("publications", "List publications."),
    "edit": ("decisions", "Replace the draft record by a file."),
    "approve": ("decisions", "Approve what was frozen."),
    "return": ("decisions", "Return it to its owner with a reason."),
    "reject": ("decisions", "Reject it with a reason."),
    "recall": ("decisions", "Take it back from review."),
    "cancel": ("decisions", "Give it up before it is published."),
    "publish": ("decisions", "Start publishing what was approved."),
    "stop": ("decisions", "Stop a run and undo what it did."),
    "retry": ("decisions", "Let a run that stands still go on."),
    "amend": ("decisions", "Change the metadata of what is public, with a reason."),
    "new-version": ("decisions", "Start the next version of what is public."),
    "withdraw": ("decisions", "Withdraw what is public, with a reason; a tombstone stays."),
    "fixity": ("fixity", "Read published files again and compare them."),
    "user": ("people", "Add and list users of the API."),
    "token": ("people", "Make, list and revoke API tokens."),
    "names": ("names", "Import and forget the names that pickers offer."),
    "sandbox": ("sandbox", "Run the loopback stand-ins of the outside systems."),
}


class Lazy(click.Group):
    """A group that imports a command only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command itself, imported now."""
        if name not in COMMANDS:
            return None
        module = import_module(f"excudit.cli.{COMMANDS[name][0]}")
        found = getattr(module, name.replace("-", "_") + "_")
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="excudit")
@click.option(
    "--config",
    default="excudit.toml",
    envvar="EXCUDIT_CONFIG",
    show_default=True,
    help="The configuration file.",
)
@click.pass_context
def main(ctx: click.Context, config: str) -> None:
    """excudit takes a research dataset to where it is published, exactly once."""
    ctx.obj = config
