"""The sandbox's mailbox: a real SMTP server whose mails can be looked at."""

from __future__ import annotations

import contextlib
import json
import smtplib
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import certificate as certificates
from excudit.sandbox.smtp import Faults, Mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mails") as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("tls"))


def a_mail(subject: str = "Published: Ægir – 10.5072/x", **more: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "excudit@sandbox.example"
    mail["To"] = more.get("to", "ada@sandbox.example")
    mail["Subject"] = subject
    mail.set_content(more.get("text", "It is public at https://a.example/x?y=1 <now> ✓\n"))
    mail.add_alternative(more.get("html", "<p>It is <b>public</b>.</p>"), subtype="html")
    return mail


def send(mailbox: Mailbox, *mails: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as smtp:
        for mail in mails:
            smtp.send_message(mail)


def get(url: str) -> tuple[str, Any]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode(), answer.headers


def put_faults(mailbox: Mailbox, faults: dict[str, Any], method: str = "PUT") -> dict[str, Any]:
    request = urllib.request.Request(
        f"{mailbox.url}/_sandbox/faults",
        json.dumps(faults).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


def test_keeps_every_mail_in_the_order_of_arrival(mailbox: Mailbox) -> None:
    send(mailbox, a_mail("first"), a_mail("second – ✓"))
    assert [m["Subject"] for m in mailbox.messages()] == ["first", "second – ✓"]
    body = mailbox.messages()[0].get_body(("plain",))
    assert body is not None
    assert "✓" in body.get_content()


def test_stores_the_mail_before_it_says_ok(mailbox: Mailbox, tmp_path: Path) -> None:
    send(mailbox, a_mail())
    files = list((tmp_path / "mails").iterdir())
    assert [f.suffix for f in files] == [".eml"]


def test_mails_survive_a_restart_and_new_ones_come_after_them(tmp_path: Path) -> None:
    with Mailbox(tmp_path) as before:
        send(before, a_mail("old"))
    with Mailbox(tmp_path) as after:
        send(after, a_mail("new"))
        assert [m["Subject"] for m in after.messages()] == ["old", "new"]


def test_answers_on_the_ports_it_is_given(tmp_path: Path) -> None:
    with Mailbox(tmp_path / "a") as first:
        smtp_port, web = first.smtp_port, first.url
    web_port = int(web.rpartition(":")[2])
    with Mailbox(tmp_path / "a", smtp_port=smtp_port, web_port=web_port) as again:
        assert (again.smtp_port, again.url) == (smtp_port, web)
        send(again, a_mail())


def test_says_so_when_a_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        mailbox = Mailbox(tmp_path, smtp_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            mailbox.start()


def test_lists_mails_newest_first_as_json(mailbox: Mailbox) -> None:
    send(mailbox, a_mail("first"), a_mail("second"))
    mails = json.loads(get(f"{mailbox.url}/messages")[0])
    assert [m["subject"] for m in mails] == ["second", "first"]
    assert mails[0]["sender"] == "excudit@sandbox.example"
    assert mails[0]["recipients"] == ["ada@sandbox.example"]
    assert "✓" in mails[0]["text"]
    assert "<b>public</b>" in mails[0]["html"]


def test_the_page_lists_and_shows_a_mail_with_both_parts(mailbox: Mailbox) -> None:
    assert "No mail yet" in get(mailbox.url)[0]
    send(mailbox, a_mail("first"), a_mail("second"))
    index = get(mailbox.url)[0]
    assert index.index(">second<") < index.index(">first<")
    name = json.loads(get(f"{mailbox.url}/messages")[0])[0]["name"]
    page = get(f"{mailbox.url}/messages/{name}")[0]
    assert '<a href="https://a.example/x?y=1"' in page
    assert "&lt;now&gt;" in page
    assert f'<iframe src="/messages/{name}/html"' in page
    assert " sandbox>" in page


def test_a_hostile_mail_stays_text(mailbox: Mailbox) -> None:
    evil = "<script>alert(1)</script>"
    send(mailbox, a_mail(evil, to=f'"{evil}" <eve@x.example>', text=evil, html=evil))
    name = json.loads(get(f"{mailbox.url}/messages")[0])[0]["name"]
    for path in ("/", f"/messages/{name}"):
        page, headers = get(mailbox.url + path)
        assert "<script" not in page
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    _, headers = get(f"{mailbox.url}/messages/{name}/html")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Content-Security-Policy"].endswith("sandbox")
    source, headers = get(f"{mailbox.url}/messages/{name}/source")
    assert evil in source
    assert headers.get_content_type() == "text/plain"


@pytest.mark.parametrize("name", ["..%2Fsecret", "20260101T000000.000000Z-000001", "x"])
def test_finds_only_mails(mailbox: Mailbox, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_text("secret")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{mailbox.url}/messages/{name}/source")


def test_keeps_an_envelope_address_in_any_script(mailbox: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as smtp:
        smtp.send_message(a_mail(), "a@b.example", ["δοκιμή@παράδειγμα.example"])
    mail = json.loads(get(f"{mailbox.url}/messages")[0])[0]
    assert mail["recipients"] == ["δοκιμή@παράδειγμα.example"]


def test_shows_raw_bytes_in_headers_as_well_as_they_can_be_read(mailbox: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as smtp:
        body = "Subject: Привет \udcff\r\n\r\nдень\r\n".encode("utf-8", "surrogateescape")
        smtp.sendmail("a@b.example", ["c@d.example"], body)
    mail = json.loads(get(f"{mailbox.url}/messages")[0])[0]
    assert mail["subject"] == "Привет \ufffd"
    assert "Привет" in get(mailbox.url)[0]
    assert "<pre>" in get(f"{mailbox.url}/messages/{mail['name']}")[0]


def test_refuses_the_next_mails_for_now(mailbox: Mailbox) -> None:
    assert put_faults(mailbox, {"refuse_next": 2})["refuse_next"] == 2
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(mailbox, a_mail())
        assert refused.value.recipients["ada@sandbox.example"][0] == 451
    send(mailbox, a_mail())
    assert len(mailbox.messages()) == 1


def test_refuses_an_address_for_good_until_told_otherwise(mailbox: Mailbox) -> None:
    put_faults(mailbox, {"refuse_address": "*@GONE.example"})
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(mailbox, a_mail(to="x@gone.example"))
        assert refused.value.recipients["x@gone.example"][0] == 550
    send(mailbox, a_mail())
    put_faults(mailbox, {}, method="DELETE")
    send(mailbox, a_mail(to="x@gone.example"))
    assert len(mailbox.messages()) == 2


@pytest.mark.parametrize(("when", "kept"), [("before", 0), ("after", 1)])
def test_cuts_the_connection_before_or_after_it_stores(
    mailbox: Mailbox, when: str, kept: int
) -> None:
    put_faults(mailbox, {"drop_next": 1, "drop_when": when})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mailbox, a_mail())
    assert len(mailbox.messages()) == kept
    send(mailbox, a_mail())
    assert len(mailbox.messages()) == kept + 1


def test_answers_slowly(mailbox: Mailbox) -> None:
    mailbox.set_faults(Faults(slow_s=60))
    smtp = smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=0.3)
    with contextlib.closing(smtp), pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        smtp.send_message(a_mail())


def test_an_unknown_fault_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(urllib.error.HTTPError, match="422"):
        put_faults(mailbox, {"explode": True})


def test_a_full_disk_is_a_temporary_refusal(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "mails").rmdir()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(mailbox, a_mail())
    assert refused.value.smtp_code == 452


def test_a_login_is_checked_over_starttls(tmp_path: Path, certificate: Path) -> None:
    context = ssl.create_default_context(cafile=certificate)
    with (
        Mailbox(
            tmp_path / "m", security="starttls", certificate=certificate, accounts={"ada": "pw"}
        ) as mailbox,
        smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=10) as smtp,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            smtp.send_message(a_mail())
        smtp.starttls(context=context)
        with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
            smtp.send_message(a_mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("ada", "wrong")
        smtp.login("ada", "pw")
        smtp.send_message(a_mail())
        assert len(mailbox.messages()) == 1


def test_runs_as_a_module_until_it_is_told_to_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "excudit.sandbox.smtp", str(tmp_path)]
    with subprocess.Popen(
        [*command, "--smtp-port", "0", "--web-port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        url = next(word for word in words if word.startswith("http"))
        assert get(f"{url}messages")[0] == "[]"
        process.terminate()
        assert process.wait(timeout=20) == 0
