"""Importing metadata into a draft: choose from where, see what would change, take it over."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from excudit.domain.errors import Conflict, ExcuditError, Rejected
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.metadata.field_words import label
from excudit.service import imports
from excudit.service.imports import HOW, RELATIONS, Offer
from excudit.service.parts import Parts
from excudit.web import kinds, shell
from excudit.web.api.asks import storable
from excudit.web.identity import Wired
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
SHOWN = 200
"""Fields and problems listed at most; the page says how many more there are."""


@ROUTER.get("/publications/{publication}/import")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """From where: a file, a DOI, an earlier publication."""
    draft = imports.editable(parts, person.actor, publication)
    return _choose(request, parts, person, draft)


@ROUTER.post("/publications/{publication}/import")
def look(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Read what was chosen, and show what would change; nothing is changed yet."""
    draft = imports.editable(parts, person.actor, publication)
    try:
        offer = _read(parts, person, form)
        _storable(offer)
    except ExcuditError as error:
        return _choose(request, parts, person, draft, typed=form, error=error)
    return _preview(request, person, draft, offer)


@ROUTER.post("/publications/{publication}/import/save")
def save(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Take over what was shown, once."""
    draft = imports.editable(parts, person.actor, publication)
    how, relation = str(form.get("how", "")), str(form.get("relation", ""))
    try:
        offer = imports.unpacked(str(form.get("packed", "")))
        _storable(offer)
    except ExcuditError as error:
        return _choose(request, parts, person, draft, typed=form, error=error)
    edition = str(form.get("edition", ""))
    if how not in HOW or relation not in RELATIONS or not edition.isdecimal():
        return _preview(request, person, draft, offer, wrong="Choose how to take it over.")
    try:
        imports.take_over(
            parts,
            person.actor,
            draft.id,
            offer,
            how=how,
            relation=relation,
            edition=int(edition[:9]),
        )
    except Conflict as error:
        now = imports.editable(parts, person.actor, publication)
        words = Sentence.joined(error.message, error.hint)
        return _preview(request, person, now, offer, wrong=words, status=409)
    shell.say(parts, person, "The metadata were taken over into the draft.")
    return shell.go(parts, f"/publications/{draft.id}/edit")


def _read(parts: Parts, person: Person, form: FormData) -> Offer:
    source = str(form.get("from", ""))
    if source == "doi":
        return imports.from_doi(parts, str(form.get("doi", "")))
    if source == "publication":
        return imports.from_publication(parts, person.actor, str(form.get("publication", "")))
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Rejected("No file was chosen.", hint="Choose a DataCite XML or JSON file.")
    return imports.from_file(file.file.read(imports.LARGEST + 1), file.filename)


def _storable(offer: Offer) -> None:
    try:
        storable([offer.record, offer.origin])
    except ValueError as error:
        raise Rejected(
            Sentence("This cannot be kept: %(error)s.", error=error), hint="Mend the file."
        ) from error


def _choose(
    request: Request,
    parts: Parts,
    person: Person,
    draft: Publication,
    *,
    typed: FormData | None = None,
    error: ExcuditError | None = None,
) -> Response:
    source = str(typed.get("from", "file")) if typed else ""
    status = kinds.of_error(error).status if error else 200
    # What the other side did is no failure of this page.
    shown = status if status in (200, 404, 409, 422, 429, 503) else 422
    values = {
        "publication": draft,
        "earlier": imports.earlier(parts, person.actor, draft.id),
        "typed": {"doi": str(typed.get("doi", "")) if typed else ""},
        "problems": _problems(error, source) if error else [],
        "error": error,
        "failed": error is not None,
        "wrong": source if error else "",
        "more": max(0, len(error.problems) - SHOWN) if error else 0,
    }
    return shell.show(request, person, "picks/import.html", values, status=shown)


def _problems(error: ExcuditError, source: str) -> list[tuple[str, str]]:
    field = source if source in ("doi", "publication", "file") else ""
    first = (field, Sentence.joined(error.message, error.hint))
    return [first, *(("", _words(p)) for p in error.problems[:SHOWN])]


def _words(problem: Problem) -> str:
    """Line and field in words, never a JSON path."""
    place = f"Line {problem.line}" if problem.line is not None else ""
    field = label(problem.where) if problem.where.startswith("/") else ""
    where = ", ".join(part for part in (place, field) if part)
    said = Sentence.joined(problem.message, problem.mend)
    return f"{where}: {said}" if where else said


def _preview(
    request: Request,
    person: Person,
    draft: Publication,
    offer: Offer,
    *,
    wrong: str = "",
    status: int = 200,
) -> Response:
    proposed = imports.changes(draft, offer)
    values: dict[str, Any] = {
        "publication": draft,
        "offer": offer,
        "packed": imports.packed(offer),
        "proposed": proposed[:SHOWN],
        "count": len(proposed),
        "filled": sum(one.filled for one in proposed),
        "notes": [_words(p) for p in offer.notes[:SHOWN]],
        "how": list(HOW.items()),
        "relations": list(RELATIONS.items()),
        "problems": [("", wrong)] if wrong else [],
        "failed": bool(wrong),
    }
    if wrong and status == 200:
        status = 422
    return shell.show(request, person, "picks/import_look.html", values, status=status)
