"""The tabs that read: files, metadata, changes, history, mails."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from excudit.domain.errors import ExcuditError
from excudit.domain.publication import Publication
from excudit.service import changes, drafts, overview, queries
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.figures import size
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame, front, words
from excudit.web.visitors import Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
PER_PAGE = 100
EDITIONS = 30
"""So many editions are shown with what they changed."""
Position = Annotated[int, Query(ge=-1, lt=2**31)]
Path = Annotated[str, Query(max_length=4096)]
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
def metadata(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The record in words."""
    found = frame.found(parts, person, publication)
    sides = changes.compared(parts, found.id)
    values = {"fields": words.fields(sides.record), "frozen": sides.frozen}
    return frame.show(request, parts, person, found.id, "/metadata", values)


@ROUTER.get("/publications/{publication}/changes")
def changed(
    request: Request, parts: Wired, person: SignedIn, publication: str, after: Path = ""
) -> Response:
    """What is not as it was when somebody last decided on it."""
    found = frame.found(parts, person, publication)
    rows = changes.file_changes(parts, found.id, after=after, limit=PER_PAGE + 1)
    values = {
        "sides": changes.compared(parts, found.id),
        "fields": [] if after else changes.field_changes(parts, found.id),
        "files": rows[:PER_PAGE],
        "after": after,
        "next_after": rows[PER_PAGE - 1].path if len(rows) > PER_PAGE else "",
        "marked": changes.marked,
        "size": size,
        "drafting": found.state in ("draft", "changes_requested"),
    }
    return frame.show(request, parts, person, found.id, "/changes", values)


@ROUTER.get("/publications/{publication}/history")
def history(
    request: Request, parts: Wired, person: SignedIn, publication: str, before: Number = None
) -> Response:
    """Who did what and when, newest first, and the draft's editions."""
    found = frame.found(parts, person, publication)
    page = overview.history(parts, person.actor, found.id, before=before, limit=PER_PAGE)
    editions = [] if before else drafts.history(parts, found.id, limit=PER_PAGE)
    values = {
        "page": page,
        "called": page.called,
        "before": before,
        "mail_words": front.MAIL_WORDS,
        "editions": editions,
        "newest": editions[0].edition if editions else None,
        "changes_of": _changes_of(parts, found, [e.edition for e in editions[:EDITIONS]]),
    }
    return frame.show(request, parts, person, found.id, "/history", values)


def _changes_of(
    parts: Parts, found: Publication, numbers: list[int]
) -> dict[int, list[changes.FieldChange]]:
    """What each edition changed of the one before it; the first one changed nothing."""
    records = {n: drafts.edition(parts, found.id, n)[1] for n in numbers}
    return {new: changes.differing(records[old], records[new]) for new, old in pairwise(numbers)}


@ROUTER.post("/publications/{publication}/history/restore")
def restore(parts: Wired, person: SignedIn, publication: str, form: Posted) -> Response:
    """An older edition as a new one."""
    found = frame.found(parts, person, publication)
    typed = str(form.get("edition", ""))
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    drafts.restore(parts, person.actor, found.id, number)
    shell.say(parts, person, f"Edition {number} is the draft again. Nothing newer is lost.")
    return shell.go(parts, f"/publications/{found.id}/history")


@ROUTER.get("/publications/{publication}/mails")
def mails(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """To whom, about what, and how far they are; never their text."""
    found = frame.found(parts, person, publication)
    rows = queries.sent_mails(parts, found.id, person.actor)
    values = {"mails": rows[::-1], "mail_words": front.MAIL_WORDS}
    return frame.show(request, parts, person, found.id, "/mails", values)
