"""From the words of a mail to the message on the wire (RFC 5322, RFC 3834)."""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from excudit.domain.errors import Rejected
from excudit.service.mail.compose import Composed

_ID = re.compile(r"<[\w.+-]+@[\w.-]+>", re.ASCII)
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
    if not composed.subject.isprintable():
        raise Rejected("The subject has a line break or a control sign.", hint="Use compose().")
    message = EmailMessage(policy=SMTP)
    message["From"] = address(sender)
    message["To"] = address(recipient)
    message["Subject"] = composed.subject
    if date is not None:
        message["Date"] = date
    message["Message-ID"] = message_id
    message["In-Reply-To"] = thread_id
    message["References"] = thread_id
    message["Auto-Submitted"] = "auto-generated"
    # Exchange answers auto-generated mail with absence notes unless it is told not to.
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(composed.text)
    message.add_alternative(composed.html, subtype="html")
    return message


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
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise _refused(text, "It has a line break or a control sign.")
    found = _NAMED.fullmatch(text.strip())
    name, spec = (found["name"], found["address"]) if found else ("", text)
    local, _, host = spec.strip().rpartition("@")
    try:
        host = host.encode("idna").decode("ascii")
        made = Address(display_name=name.strip().strip('"'), addr_spec=f"{local}@{host}")
    except (ValueError, IndexError, MessageError) as error:
        raise _refused(text, "It is no mailbox.") from error
    if not (local and host) or re.search(r"[\s,;]", spec.strip()):
        raise _refused(text, "It is no single mailbox.")
    return made


def domain(sender: str) -> str:
    """The domain of the sender's address, in ASCII."""
    return address(sender).domain


def _word(text: str) -> str:
    return re.sub(r"[^\w.+-]", "-", text, flags=re.ASCII)


def _refused(text: str, why: str) -> Rejected:
    return Rejected(
        f"{text!r} cannot be the address of a mail. {why}",
        hint="Give it as name@example.org or Name <name@example.org>.",
    )
