"""The loopback stand-ins by themselves."""

from __future__ import annotations

from pathlib import Path

import click

from excudit.cli.frame import told


@click.command("sandbox")
@click.option("--dir", "folder", default="sandbox", show_default=True, help="Where state is kept.")
@click.option("--port", default=8090, show_default=True, help="Of the registry's API.")
@click.option("--resolver-port", default=8091, show_default=True, help="Of the DOI resolver.")
@click.option("--smtp-port", default=2525, show_default=True, help="Of the mail server.")
@click.option("--mailbox-port", default=8025, show_default=True, help="Of the page with the mails.")
@told
def sandbox_(folder: str, port: int, resolver_port: int, smtp_port: int, mailbox_port: int) -> None:
    """Run a registry and a mail server on loopback, until Ctrl-C. Their state survives."""
    from excudit.cli.service import wait_for_end
    from excudit.sandbox.datacite import Registry
    from excudit.sandbox.smtp import Mailbox

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    with (
        Registry(place / "registry.db", port=port, resolver_port=resolver_port) as registry,
        Mailbox(place / "mailbox", smtp_port=smtp_port, web_port=mailbox_port) as mailbox,
    ):
        click.echo(f"registry  {registry.api_url}/  (account DEMO.REPO, password sandbox)")
        click.echo(f"resolver  {registry.resolver_url}/")
        click.echo(f"mails     {mailbox.url}/  (SMTP on port {mailbox.smtp_port})")
        wait_for_end(while_stdin=False)
