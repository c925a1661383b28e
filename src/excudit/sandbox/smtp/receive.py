"""The SMTP side: what the mailbox answers on the wire (RFC 5321)."""

from __future__ import annotations

import asyncio
import hmac
import ssl
from collections.abc import Awaitable
from pathlib import Path
from socket import socket
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from excudit.sandbox.smtp.faults import Switches
from excudit.sandbox.smtp.letters import Letters

Security = Literal["none", "starttls", "tls"]


class Reception:
    """The hooks that aiosmtpd calls for each connection; it names and awaits them.

    `closed`: nobody sends without a login.
    """

    def __init__(self, letters: Letters, switches: Switches, *, closed: bool = False) -> None:
        self._letters = letters
        self._switches = switches
        self._closed = closed

    def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Awaitable[str]:
        if self._closed and not session.authenticated:
            return self._answer("530 5.7.0 Authentication required")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("250 OK")

    def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Awaitable[str]:
        refusal = self._switches.refusal(address)
        if not refusal:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return self._answer(refusal or "250 OK")

    def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> Awaitable[str]:
        drop = self._switches.drop()
        if drop == "before":
            return self._hang_up(server)
        try:
            name = self._letters.keep(
                envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b""
            )
        except OSError as error:
            return self._answer(f"452 4.3.1 The mailbox cannot store it: {error.strerror}")
        return self._hang_up(server) if drop else self._answer(f"250 OK, kept as {name}")

    def _answer(self, status: str) -> Awaitable[str]:
        return asyncio.sleep(self._switches.faults.slow_s, status)

    def _hang_up(self, server: SMTP) -> Awaitable[str]:
        transport: Any = server.transport
        transport.abort()
        # Never done: the lost connection cancels the session that waits for it.
        return server.loop.create_future()


class Accounts:
    """Who may send, by name and password; none = everybody."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self._passwords = {name.encode(): word.encode() for name, word in passwords.items()}

    def __call__(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        expected = self._passwords.get(given.login) if isinstance(given, LoginPassword) else None
        known = expected is not None and hmac.compare_digest(expected, given.password)
        return AuthResult(success=known, handled=False)


class Listener(Controller):
    """The SMTP server in its own thread, on a socket that already knows its port."""

    def __init__(
        self,
        reception: Reception,
        sock: socket,
        *,
        security: Security = "none",
        certificate: Path | None = None,
        accounts: dict[str, str] | None = None,
    ) -> None:
        host, port = sock.getsockname()[:2]
        tls = _tls(certificate) if security != "none" else None
        super().__init__(
            reception,
            host,
            port,
            ssl_context=tls if security == "tls" else None,
            tls_context=tls if security == "starttls" else None,
            require_starttls=security == "starttls",
            server_hostname="sandbox.localhost",
            ident="excudit sandbox",
            # aiosmtpd counts only STARTTLS as TLS.
            auth_require_tls=security == "starttls",
            authenticator=Accounts(accounts or {}),
        )
        self._sock = sock

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._sock, ssl=self.ssl_context)


def _tls(certificate: Path | None) -> ssl.SSLContext:
    if certificate is None:
        raise ValueError("TLS needs the path of a PEM file with key and certificate")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context
