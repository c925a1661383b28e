"""The loopback stand-ins by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from excudit.cli.frame import as_json, told

if TYPE_CHECKING:
    from excudit.sandbox.datacite import Registry
    from excudit.sandbox.smtp import Mailbox

PORT = click.IntRange(0, 65535)


@click.command("sandbox")
@click.option("--dir", "folder", default="sandbox", show_default=True, help="Where state is kept.")
@click.option("--port", default=8090, type=PORT, show_default=True, help="Of the registry's API.")
@click.option(
    "--resolver-port", default=8091, type=PORT, show_default=True, help="Of the DOI resolver."
)
@click.option("--smtp-port", default=2525, type=PORT, show_default=True, help="Of the mail server.")
@click.option(
    "--mailbox-port", default=8025, type=PORT, show_default=True, help="Of the page with the mails."
)
@as_json
@told
def sandbox_(
    folder: str, port: int, resolver_port: int, smtp_port: int, mailbox_port: int, as_json: bool
) -> None:
    """Run a registry and a mail server on loopback, until Ctrl-C. Their state survives.

    Port 0 takes a free one. With --json the addresses come as one line.
    """
    from excudit.cli.service import end_asked
    from excudit.sandbox.datacite import Registry
    from excudit.sandbox.smtp import Mailbox

    end = end_asked(while_stdin=False)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    with (
        Registry(place / "registry.db", port=port, resolver_port=resolver_port) as registry,
        Mailbox(place / "mailbox", smtp_port=smtp_port, web_port=mailbox_port) as mailbox,
    ):
        _say(registry, mailbox, as_json=as_json)
        end.wait()


def _say(registry: Registry, mailbox: Mailbox, *, as_json: bool) -> None:
    if as_json:
        addresses = {
            "registry": registry.api_url,
            "resolver": registry.resolver_url,
            "mailbox": mailbox.url,
            "smtp_port": mailbox.smtp_port,
        }
        click.echo(json.dumps(addresses))
        return
    click.echo(f"registry  {registry.api_url}/  (account DEMO.REPO, password sandbox)")
    click.echo(f"resolver  {registry.resolver_url}/")
    click.echo(f"mails     {mailbox.url}/  (SMTP on port {mailbox.smtp_port})")
