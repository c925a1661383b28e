"""The way to the mail server: one connection for several mails, bounded in time."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import smtplib
import socket
import ssl
import threading
import time
from email.message import EmailMessage
from types import TracebackType

from excudit.domain.errors import ExcuditError, Rejected, Retryable, Unavailable, Uncertain
from excudit.service.mail.message import domain
from excudit.settings import Mail

MAX_WORDS = 500
"""Characters kept of a server's answer."""
_LOGIN_CODES = (530, 534, 535, 538)
"""Answers that ask for a (better) login, RFC 4954 §6: the operator's matter, not the mail's."""


class Relay:
    """Hands mails to the mail server of the settings; connects when the first one comes.

    All calls together take about `budget_s` seconds at most, whatever the server does; each
    single answer at most `timeout_s`. Not thread-safe; use as a context manager, which closes.
    """

    def __init__(self, mail: Mail, *, timeout_s: float, budget_s: float) -> None:
        self._mail = mail
        self._timeout_s = timeout_s
        self._end = time.monotonic() + budget_s
        self._watch = threading.Timer(budget_s, self._cut)
        self._watch.daemon = True
        self._smtp: smtplib.SMTP | None = None
        self._down: Unavailable | None = None
        self._secrets: tuple[str, ...] = ()

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def deliver(self, message: EmailMessage) -> None:
        """Hand over one mail; the server has taken it when this returns.

        Raises Rejected when the server will never take it, Unavailable when it may later (and,
        once the server could not be reached, at each further call, without another try),
        Uncertain when the connection broke before the answer: it may have been taken.
        """
        smtp = self._connected()
        sender, recipient = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        try:
            smtp.send_message(message, sender, [recipient])
        except smtplib.SMTPServerDisconnected as error:
            raise Uncertain("The connection to the mail server broke.") from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._refusal(error) from error

    def __enter__(self) -> Relay:
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._smtp is not None and self._smtp.sock is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
        self._watch.cancel()

    def _connected(self) -> smtplib.SMTP:
        if self._down is not None:
            raise self._down
        if self._smtp is not None and self._smtp.sock is not None:
            return self._smtp
        try:
            return self._connect()
        except (smtplib.SMTPException, OSError, ValueError, ExcuditError) as error:
            self._close()
            self._down = Unavailable(
                f"The mail server {self._mail.host}:{self._mail.port} cannot be used.",
                remote=self._words(error),
            )
            raise self._down from error

    def _connect(self) -> smtplib.SMTP:
        mail, tls = self._mail, ssl.create_default_context()
        name = _own_name(mail)
        self._smtp = smtp = (
            smtplib.SMTP_SSL(timeout=self._timeout_s, context=tls, local_hostname=name)
            if mail.security == "tls"
            else smtplib.SMTP(timeout=self._timeout_s, local_hostname=name)
        )
        # smtplib learns the name on the certificate only from a constructor that connects at
        # once, and then the watch could not cut a server that never ends its greeting.
        smtp._host = mail.host  # type: ignore[attr-defined]
        code, words = smtp.connect(mail.host, mail.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if mail.security == "starttls":
            smtp.starttls(context=tls)
        if mail.username:
            self._login(smtp)
        return smtp

    def _login(self, smtp: smtplib.SMTP) -> None:
        mail = self._mail
        if mail.security == "none" and not _is_loopback(mail.host):
            raise Rejected(
                "The password would cross the network unprotected.",
                hint='Set mail.security to "starttls" or "tls".',
            )
        password = mail.password.read().get_secret_value() if mail.password else ""
        pair = f"\0{mail.username}\0{password}"
        encoded = (base64.b64encode(text.encode()).decode() for text in (password, pair))
        # Longest first: one may be part of another.
        self._secrets = tuple(sorted({password, *encoded} - {""}, key=len, reverse=True))
        smtp.login(mail.username, password)

    def _refusal(self, error: Exception) -> Rejected | Retryable:
        words = self._words(error)
        code = _code(error)
        about_the_mail = isinstance(error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError))
        if about_the_mail and 500 <= code <= 599 and code not in _LOGIN_CODES:
            return Rejected("The mail server refused it for good.", remote=words)
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return Rejected("The mail server cannot write to such an address.", remote=words)
        return Unavailable("The mail server does not take it now.", remote=words)

    def _words(self, error: Exception) -> str:
        if isinstance(error, ExcuditError):
            words = f"{error.message} {error.hint}"
        elif isinstance(error, smtplib.SMTPRecipientsRefused):
            words = " ".join(_answer(*refusal) for refusal in error.recipients.values())
        elif isinstance(error, smtplib.SMTPResponseException):
            words = _answer(error.smtp_code, error.smtp_error)
        else:
            words = str(error) or type(error).__name__
        for secret in self._secrets:
            words = words.replace(secret, "[redacted]")
        return words.strip()[:MAX_WORDS]

    def _cut(self) -> None:
        smtp = self._smtp
        sock = smtp.sock if smtp is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown, which pulls the TLS state from under a reading thread.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _own_name(mail: Mail) -> str:
    # smtplib would ask the DNS for it, without any time-out.
    name = socket.gethostname()
    return name if "." in name and name.isascii() else domain(mail.sender)
