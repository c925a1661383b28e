"""Who did what and when, for those who must be able to tell: read, and taken out as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from excudit.domain import permissions
from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.sentence import Sentence
from excudit.service.parts import Parts
from excudit.service.timeline import EVENT_WORDS
from excudit.store import audit
from excudit.store.audit import Entry, Filters, Place

AT_ONCE = 1000
COLUMNS = (
    "at",
    "trail",
    "number",
    "actor",
    "action",
    "publication",
    "about",
    "before",
    "after",
    "reason",
    "run",
    "details",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection)."""
SITE_WORDS: dict[str, str] = {
    "sign_in": "Signed in",
    "sign_in_refused": "Sign-in refused",
    "sign_out": "Signed out",
    "password": "Password changed",
    "profile": "Own account changed",
    "token": "Token made",
    "token_revoked": "Token revoked",
    "user_put": "Account added or changed",
    "roles": "Roles changed",
    "disable": "Account disabled",
    "enable": "Account enabled",
    "pause": "Calls to a target paused",
    "resume": "Calls to a target resumed",
    "retry_many": "Several retried",
    "look_again": "Dataset at its source looked at again",
    "quarantine": "Dataset at its source left alone",
    "forget_name": "Name taken out of the list",
    "define_label": "Label defined",
    "describe_label": "Label described anew",
    "rename_label": "Label renamed",
    "retire_label": "Label retired",
    "restore_label": "Label taken into use again",
    "delete_label": "Label deleted",
}
"""What happens to no publication."""
MORE_WORDS: dict[str, str] = {
    "accept_suggestion": "Suggestion accepted",
    "decline_suggestion": "Suggestion declined",
    "take_back_suggestion": "Suggestion taken back",
    "reserve_doi": "DOI reserved",
}
ACTION_WORDS: dict[str, str] = {**EVENT_WORDS, **MORE_WORDS, **SITE_WORDS}
"""Every action in words; files keep its name."""


def in_words(action: str) -> str:
    """What happened, in words."""
    return ACTION_WORDS.get(action) or action.replace("_", " ").capitalize()


FORMS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


def entries(
    parts: Parts, actor: Actor, filters: Filters, *, before: Place | None = None, limit: int = 50
) -> tuple[Sequence[Entry], dict[str, str]]:
    """A page of both trails, newest first, and the titles of the publications on it, without what
    `talk.sees_internal` keeps from the actor. Raises Denied."""
    permissions.require_site("audit", actor.roles)
    filters = replace(filters, reader=actor.name)
    with parts.database.read() as connection:
        found = audit.page(connection, filters, before=before, limit=limit)
        named = sorted({e.publication for e in found if e.publication})
        return found, audit.titles(connection, named)


def export(parts: Parts, actor: Actor, filters: Filters, form: str) -> Iterator[str]:
    """All that fits and `entries` would show, newest first, as pieces of a file: "csv" or "jsonl".
    Memory stays constant, and no transaction is held between the pieces. Raises Denied, or Rejected
    for another form."""
    permissions.require_site("audit", actor.roles)
    filters = replace(filters, reader=actor.name)
    if form not in FORMS:
        raise Rejected(
            Sentence("There is no export %(form)s.", form=repr(form)),
            hint=Sentence("There are: %(names)s.", names=", ".join(FORMS)),
        )
    return _csv(parts, filters) if form == "csv" else _lines(parts, filters)


def _pages(parts: Parts, filters: Filters) -> Iterator[Sequence[Entry]]:
    before: Place | None = None
    while True:
        with parts.database.read() as connection:
            found = audit.page(connection, filters, before=before, limit=AT_ONCE)
        yield found
        if len(found) < AT_ONCE:
            return
        before = found[-1].place


def _csv(parts: Parts, filters: Filters) -> Iterator[str]:
    yield _rows([COLUMNS])
    for page in _pages(parts, filters):
        yield _rows([_cells(entry) for entry in page])


def _rows(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(entry: Entry) -> list[str]:
    told = _told(entry)
    details = json.dumps(told.pop("details"), ensure_ascii=False)
    return [_harmless(str(cell)) for cell in (*told.values(), details)]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _lines(parts: Parts, filters: Filters) -> Iterator[str]:
    for page in _pages(parts, filters):
        yield "".join(json.dumps(_told(entry), ensure_ascii=False) + "\n" for entry in page)


def _told(entry: Entry) -> dict[str, object]:
    """An entry by the names of the columns, in their order."""
    known = {
        "at": entry.at.isoformat(),
        "number": entry.id,
        "details": dict(entry.details),
    }
    return {name: known[name] if name in known else getattr(entry, name) for name in COLUMNS}
