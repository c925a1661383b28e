"""From the words of a mail to the message on the wire (RFC 5322, RFC 3834)."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from email import message_from_string
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from excudit.domain.errors import Rejected
from excudit.service.mail.compose import Composed

# All is ASCII on the wire, and header lines leave as they were written here.
_POLICY = SMTP.clone(cte_type="7bit", refold_source="none")
MAX_PLAIN = 66
"""Characters of a header's words that fit on one line after its name (RFC 5322 §2.1.1)."""
MAX_CHUNK = 39
"""Octets in one encoded-word, so that its line keeps within 76 characters (RFC 2047 §2)."""
# Controls, line separators and lone surrogates.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ID = re.compile(r"<[\w.+-]+@[\w.-]+>", re.ASCII)
# A dot-atom, in any script (RFC 5322 §3.4.1, RFC 6532 §3.2); quoted local parts are not taken.
_LOCAL = re.compile(r"""[^\s@<>()\[\]\\,;:".]+(\.[^\s@<>()\[\]\\,;:".]+)*""")
_HOST = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_NAMED = re.compile(r"(?P<name>.*?)<(?P<address>[^<>]+)>", re.DOTALL)


def as_message(
    composed: Composed,
    sender: str,
    recipient: str,
    message_id: str,
    thread_id: str,
    *,
    date: datetime | None = None,
) -> EmailMessage:
    """The message with a text and an HTML part. The same arguments give the same headers.

    `sender` and `recipient` are "name <address>" or an address; `message_id` and `thread_id` come
    from `message_id` and `thread_id` of this module. All mails of a thread refer to the same
    `thread_id`, which itself is no mail. Raises Rejected for an address or a subject that no
    header can carry.
    """
    for given in (message_id, thread_id):
        if not _ID.fullmatch(given):
            raise Rejected(f"{given!r} is no message identifier.", hint="Make it from a row id.")
    if _UNFIT.search(composed.subject):
        raise Rejected("The subject has a line break or a control sign.", hint="Use compose().")
    headers = {
        "From": _mailbox(address(sender)),
        "To": _mailbox(address(recipient)),
        "Subject": _encoded(composed.subject),
        "Message-ID": message_id,
        "In-Reply-To": thread_id,
        "References": thread_id,
        "Auto-Submitted": "auto-generated",
        # Exchange answers auto-generated mail with absence notes unless it is told not to.
        "X-Auto-Response-Suppress": "All",
    }
    if date is not None:
        headers["Date"] = format_datetime(date)
    body = EmailMessage(policy=_POLICY)
    body.set_content(composed.text)
    body.add_alternative(composed.html, subtype="html")
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return message_from_string(head + body.as_string(), policy=_POLICY)


def message_id(row: int | str, thread: str, sender: str) -> str:
    """The Message-ID of an outbox row, the same at each attempt, so that a repeat after a lost
    answer can be recognised as one."""
    return f"<{_word(thread)}.{_word(str(row))}@{domain(sender)}>"


def thread_id(thread: str, sender: str) -> str:
    """The identifier that all mails of one publication refer to."""
    return f"<{_word(thread)}@{domain(sender)}>"


def address(text: str) -> Address:
    """A mailbox out of "name <address>" or an address, any script in the name.

    The domain is given in its ASCII form (RFC 5890). Raises Rejected when it is none.
    """
    if _UNFIT.search(text):
        raise _refused(text, "It has a line break or a control sign.")
    found = _NAMED.fullmatch(text.strip())
    name, spec = (found["name"], found["address"]) if found else ("", text)
    local, _, host = spec.strip().rpartition("@")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _refused(text, "Its domain is none.") from error
    if not (_LOCAL.fullmatch(local) and _HOST.fullmatch(host)) or "<" in name or ">" in name:
        raise _refused(text, "It is no single mailbox.")
    return Address(name.strip().strip('"'), local, host)


def domain(sender: str) -> str:
    """The domain of the sender's address, in ASCII."""
    return address(sender).domain


def _mailbox(who: Address) -> str:
    encoded = _encoded(who.display_name)
    return str(who) if encoded == who.display_name else f"{encoded}\r\n <{who.addr_spec}>"


def _encoded(text: str) -> str:
    """Words of a header as RFC 2047 encoded-words where they are not short plain ASCII.

    Python 3.11's own folding loses and adds spaces between encoded-words.
    """
    if text.isascii() and len(text) <= MAX_PLAIN and "=?" not in text:
        return text
    chunks = [""]
    for sign in text:
        if len((chunks[-1] + sign).encode()) > MAX_CHUNK:
            chunks.append("")
        chunks[-1] += sign
    words = (base64.b64encode(chunk.encode()).decode() for chunk in chunks)
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _word(text: str) -> str:
    return re.sub(r"[^\w.+-]", "-", text, flags=re.ASCII)


def _refused(text: str, why: str) -> Rejected:
    return Rejected(
        f"{text!r} cannot be the address of a mail. {why}",
        hint="Give it as name@example.org or Name <name@example.org>.",
    )
