"""The mailbox: an SMTP server, its folder, and a page to look at it."""

from __future__ import annotations

import socket
import threading
import time
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType

import uvicorn

from excudit.sandbox.smtp.faults import Faults, Switches
from excudit.sandbox.smtp.letters import Letters
from excudit.sandbox.smtp.page import make_page
from excudit.sandbox.smtp.receive import Listener, Reception, Security

START_TIMEOUT_S = 10.0


class Mailbox:
    """Takes every mail by SMTP, keeps it in `folder` and shows it on a web page.

    Port 0 means any free port. `folder` holds the whole state: a mailbox that is started again on
    it shows the same mails. `security` as in the mail settings of the service; "starttls" and
    "tls" need `certificate`, a PEM file with key and certificate. With `accounts` (name →
    password) only those may send. `start` and `stop` may be called once each; as a context
    manager it does both.
    """

    def __init__(
        self,
        folder: Path | str,
        host: str = "127.0.0.1",
        smtp_port: int = 0,
        web_port: int = 0,
        *,
        security: Security = "none",
        certificate: Path | None = None,
        accounts: dict[str, str] | None = None,
    ) -> None:
        self._letters = Letters(Path(folder))
        self._switches = Switches()
        self._host = host
        self._ports = (smtp_port, web_port)
        self._security: Security = security
        self._certificate = certificate
        self._accounts = accounts

    def start(self) -> Mailbox:
        """Answer on both ports when this returns. Raises OSError when a port is taken."""
        smtp, web = (_bind(self._host, port) for port in self._ports)
        self.smtp_port: int = smtp.getsockname()[1]
        self.url = f"http://{self._host}:{web.getsockname()[1]}"
        self._listener = Listener(
            Reception(self._letters, self._switches, closed=bool(self._accounts)),
            smtp,
            security=self._security,
            certificate=self._certificate,
            accounts=self._accounts,
        )
        self._listener.start()
        self._serve_page(web)
        return self

    def stop(self) -> None:
        """Stop answering; the mails stay in the folder."""
        self._listener.stop()
        self._web.should_exit = True
        self._web_thread.join()

    def messages(self) -> list[EmailMessage]:
        """All mails in the order of their arrival, repeats included."""
        return [letter.message for letter in self._letters]

    def set_faults(self, faults: Faults) -> None:
        """Put `faults` in force, as `PUT /_sandbox/faults` does; `Faults()` ends all."""
        self._switches.set(faults)

    def __enter__(self) -> Mailbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve_page(self, sock: socket.socket) -> None:
        page = make_page(self._letters, self._switches)
        self._web = uvicorn.Server(
            uvicorn.Config(
                page, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
            )
        )
        self._web_thread = threading.Thread(
            target=self._web.run, args=([sock],), name="sandbox-mailbox-page", daemon=True
        )
        self._web_thread.start()
        end = time.monotonic() + START_TIMEOUT_S
        while not self._web.started and self._web_thread.is_alive():
            if time.monotonic() > end:
                raise TimeoutError(f"The mailbox page did not start within {START_TIMEOUT_S:g} s.")
            time.sleep(0.01)


def _bind(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), family=_family(host))


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
