"""From an event and its context to the words of a mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup

from excudit.service.mail.events import COMMON, EVENTS, MailEvent
from excudit.service.mail.words import HTML, TEXT, clean, line, page
from excudit.settings import Site

MAX_TITLE = 150
"""Characters of a title in a subject; a longer one is cut, the mail itself has it whole."""


@dataclass(frozen=True, slots=True)
class Composed:
    """The words of one mail, ready for the outbox: one line of subject, and the twin bodies."""

    subject: str
    text: str
    html: str


def compose(
    event: str,
    context: Mapping[str, Any],
    *,
    site: Site,
    recipient: str,
    section: bool = False,
) -> Composed:
    """The mail of `event` for one recipient. Pure: the same arguments give the same mail.

    With `section` the bodies are those of a section, for `bundle` to put several into one mail.

    `context` holds the keys of `COMMON` and of `EVENTS[event]`, no others: what a mail may say is
    decided by the table, not by the caller. Any text in it is safe, also from strangers.
    Raises ValueError for an unknown event, for missing and unknown keys (all at once), and for a
    link that a mail must not carry.
    """
    kind = EVENTS.get(event)
    if kind is None:
        raise ValueError(f"there is no mail for {event!r}; there are: {', '.join(EVENTS)}")
    values = _checked(kind, clean(context))
    subject = _subject(kind, values)
    values |= {
        "link": page(site, values["link"]),
        "page": partial(page, site),
        "site": site,
        "subject": subject,
        "recipient": clean(recipient),
        "heading": "h2" if section else "h1",
    }
    layout = "section" if section else "layout"
    parts = (
        environment.get_template(f"{event}.j2").render(values, layout=f"{layout}.{ending}")
        for environment, ending in ((TEXT, "txt"), (HTML, "html"))
    )
    return Composed(subject, *parts)


def bundle(
    subject: str,
    lead: str,
    sections: Sequence[Composed],
    *,
    site: Site,
    recipient: str,
    why: str,
    preferences: str = "/preferences",
) -> Composed:
    """Several mails as one; `sections` come from `compose` with `section`, `lead` is its first
    line. Pure."""
    values = {
        "subject": line(clean(subject)),
        "lead": line(clean(lead)),
        "site": site,
        "page": partial(page, site),
        "recipient": clean(recipient),
        "why": clean(why),
        "preferences": preferences,
    }
    text = TEXT.get_template("bundle.txt").render(
        values, sections=[one.text.strip() for one in sections]
    )
    html = HTML.get_template("bundle.html").render(
        values,
        sections=[Markup(one.html) for one in sections],  # noqa: S704 -- our own templates'
    )
    return Composed(str(values["subject"]), text, html)


def _checked(kind: MailEvent, context: dict[str, Any]) -> dict[str, Any]:
    keys = {key.name: key for key in (*COMMON, *kind.keys)}
    missing = [k.name for k in keys.values() if k.required and context.get(k.name) is None]
    unknown = [name for name in context if name not in keys]
    if missing or unknown:
        raise ValueError(
            f"the mail {kind.name!r} lacks: {', '.join(missing) or 'nothing'};"
            f" does not know: {', '.join(unknown) or 'nothing'}"
        )
    return dict.fromkeys(keys, "") | {k: v for k, v in context.items() if v is not None}


def _subject(kind: MailEvent, values: Mapping[str, Any]) -> str:
    title = line(values["title"])
    if len(title) > MAX_TITLE:
        title = title[: MAX_TITLE - 1].rstrip() + "…"
    words = {name: line(v) for name, v in values.items() if isinstance(v, str)}
    return kind.subject.format_map({**words, "title": title}).removesuffix(" – ")
