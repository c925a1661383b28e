"""The audit: all that happened in one list, with filters that stand in the address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from excudit.domain import permissions
from excudit.domain.errors import Rejected
from excudit.domain.sentence import Sentence
from excudit.service import audit
from excudit.store.audit import Filters
from excudit.web import rendering, shell, weight
from excudit.web.api import cursors
from excudit.web.identity import Wired
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)
ROWS = 50
FIELDS = ("who", "action", "publication", "from", "to", "reason")
LONGEST = 300


@ROUTER.get("/audit")
def page(request: Request, parts: Wired, person: SignedIn) -> Response:
    """A page of it, newest first."""
    permissions.require_site("audit", person.actor.roles)
    asked = _asked(request)
    values: dict[str, Any] = {"asked": asked, "entries": [], "titles": {}, "errors": {}}
    try:
        filters = filters_of(asked)
        before = cursors.place(found) if (found := request.query_params.get("before")) else None
        rows, titles = audit.entries(parts, person.actor, filters, before=before, limit=ROWS + 1)
    except Rejected as wrong:
        values["errors"] = {"from": Sentence.joined(wrong.message, wrong.hint)}
        rows, titles, before = (), {}, None
    here = rendering.root(parts.settings.site) + "/audit"
    kept = {name: text for name, text in asked.items() if text}
    told = [(one, _words(one.details)) for one in rows[:ROWS]]
    fit = weight.fitting(told, lambda row: (row[0].reason[:500], row[1]), around=900)
    more = {**kept, "before": cursors.write(*rows[fit - 1].place)} if len(rows) > fit else None
    values |= {
        "entries": told[:fit],
        "titles": titles,
        "query": urlencode(kept),
        "first": f"{here}?{urlencode(kept)}" if before else "",
        "next": f"{here}?{urlencode(more)}" if more else "",
        "actions": _actions(asked["action"]),
        "action_words": audit.in_words,
    }
    status = 422 if values["errors"] else 200
    return shell.show(request, person, "audit/list.html", values, status=status)


def _actions(asked: str) -> list[tuple[str, str]]:
    """What can be asked for, by its words."""
    known = sorted(audit.ACTION_WORDS.items(), key=lambda pair: pair[1].casefold())
    more = [] if not asked or asked in audit.ACTION_WORDS else [(asked, audit.in_words(asked))]
    return [("", "Anything"), *more, *known]


def _words(details: Mapping[str, Any]) -> str:
    return json.dumps(dict(details), ensure_ascii=False, indent=1) if details else ""


def _asked(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "").strip()[:LONGEST] for name in FIELDS}


def filters_of(asked: dict[str, str]) -> Filters:
    """The filters that somebody typed. Raises Rejected for what is no date."""
    if any("\x00" in text for text in asked.values()):
        raise Rejected("A filter holds a NUL character.", hint="Type it again.")
    until = _day(asked["to"])
    return Filters(
        actor=asked["who"],
        action=asked["action"],
        publication=asked["publication"],
        since=_day(asked["from"]),
        until=until + timedelta(days=1) if until else None,
        reason=asked["reason"],
    )


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise Rejected(
            Sentence("%(given)s is no date.", given=text[:30]), hint="Write it as 2027-03-31."
        ) from error


@ROUTER.get("/audit/export.{form}")
def export(request: Request, parts: Wired, person: SignedIn, form: str) -> Response:
    """All that fits the filters, as a file."""
    pieces = audit.export(parts, person.actor, filters_of(_asked(request)), form)
    name = f"audit-{datetime.now(UTC):%Y%m%d-%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=audit.FORMS[form], headers=headers)
