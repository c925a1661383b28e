"""The rules of the check, and the mails."""

from __future__ import annotations

from excudit.metadata.rules import RULES
from excudit.service.mail import COMMON, EVENTS
from excudit.service.mail.events import Key
from reference.tables import code, plain, table


def rules() -> str:
    """Every rule, in the order of the table."""
    rows = [[code(r.name), r.severity, plain(r.sentence), plain(r.source)] for r in RULES.values()]
    return table(["Rule", "Severity", "What it demands", "Source"], rows)


def mails() -> str:
    """Every mail: when, to whom, with which subject and values."""
    sent = table(
        ["Mail", "Sent when", "To", "Subject"],
        ([code(e.name), plain(e.when), e.recipients, plain(e.subject)] for e in EVENTS.values()),
    )
    keys = "\n".join(f"### {e.name}\n\n{_keys(e.keys)}" for e in EVENTS.values())
    common = f"### In every mail\n\n{_keys(COMMON)}"
    return f"{sent}\n## What templates are given\n\n{common}\n{keys}"


def _keys(keys: tuple[Key, ...]) -> str:
    rows = [[code(k.name), plain(k.meaning), "yes" if k.required else "no"] for k in keys]
    return table(["Value", "Meaning", "Always there"], rows)
