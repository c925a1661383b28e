"""How mails look on the wire: headers that hold, addresses in any script, one thread."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from excudit.domain.errors import Rejected
from excudit.service.mail import Composed, as_message, message_id, thread_id
from excudit.service.mail.message import address

SENDER = "Data office <excudit@publish.example.org>"
WORDS = Composed("Published: Ægir – 10.5072/x", "Text ✓\n", "<p>HTML ✓</p>")
THREAD = "0195a1c2-7000"


def made(
    words: Composed = WORDS, *, recipient: str = "ada@example.org", row: int = 7
) -> EmailMessage:
    """A message as its receiver parses it."""
    message = as_message(
        words,
        SENDER,
        recipient,
        message_id(row, THREAD, SENDER),
        thread_id(THREAD, SENDER),
        date=datetime(2026, 3, 2, tzinfo=UTC),
    )
    # As smtplib writes it: SMTPUTF8 (RFC 6531) where the address needs it.
    written = message.policy.clone(utf8=not message["To"].isascii())
    return message_from_bytes(message.as_bytes(policy=written), policy=policy.default)


def test_has_a_text_and_an_html_part() -> None:
    message = made()
    assert message.get_content_type() == "multipart/alternative"
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    words = [part.get_content() for part in parts if part]
    assert words == ["Text ✓\r\n", "<p>HTML ✓</p>\r\n"]


def test_says_that_nobody_should_answer_by_machine() -> None:
    assert made()["Auto-Submitted"] == "auto-generated"


def test_the_message_id_depends_on_the_row_alone() -> None:
    assert made(row=7)["Message-ID"] == made(row=7)["Message-ID"]
    assert made(row=7)["Message-ID"] != made(row=8)["Message-ID"]
    assert made()["Message-ID"] == "<0195a1c2-7000.7@publish.example.org>"


def test_all_mails_of_a_publication_are_one_thread() -> None:
    assert made(row=1)["References"] == made(row=2)["References"]
    assert made(row=1)["References"] == made(row=1)["In-Reply-To"]
    assert made()["References"] == "<0195a1c2-7000@publish.example.org>"


def test_a_long_subject_in_any_script_arrives_whole() -> None:
    for subject in (
        "Published: " + "مياه البحر 🌊 " * 20 + "– 10.5072/x",
        "👩🏽‍🔬",
        "=?utf-8?q?x?=",
        "a b " * 60 + "c",
    ):
        assert made(Composed(subject, "t", "h"))["Subject"] == subject


@pytest.mark.parametrize(
    ("given_", "name", "spec"),
    [
        ("ada@example.org", "", "ada@example.org"),
        ("Ada Lovelace <ada@example.org>", "Ada Lovelace", "ada@example.org"),
        ('"Lovelace, Ada" <ada@example.org>', "Lovelace, Ada", "ada@example.org"),
        ("Lovelace, Ada <ada@example.org>", "Lovelace, Ada", "ada@example.org"),
        ("Jörg Müller <j@example.org>", "Jörg Müller", "j@example.org"),
        ("عائشة <a@example.org>", "عائشة", "a@example.org"),
        ("👩🏽‍🔬 Ada, PhD <a@example.org>", "👩🏽‍🔬 Ada, PhD", "a@example.org"),
        ('Ada "the first" Lovelace <a@example.org>', 'Ada "the first" Lovelace', "a@example.org"),
        ("x@bücher.example", "", "x@xn--bcher-kva.example"),
        ("excudit@localhost", "", "excudit@localhost"),
    ],
)
def test_names_in_any_script_arrive_as_one_address(given_: str, name: str, spec: str) -> None:
    (arrived,) = made(recipient=given_)["To"].addresses
    assert (arrived.display_name, arrived.addr_spec) == (name, spec)


def test_a_long_name_arrives_whole() -> None:
    # read by RFC 2047 alone: the newer parser of Python 3.11 adds spaces between encoded-words
    raw = as_message(WORDS, SENDER, "李" * 60 + " <li@example.org>", "<a@b>", "<c@d>").as_bytes()
    (header,) = re.findall(rb"^To: ([^\r\n]*(?:\r\n [^\r\n]*)*)", raw, re.MULTILINE)
    assert str(make_header(decode_header(header.decode()))) == "李" * 60 + " <li@example.org>"
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


def test_everything_on_the_wire_is_ascii() -> None:
    as_message(
        WORDS, "Jörg <a@b.example>", "عائشة <a@b.example>", "<a@b>", "<c@d>"
    ).as_bytes().decode("ascii")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "a b@example.org",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "Ada <a@example.org> <b@example.org>",
        "Ada <a@example.org>, <b@example.org>",
        "a@b@example.org",
        "a@exa mple.org",
        "a@" + "x" * 300,
        "Ada\r\nBcc: all@example.org <a@example.org>",
        "a@example.org\nBcc: all@example.org",
        "a\x00@example.org",
        "a@example..org",
        "a@[127.0.0.1\r]",
    ],
)
def test_refuses_what_is_no_single_address(bad: str) -> None:
    with pytest.raises(Rejected, match="cannot be the address"):
        made(recipient=bad)


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\x00b", "a\u2028b"])
def test_refuses_a_subject_that_would_start_a_new_header(bad: str) -> None:
    with pytest.raises(Rejected, match="subject"):
        made(Composed(bad, "t", "h"))


@pytest.mark.parametrize("bad", ["", "x", "<a b@c>", "<a@b>\r\nBcc: <c@d>", "<a@b> <c@d>"])
def test_refuses_an_identifier_that_is_none(bad: str) -> None:
    with pytest.raises(Rejected, match="identifier"):
        as_message(WORDS, SENDER, "a@example.org", bad, thread_id(THREAD, SENDER))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
@example("¡@0")
def test_any_text_is_one_address_or_refused(text: str) -> None:
    try:
        address(text)
    except Rejected:
        return
    assert len(made(recipient=text)["To"].addresses) == 1


@settings(max_examples=200, deadline=None)
@given(
    name=st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters='<>"\\'),
        max_size=90,
    )
)
def test_any_name_leaves_the_address_alone(name: str) -> None:
    message = made(recipient=f"{name} <a@example.org>")
    assert [a.addr_spec for a in message["To"].addresses] == ["a@example.org"]
    assert set(message.keys()) <= {
        *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
        *("Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"),
    }
