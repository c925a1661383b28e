"""A real SMTP server on loopback whose mailbox one can look at in a browser."""

from excudit.sandbox.smtp.faults import Faults
from excudit.sandbox.smtp.mailbox import Mailbox

__all__ = ["Faults", "Mailbox"]
