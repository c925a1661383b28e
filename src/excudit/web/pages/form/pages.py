"""The metadata form: its sections, saving by people and by itself, undo, reserve."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from excudit.domain.errors import NotFound
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.metadata import citation
from excudit.service import drafts, findings, verbs
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.form import findings as told
from excudit.web.pages.form import landing, saving, show, trees
from excudit.web.pages.form.kinds import Section
from excudit.web.pages.form.saving import Clashed, Saved, Sent
from excudit.web.pages.form.sections import BASICS, BY_KEY, TARGETS
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)

Key = Annotated[str, Path(max_length=40)]


def _section(key: str) -> Section:
    if key not in BY_KEY:
        raise NotFound("There is no such section of the form.")
    return BY_KEY[key]


def _opened(parts: Parts, person: Person, publication: str) -> Publication:
    """The publication, when this person may change it now."""
    found = verbs.visible(parts, person.actor, publication)
    return drafts.opened(parts, person.actor, found.id)


@ROUTER.get("/publications/{publication}/edit")
def edit(request: Request, parts: Wired, person: SignedIn, publication: Key) -> Response:
    """The first section."""
    return show.section(request, parts, person, _opened(parts, person, publication), BASICS)


@ROUTER.post("/publications/{publication}/edit/undo")
def undo(parts: Wired, person: SignedIn, publication: Key, form: Posted) -> Response:
    """Back by one edition, as a new one."""
    found = _opened(parts, person, publication)
    after = drafts.undo(parts, person.actor, found.id)
    last = drafts.history(parts, found.id, limit=1)[0]
    shell.say(
        parts,
        person,
        Sentence("%(note)s. This is edition %(edition)s.", note=last.note, edition=after.edition),
    )
    return shell.go(parts, show.path(found.id, _back(form)))


def _back(form: Any) -> str:
    key = str(form.get("section", ""))
    return key if key in BY_KEY else BASICS.key


@ROUTER.post("/publications/{publication}/edit/reserve")
def reserve(parts: Wired, person: SignedIn, publication: Key, form: Posted) -> Response:
    """Choose the DOI now, without any call."""
    found = _opened(parts, person, publication)
    doi = drafts.reserve_doi(parts, person.actor, found.id)
    shell.say(
        parts,
        person,
        Sentence("%(doi)s is reserved for this draft. It does not resolve yet.", doi=doi),
    )
    return shell.go(parts, show.path(found.id, TARGETS))


@ROUTER.get("/publications/{publication}/edit/{key}")
def section(
    request: Request, parts: Wired, person: SignedIn, publication: Key, key: Key
) -> Response:
    """One section of the form."""
    found = _opened(parts, person, publication)
    return show.section(request, parts, person, found, _section(key))


@ROUTER.post("/publications/{publication}/edit")
def save_first(
    request: Request, parts: Wired, person: SignedIn, publication: Key, form: Posted
) -> Response:
    """The first section, saved."""
    return save(request, parts, person, publication, BASICS.key, form)


@ROUTER.post("/publications/{publication}/edit/{key}")
def save(
    request: Request, parts: Wired, person: SignedIn, publication: Key, key: Key, form: Posted
) -> Response:
    """One section, saved; whatever its button asked for, done."""
    found = _opened(parts, person, publication)
    sent = saving.sent(_section(key), form)
    by_itself = request.headers.get("accept", "").startswith("application/json")
    if sent.typed.refused:
        if by_itself:
            return _said({"problems": sent.typed.refused, "words": "Not saved."}, 422)
        return show.section(request, parts, person, found, sent.section, form=sent)
    before = drafts.history(parts, found.id, limit=1)
    try:
        saved = saving.save(parts, person.actor, found.id, sent, by_itself=by_itself)
    except Clashed as clashed:
        if by_itself:
            words = "Not saved: somebody changed the same field. Press Save to see both."
            return _said({"words": words}, 409)
        return _conflict(request, parts, person, found, sent, clashed, form)
    if by_itself:
        return _kept(parts, person, sent, saved)
    if saved.merged and before:
        shell.say(parts, person, _merged(person, before[0].author))
    return shell.go(parts, _onward(sent, saved))


def _merged(person: Person, author: str) -> str:
    who = "You changed" if author == person.actor.name else f"{author} changed"
    where = " in another window" if author == person.actor.name else ""
    return f"{who} other fields{where} meanwhile. Both changes are kept."


def _said(body: dict[str, Any], status: int) -> Response:
    return JSONResponse(body, status, dict(shell.PRIVATE))


def _kept(parts: Parts, person: Person, sent: Sent, saved: Saved) -> Response:
    """What the page needs to know after an automatic save."""
    publication = saved.publication
    draft = findings.read(publication.record)
    found = show.found_in(parts, publication, draft)
    looks = findings.as_it_looks(draft)
    last = drafts.history(parts, publication.id, limit=1)
    more = f" {_merged(person, last[0].author)}" if saved.merged and last else ""
    at = last[0].at if last else publication.updated_at
    return _said(
        {
            "words": f"Saved {at:%H:%M} UTC.{more}",
            "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "base": trees.packed(saved.base),
            "edition": publication.edition,
            "filled": dict(saved.filled),
            "problems": {n: " ".join(w) for n, w in told.beside(found, sent.section.key).items()},
            "counts": told.counts(found),
            "citation": citation.text(looks) if looks else "",
        },
        200,
    )


def _onward(sent: Sent, saved: Saved) -> str:
    """The page after a save: the same rows, the next section, or the row that was moved."""
    if sent.verb == "next" and sent.rest in BY_KEY:
        return show.path(saved.publication.id, sent.rest)
    query = landing.query(sent, saved.landed)
    anchor = {"page": sent.rest.partition(".")[0], "me": sent.rest}.get(sent.verb, "")
    return show.path(saved.publication.id, sent.section.key, anchor, **query)


def _conflict(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    sent: Sent,
    clashed: Clashed,
    form: Any,
) -> Response:
    """Both versions of every field that two changed, and a choice each; all that was typed stands
    in the page."""
    last = drafts.history(parts, found.id, limit=1)
    carried = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name != "csrf" and not name.startswith(("take:", "saw:"))
    ]
    values = {
        "publication": found,
        "section": sent.section,
        "clashes": clashed.clashes,
        "carried": carried,
        "chosen": sent.choices,
        "last": last[0] if last else None,
        "base_path": f"/publications/{found.id}/edit",
        "failed": True,
    }
    return shell.show(request, person, "form/conflict.html", values, status=409)
