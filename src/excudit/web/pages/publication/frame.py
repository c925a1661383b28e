"""What all tabs of a publication share: its head, the tabs, the buttons and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import Request
from starlette.responses import Response

from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.service import looking, overview, reminders, wording
from excudit.service.findings import Found
from excudit.service.headline import WHO_WORDS
from excudit.service.overview import Choice, Head
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.figures import count
from excudit.web.pages.form import findings
from excudit.web.pages.form import show as form
from excudit.web.pages.preferences import TITLES
from excudit.web.pages.publication import words
from excudit.web.visitors import Person

TABS = (
    # path below the publication, words
    ("", "Overview"),
    ("/files", "Files"),
    ("/data", "Data"),
    ("/metadata", "Metadata"),
    ("/changes", "Changes"),
    ("/discussion", "Discussion"),
    ("/history", "History"),
    ("/mails", "Mails"),
)

Kind = Literal["link", "press"]
BUTTONS: tuple[tuple[str, str, str, Kind, str], ...] = (
    # action, words ("" = the table's own), address below the publication, how, look
    ("submit", "", "/submit", "press", "main"),
    ("edit", "", "/edit", "link", ""),
    ("approve", "Review", "/review", "link", "main"),
    ("publish", "", "/publish", "link", "main"),
    ("decide", "Suggestions", "/suggestions", "link", ""),
    ("suggest", "", "/suggest", "link", ""),
    ("assign", "", "/assign", "link", ""),
    ("label", "", "/label", "link", ""),
    ("recall", "", "/recall", "link", ""),
    ("preview", "Preview links", "/previews", "link", ""),
    ("schedule", "", "/schedule", "link", ""),
    ("amend", "", "/amend", "link", ""),
    ("new_version", "", "/new-version", "link", ""),
    ("withdraw", "", "/withdraw", "link", ""),
    ("export", "", "/export", "link", ""),
    ("copy", "", "/copy", "press", ""),
    ("archive", "", "/archive", "press", ""),
    ("cancel", "", "/cancel", "link", ""),
    ("delete", "", "/delete", "link", ""),
)
_IN_PLACE = ("retry", "stop", "collaborate")


def show(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    tab: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
) -> Response:
    """A tab below the publication's head. Strangers get the words for what is not there."""
    top = overview.head(parts, person.actor, publication)
    around = {**of_head(parts, top), "tab": tab}
    template = f"publication/{tab.strip('/') or 'overview'}.html"
    return shell.show(request, person, template, {**around, **values}, status=status)


def of_head(parts: Parts, top: Head) -> dict[str, Any]:
    """What the head of every tab needs."""
    route = parts.settings.routes.get(top.publication.route)
    words_here = wording.vocabulary(parts, top.publication.route)
    return {
        "top": top,
        "publication": top.publication,
        "called": top.called,
        "route_title": (route.title if route else "") or top.publication.route,
        "who_words": WHO_WORDS,
        "acting_name": words.acting(top.acts, top.called),
        "buttons": buttons(top),
        "missing": missing(top),
        "reminder": reminders.next_reminder(parts, top.publication),
        "form_link": lambda where: form_link(top, where),
        "state_words": top.status.word if top.status else top.publication.words,
        "state_meaning": top.status.meaning if top.status else "",
        "state_code": top.status.code if top.status else "",
        "own_table": bool(words_here.offers),
        "offers": words_here.offered(top.status) if top.status else (),
        "tabs": [
            (f"/publications/{top.publication.id}{path}", said, _count(top, path))
            for path, said in TABS
            if path != "/data" or looking.possible(parts, top.publication)
        ],
        "took": words.took,
        "amount": words.amount,
        "produced": words.produced,
        "linked": words.linked,
        "place": lambda where: words.place(where, top.publication.record),
        "count": count,
        "mail_titles": TITLES,
        "target_called": parts.settings.target_title,
        "source_called": parts.settings.source_title,
    }


def _count(top: Head, path: str) -> int | None:
    return top.comments or None if path == "/discussion" else None


def buttons(top: Head) -> list[dict[str, str]]:
    """What can be done now, most important first; at most one stands out."""
    found: list[dict[str, str]] = []
    if top.choices["retry"].possible:
        # Its step shows the cause and the buttons.
        where = {"label": "See what is needed", "path": "#run-actions", "how": "link"}
        found.append({**where, "look": "main"})
    for action, said, path, how, look in BUTTONS:
        choice = top.choices.get(action)
        if choice is None or not choice.possible or (action == "decide" and not top.suggestions):
            continue
        shown = _archiving(top.publication, said or choice.label, path, action)
        main = look if not any(b["look"] for b in found) else ""
        found.append({"label": shown[0], "path": shown[1], "how": how, "look": main})
    return found


def _archiving(found: Publication, label: str, path: str, action: str) -> tuple[str, str]:
    if action == "archive" and found.archived:
        return "Show in your list again", "/unarchive"
    return label, path


def missing(top: Head) -> list[Choice]:
    """What cannot be done now, and why."""
    shown = {action for action, *_ in BUTTONS} | {"return", "reject", *_IN_PLACE}
    return [c for c in top.choices.values() if c.action in shown and not c.possible]


def form_link(top: Head, where: str) -> str:
    """Where in the form a field is, below the service's root; "" when it cannot be edited now."""
    if not where.startswith("/") or not top.choices["edit"].possible:
        return ""
    at = findings.told([Found(Problem(where, ""))], top.publication.record)[0]
    member = at.name.partition(".")[0]
    rows = {member: str(at.row)} if at.row else {}
    return form.path(top.publication.id, at.section, at.name.replace(".", "-"), **rows)


def found(parts: Parts, person: Person, publication: str) -> Publication:
    """The publication of an address. Raises NotFound."""
    return visible(parts, person.actor, publication)
