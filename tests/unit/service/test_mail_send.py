"""From the outbox to a real SMTP server: once each, whatever the server does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from mail_outbox import NOW, Table, row, to

from excudit.sandbox.smtp import Faults, Mailbox
from excudit.service.mail import EVENTS, Outgoing, Sender, send_due
from excudit.service.mail.send import BATCH, WAITS, next_try
from excudit.settings import Mail


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mails") as mailbox:
        yield mailbox


def ids(mailbox: Mailbox) -> list[str]:
    return [str(message["Message-ID"]) for message in mailbox.messages()]


def test_every_event_arrives_with_both_parts_over_one_connection(mailbox: Mailbox) -> None:
    outbox = Table(*(row(n) for n in range(len(EVENTS))))
    assert send_due(outbox, to(mailbox), now=NOW) == len(EVENTS)
    messages = mailbox.messages()
    assert [m["Subject"] for m in messages] == [r.subject for r in outbox.rows.values()]
    for message, sent in zip(messages, outbox.rows.values(), strict=True):
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Date"].datetime == NOW
        for kind, words in (("plain", sent.text), ("html", sent.html)):
            part = message.get_body((kind,))
            assert part is not None
            assert part.get_content().replace("\r\n", "\n").rstrip() == words.rstrip()
    assert send_due(outbox, to(mailbox), now=NOW) == 0


def test_mails_arrive_in_the_mailbox_that_was_started_again(tmp_path: Path) -> None:
    outbox = Table(row(1), row(2))
    with Mailbox(tmp_path) as first:
        assert send_due(outbox, to(first), now=NOW) == 2
    with Mailbox(tmp_path) as second:
        outbox.add(row(3))
        assert send_due(outbox, to(second), now=NOW) == 1
        assert len(set(ids(second))) == 3


def test_without_a_host_nothing_is_taken_from_the_outbox() -> None:
    outbox = Table(row())
    assert send_due(outbox, Mail(), now=NOW) == 0
    assert outbox.words == {}


def test_temporary_refusals_end_in_exactly_one_mail_per_row(mailbox: Mailbox) -> None:
    outbox = Table(*(row(n) for n in range(5)))
    mailbox.set_faults(Faults(refuse_next=12))
    moment = NOW
    for _ in range(4):
        send_due(outbox, to(mailbox), now=moment)
        moment += timedelta(hours=1)
    assert sorted(outbox.sent_rows) == list(range(5))
    assert len(ids(mailbox)) == len(set(ids(mailbox))) == 5
    assert "451 4.3.0 The mailbox is not available right now" in outbox.words[4]


def test_a_refused_mail_waits_and_the_others_go(mailbox: Mailbox) -> None:
    outbox = Table(*(row(n) for n in range(3)))
    mailbox.set_faults(Faults(refuse_next=1))
    assert send_due(outbox, to(mailbox), now=NOW) == 2
    assert outbox.next_try[0] == NOW + timedelta(minutes=1)


def test_a_permanent_refusal_is_given_up_at_once_with_the_servers_words(mailbox: Mailbox) -> None:
    outbox = Table(row(1, "x@gone.example"), row(2))
    mailbox.set_faults(Faults(refuse_address="*@gone.example"))
    assert send_due(outbox, to(mailbox), now=NOW) == 1
    assert outbox.next_try[1] is None
    assert "550 5.1.1 No such mailbox here" in outbox.words[1]
    assert outbox.sent_rows == [2]


@pytest.mark.parametrize(("when", "arrived"), [("before", 3), ("after", 4)])
def test_a_cut_connection_repeats_under_the_same_message_id(
    mailbox: Mailbox, when: str, arrived: int
) -> None:
    outbox = Table(*(row(n) for n in range(3)))
    mailbox.set_faults(Faults.model_validate({"drop_next": 1, "drop_when": when}))
    assert send_due(outbox, to(mailbox), now=NOW) == 2
    assert outbox.words == {0: "The connection to the mail server broke."}
    assert send_due(outbox, to(mailbox), now=NOW + timedelta(minutes=1)) == 1
    assert len(ids(mailbox)) == arrived
    assert len(set(ids(mailbox))) == 3


def test_a_server_that_is_down_costs_one_try_and_loses_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    outbox = Table(*(row(n) for n in range(3)))
    assert send_due(outbox, Mail(host="127.0.0.1", port=port), now=NOW) == 0
    assert set(outbox.next_try.values()) == {NOW + timedelta(minutes=1)}
    assert f"127.0.0.1:{port} cannot be used" in outbox.words[0]
    assert "refused" in outbox.words[0]


def test_a_host_that_does_not_exist_is_a_temporary_failure() -> None:
    outbox = Table(row())
    assert send_due(outbox, Mail(host="mail.invalid"), now=NOW) == 0
    assert outbox.next_try[1] == NOW + timedelta(minutes=1)


def test_a_server_that_never_answers_takes_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outbox = Table(*(row(n) for n in range(9)))
        mail = Mail(host="127.0.0.1", port=silent.getsockname()[1])
        began = time.monotonic()
        assert send_due(outbox, mail, now=NOW, timeout_s=0.3) == 0
        assert time.monotonic() - began < 5
        assert "timed out" in outbox.words[8]


def test_a_server_that_drips_is_cut_when_the_time_is_over() -> None:
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            while not ended.wait(0.05):
                try:
                    connection.sendall(b"220-still\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        outbox = Table(row())
        mail = Mail(host="127.0.0.1", port=server.getsockname()[1])
        began = time.monotonic()
        assert send_due(outbox, mail, now=NOW, timeout_s=5, budget_s=0.5) == 0
        assert time.monotonic() - began < 4
        ended.set()
        thread.join()
    assert outbox.next_try[1] == NOW + timedelta(minutes=1)


def test_a_slow_server_gets_as_many_as_the_time_allows_and_the_rest_stays_due(
    mailbox: Mailbox,
) -> None:
    outbox = Table(*(row(n) for n in range(40)))
    mailbox.set_faults(Faults(slow_s=0.1))
    sent = send_due(outbox, to(mailbox), now=NOW, budget_s=3)
    assert 0 < sent < 40
    assert len(outbox.words) <= 1
    mailbox.set_faults(Faults())
    later = NOW + timedelta(hours=1)
    assert send_due(outbox, to(mailbox), now=later) == 40 - sent
    assert len(set(ids(mailbox))) == 40


def test_a_server_that_speaks_no_smtp_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        outbox = Table(row())
        mail = Mail(host="127.0.0.1", port=server.getsockname()[1])
        assert send_due(outbox, mail, now=NOW) == 0
        thread.join()
    assert outbox.next_try[1] is not None
    assert "cannot be used" in outbox.words[1]


def test_a_missing_password_or_a_bad_sender_gives_no_mail_up(mailbox: Mailbox) -> None:
    for changes, words in (
        ({"username": "x", "password": {"file": "/nowhere/secret"}}, "/nowhere/secret"),
        ({"sender": "nobody"}, "mail.sender"),
    ):
        outbox = Table(row())
        assert send_due(outbox, to(mailbox, **changes), now=NOW) == 0
        assert words in outbox.words[1]
        assert outbox.next_try[1] == NOW + timedelta(minutes=1)


def test_a_bad_address_is_given_up_and_stops_nobody_else(mailbox: Mailbox) -> None:
    outbox = Table(row(1, "Ada"), row(2))
    assert send_due(outbox, to(mailbox), now=NOW) == 1
    assert outbox.next_try[1] is None
    assert "cannot be the address" in outbox.words[1]


def test_an_address_in_another_script_arrives(mailbox: Mailbox) -> None:
    outbox = Table(row(1, "Δοκιμή <δοκιμή@sandbox.example>"))
    assert send_due(outbox, to(mailbox), now=NOW) == 1, outbox.words
    assert mailbox.messages()[0]["To"].addresses[0].addr_spec == "δοκιμή@sandbox.example"


def test_waits_grow_from_a_minute_to_six_hours_and_end_after_three_days() -> None:
    assert list(WAITS) == sorted(WAITS)
    assert (WAITS[0], WAITS[-1]) == (timedelta(minutes=1), timedelta(hours=6))
    assert timedelta(days=3) <= sum(WAITS, timedelta()) < timedelta(days=3, hours=6)
    assert next_try(len(WAITS) - 1, NOW) == NOW + timedelta(hours=6)
    assert next_try(len(WAITS), NOW) is None


def test_stops_between_two_mails_when_told(mailbox: Mailbox) -> None:
    stop = threading.Event()
    stop.set()
    assert send_due(Table(row()), to(mailbox), now=NOW, stop=stop) == 0


def test_the_sender_sends_at_once_when_woken_and_more_than_a_batch(mailbox: Mailbox) -> None:
    outbox = Table(row(1))
    sender = Sender(outbox, to(mailbox), interval=3600)
    sender.start()
    outbox.wait_for_sent(1)
    numbers = range(2, BATCH + 5)
    for number in numbers:
        outbox.add(row(number))
    sender.wake()
    outbox.wait_for_sent(*numbers)
    sender.stop()
    assert len(ids(mailbox)) == len(set(ids(mailbox))) == BATCH + 4


def test_the_sender_outlives_a_failing_outbox(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Table):
        down = True

        def due(self, now: datetime, limit: int) -> list[Outgoing]:
            if self.down:
                self.down = False
                raise ConnectionError("the database is away")
            return super().due(now, limit)

    outbox = Broken(row(1))
    sender = Sender(outbox, to(mailbox), interval=0.01)
    sender.start()
    outbox.wait_for_sent(1)
    sender.stop()
    assert "A round of sending mail failed" in caplog.text
