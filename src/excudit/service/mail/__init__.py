"""Mail: what it says (`compose`), how it looks on the wire, and how it leaves the outbox."""

from excudit.service.mail.compose import Composed, bundle, compose
from excudit.service.mail.events import COMMON, EVENTS
from excudit.service.mail.message import as_message, message_id, thread_id
from excudit.service.mail.send import Outbox, Outgoing, send_due
from excudit.service.mail.sender import Sender

__all__ = [
    "COMMON",
    "EVENTS",
    "Composed",
    "Outbox",
    "Outgoing",
    "Sender",
    "as_message",
    "bundle",
    "compose",
    "message_id",
    "send_due",
    "thread_id",
]
