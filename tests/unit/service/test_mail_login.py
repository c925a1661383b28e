"""The way to a mail server that wants TLS and a login: no password ever leaks."""

from __future__ import annotations

import base64
import socket
import threading
from pathlib import Path

import pytest
from mail_outbox import NOW, Table, row, to

import certificate as certificates
from excudit.sandbox.smtp import Mailbox
from excudit.service.mail import send_due
from excudit.settings import Mail, Secret

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_logs_in_over_tls(
    tmp_path: Path, certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    outbox = Table(row(1), row(2))
    with Mailbox(
        tmp_path,
        security=security,  # type: ignore[arg-type]
        certificate=certificate,
        accounts={"excudit": PASSWORD},
    ) as mailbox:
        mail = to(
            mailbox, security=security, username="excudit", password=Secret(env="MAIL_PASSWORD")
        )
        assert send_due(outbox, mail, now=NOW) == 2, outbox.words
        assert len(mailbox.messages()) == 2


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, certificate: Path) -> None:
    outbox = Table(row())
    with Mailbox(tmp_path, security="starttls", certificate=certificate) as mailbox:
        assert send_due(outbox, to(mailbox, security="starttls"), now=NOW) == 0
        assert mailbox.messages() == []
    assert "CERTIFICATE_VERIFY_FAILED" in outbox.words[1]


def test_a_wrong_password_is_told_without_the_password(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    outbox = Table(row())
    with Mailbox(
        tmp_path, security="starttls", certificate=certificate, accounts={"excudit": "other"}
    ) as mailbox:
        secret = Secret(env="MAIL_PASSWORD")
        mail = to(mailbox, security="starttls", username="excudit", password=secret)
        assert send_due(outbox, mail, now=NOW) == 0
    assert "535" in outbox.words[1]
    assert PASSWORD not in outbox.words[1]
    assert outbox.next_try[1] is not None


def test_a_password_echoed_by_the_server_is_redacted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    encoded = base64.b64encode(f"\0excudit\0{PASSWORD}".encode()).decode()
    script = [
        b"220 here\r\n",
        b"250-here\r\n250 AUTH PLAIN\r\n",
        f"535 no: {PASSWORD} {encoded}\r\n".encode(),
    ]

    def play(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as lines:
            for answer in script:
                connection.sendall(answer)
                lines.readline()

    outbox = Table(row())
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=play, args=(server,))
        thread.start()
        mail = Mail(
            host="127.0.0.1",
            port=server.getsockname()[1],
            username="excudit",
            password=Secret(env="MAIL_PASSWORD"),
        )
        assert send_due(outbox, mail, now=NOW, timeout_s=5) == 0
        thread.join()
    assert "535 no: [redacted] [redacted]" in outbox.words[1]


def test_a_password_never_crosses_an_open_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    hostname = socket.gethostname()
    with socket.create_server(("", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"220 here\r\n")
                heard.append(connection.recv(100))

        heard: list[bytes] = []
        thread = threading.Thread(target=greet)
        thread.start()
        outbox = Table(row())
        mail = Mail(
            host=hostname,
            port=server.getsockname()[1],
            username="excudit",
            password=Secret(env="MAIL_PASSWORD"),
        )
        send_due(outbox, mail, now=NOW, timeout_s=5)
        thread.join()
    assert heard == [b""]
    assert "unprotected" in outbox.words[1]
    assert 'mail.security to "starttls"' in outbox.words[1]
