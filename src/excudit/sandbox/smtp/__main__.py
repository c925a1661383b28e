"""`python -m excudit.sandbox.smtp FOLDER`: the mailbox by itself, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from excudit.sandbox.smtp.mailbox import Mailbox


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--smtp-port", default=2525, show_default=True, help="0 = any free port")
@click.option("--web-port", default=8025, show_default=True, help="0 = any free port")
def main(folder: Path, host: str, smtp_port: int, web_port: int) -> None:
    """Take every mail by SMTP, keep it in FOLDER and show it on a web page."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        mailbox = Mailbox(folder, host, smtp_port, web_port).start()
    except OSError as error:
        raise click.ClickException(
            f"The mailbox cannot listen on {host}: {error.strerror}. Choose other ports."
        ) from error
    click.echo(f"SMTP on {host}:{mailbox.smtp_port}, mails at {mailbox.url}/  (Ctrl-C ends it)")
    done.wait()
    mailbox.stop()


main()
