"""The tabs that read: files, metadata, changes, history, mails."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from excudit.domain.errors import ExcuditError
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import changes, drafts, overview, queries, timeline
from excudit.service.parts import Parts
from excudit.web import shell, weight
from excudit.web.figures import size
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame, front, words
from excudit.web.visitors import Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
PER_PAGE = 100
EDITIONS = 30
"""So many editions are listed at once."""
CHANGES = 50
"""So many changes of one edition are shown."""
LONGEST = 10_000
"""Bytes of HTML of one value beside others."""
Position = Annotated[int, Query(ge=-1, lt=2**31)]
Path = Annotated[str, Query(max_length=4096)]
From = Annotated[int, Query(ge=0, lt=2**31)]
Number = Annotated[int | None, Query(ge=0, lt=2**63)]


@ROUTER.get("/publications/{publication}/files")
def files(
    request: Request, parts: Wired, person: SignedIn, publication: str, after: Position = -1
) -> Response:
    """The frozen files, a page of them; before freezing what the source says."""
    found = frame.found(parts, person, publication)
    rows = queries.files(parts, found.id, after=after, limit=PER_PAGE + 1)
    values = {
        "files": rows[:PER_PAGE],
        "after": after,
        "next_after": rows[PER_PAGE - 1]["position"] if len(rows) > PER_PAGE else None,
        "frozen": found.snapshot is not None,
        "datasets": [] if found.snapshot else _at_source(parts, found),
        "size": size,
    }
    return frame.show(request, parts, person, found.id, "/files", values)


def _at_source(parts: Parts, found: Publication) -> list[dict[str, Any]]:
    """What the source says of each dataset now, or why it does not."""
    said: list[dict[str, Any]] = []
    for part in found.parts[:20]:
        shown: dict[str, Any] = {"title": part.title or part.ref, "source": part.source}
        try:
            now = parts.source(part.source).look(part.ref)
        except ExcuditError as error:
            said.append({**shown, "error": error.message})
            continue
        listed = len(now.files)
        total = sum(f.size for f in now.files) if 0 < listed <= PER_PAGE else None
        said.append({**shown, "files": listed or None, "bytes": total, "error": ""})
    return said


@ROUTER.get("/publications/{publication}/metadata")
def metadata(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    field: Path = "",
    after: From = 0,
) -> Response:
    """The record in words, of long fields the beginning; or all of one field, a page of it."""
    found = frame.found(parts, person, publication)
    sides = changes.compared(parts, found.id)
    one = words.field(sides.record, field, after=after) if field in sides.record else None
    values = {
        "fields": [] if one else words.fields(sides.record),
        "one": one,
        "after": after,
        "frozen": sides.frozen,
    }
    return frame.show(request, parts, person, found.id, "/metadata", values)


@ROUTER.get("/publications/{publication}/changes")
def changed(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    after: Path = "",
    start: From = 0,
) -> Response:
    """What is not as it was when somebody last decided on it: fields from the number `start` on,
    and files after a path."""
    found = frame.found(parts, person, publication)
    rows = changes.file_changes(parts, found.id, after=after, limit=PER_PAGE + 1)
    values = {
        "sides": changes.compared(parts, found.id),
        **_fields(parts, found, start, shown=not after),
        "files": rows[:PER_PAGE],
        "after": after,
        "next_after": rows[PER_PAGE - 1].path if len(rows) > PER_PAGE else "",
        "marked": changes.marked,
        "size": size,
        "drafting": found.state in ("draft", "changes_requested"),
    }
    return frame.show(request, parts, person, found.id, "/changes", values)


def _fields(parts: Parts, found: Publication, start: int, *, shown: bool) -> dict[str, Any]:
    every = changes.field_changes(parts, found.id) if shown else []
    here = [_readable(c) for c in every[start : start + PER_PAGE]]
    fit = weight.fitting(here, lambda c: (c.before, c.after))
    return {
        "fields": here[:fit],
        "start": start,
        "next_start": start + fit if start + fit < len(every) else None,
    }


def _readable(change: changes.FieldChange) -> changes.FieldChange:
    before, after = (weight.cut(words, LONGEST) for words in (change.before, change.after))
    return replace(change, before=before, after=after)


@ROUTER.get("/publications/{publication}/history")
def history(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    before: Number = None,
    older: Number = None,
    edition: Number = None,
) -> Response:
    """Who did what and when, newest first, those before the event `before`; and the draft's
    editions, those before the one `older`. What an edition changed is compared only for the one
    that is asked for."""
    found = frame.found(parts, person, publication)
    page = overview.history(parts, person.actor, found.id, before=before, limit=PER_PAGE)
    fit = weight.fitting(page.events, _texts)
    editions = []
    if not before:
        editions = drafts.history(parts, found.id, before=older, limit=EDITIONS + 1)
    values = {
        "page": page,
        "events": page.events[:fit],
        # A row of several edits has the number of the last one: it begins the next page itself.
        "next": page.events[fit].id + 1 if fit < len(page.events) else page.next,
        "called": page.called,
        "before": before,
        "older": older,
        "mail_words": front.MAIL_WORDS,
        "editions": editions[:EDITIONS],
        "oldest": editions[EDITIONS - 1].edition if len(editions) > EDITIONS else None,
        "newest": found.edition,
        "opened": edition,
        "most_changes": CHANGES,
        "made": _made(parts, found, edition) if edition and editions else [],
    }
    return frame.show(request, parts, person, found.id, "/history", values)


def _texts(event: timeline.Told) -> tuple[str, ...]:
    return (event.reason, *event.about, *("x" * 150 for _ in event.mails))


def _made(parts: Parts, found: Publication, number: int) -> list[changes.FieldChange]:
    """What an edition changed of the one before it; the first one changed nothing."""
    before = drafts.history(parts, found.id, before=number, limit=1)
    if not before:
        return []
    old, new = (drafts.edition(parts, found.id, n)[1] for n in (before[0].edition, number))
    every = [_readable(change) for change in changes.differing(old, new)[:CHANGES]]
    return every[: weight.fitting(every, lambda c: (c.before, c.after), most=weight.TEXTS // 4)]


@ROUTER.post("/publications/{publication}/history/restore")
def restore(parts: Wired, person: SignedIn, publication: str, form: Posted) -> Response:
    """An older edition as a new one."""
    found = frame.found(parts, person, publication)
    typed = str(form.get("edition", ""))
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    drafts.restore(parts, person.actor, found.id, number)
    shell.say(
        parts,
        person,
        Sentence("Edition %(number)s is the draft again. Nothing newer is lost.", number=number),
    )
    return shell.go(parts, f"/publications/{found.id}/history")


@ROUTER.get("/publications/{publication}/mails")
def mails(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    before: Number = None,
) -> Response:
    """To whom, about what, and how far they are, newest first; never their text."""
    found = frame.found(parts, person, publication)
    first = 2**63 - 1 if before is None else before
    rows = queries.sent_mails(parts, found.id, person.actor, before=first, limit=PER_PAGE + 1)
    fit = weight.fitting(rows[:PER_PAGE], lambda m: (m["subject"], m["recipient"], m["error"]))
    values = {
        "mails": rows[:fit],
        "before": before,
        "next": rows[fit - 1]["id"] if fit < len(rows) else None,
        "mail_words": front.MAIL_WORDS,
    }
    return frame.show(request, parts, person, found.id, "/mails", values)
