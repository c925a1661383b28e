"""Handing documents in, looking at what was understood, and asking for the publication."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from excudit.domain.errors import Conflict, ExcuditError, Unavailable, Uncertain
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.service import handing_in
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.visitors import Person, Posted, SignedIn, text

ROUTER = APIRouter(include_in_schema=False)
SHOWN = 200
LONGEST = 200


def path_of(route: str) -> str:
    """The address at which documents of a route are handed in."""
    return f"/hand-in/{quote(route, safe='')}"


@ROUTER.get("/hand-in/{route}")
def page(request: Request, parts: Wired, person: SignedIn, route: str) -> Response:
    """The form, with one field for each part that the source takes."""
    return _form(request, parts, person, route, {}, None)


@ROUTER.post("/hand-in/{route}")
def hand_in(request: Request, parts: Wired, person: SignedIn, route: str, form: Posted) -> Response:
    """Keep what was handed in, or say everything that is wrong with it."""
    typed = {"ref": text(form, "ref").strip()[:LONGEST]}
    documents = _documents(parts, route, form)
    try:
        found = handing_in.receive(parts, person.actor, route, documents, ref=typed["ref"])
    except ExcuditError as error:
        return _form(request, parts, person, route, typed, error)
    return shell.go(parts, f"{path_of(route)}/kept/{quote(found.ref, safe='')}")


@ROUTER.get("/hand-in/{route}/kept/{ref}")
def kept(request: Request, parts: Wired, person: SignedIn, route: str, ref: str) -> Response:
    """What was understood, and the button that publishes it."""
    return _kept(request, parts, person, route, ref)


@ROUTER.post("/hand-in/{route}/kept/{ref}")
def publish(
    request: Request, parts: Wired, person: SignedIn, route: str, ref: str, form: Posted
) -> Response:
    """Ask for its publication, and follow it."""
    try:
        begun = handing_in.put_forward(parts, person.actor, route, ref)
    except Conflict as error:
        return _kept(request, parts, person, route, ref, error)
    shell.say(parts, person, "It was accepted. You get a mail when it is done.")
    return shell.go(parts, f"/publications/{begun.id}")


def _documents(parts: Parts, route: str, form: FormData) -> dict[str, bytes]:
    found = {}
    for name in handing_in.receiving(parts, route).accepts:
        file = form.get(name)
        if isinstance(file, UploadFile) and file.filename:
            found[name] = file.file.read()
    return found


def _form(
    request: Request,
    parts: Parts,
    person: Person,
    route: str,
    typed: dict[str, str],
    error: ExcuditError | None,
) -> Response:
    source = handing_in.receiving(parts, route)
    values: dict[str, Any] = {
        "route": route,
        "route_title": parts.route(route).title or route,
        "path": path_of(route),
        "accepts": list(source.accepts.items()),
        "fetches": source.fetches,
        "largest": source.largest,
        "typed": typed,
        "problems": _problems(error) if error else [],
        "more": max(0, len(error.problems) - SHOWN) if error else 0,
        "failed": error is not None,
    }
    values["wrong"] = {field for field, _ in values["problems"]}
    away = isinstance(error, Unavailable | Uncertain)
    status = 503 if away else 409 if isinstance(error, Conflict) else 422 if error else 200
    return shell.show(request, person, "handing/form.html", values, status=status)


def _problems(error: ExcuditError) -> list[tuple[str, str]]:
    first = ("", Sentence.joined(error.message, error.hint))
    return [first, *((_field(p), _words(p)) for p in error.problems[:SHOWN])]


def _field(problem: Problem) -> str:
    """The part of the form that a problem belongs to: the first name of its place."""
    return problem.where.split("/")[1] if problem.where.startswith("/") else ""


def _words(problem: Problem) -> str:
    """The place as the document has it: its author looks for it there."""
    inner = "/" + "/".join(problem.where.split("/")[2:])
    line = f"line {problem.line}" if problem.line is not None else ""
    where = ", ".join(part for part in (line, inner if len(inner) > 1 else "") if part)
    said = Sentence.joined(problem.message, problem.mend)
    return f"{where}: {said}" if where else said


def _kept(
    request: Request,
    parts: Parts,
    person: Person,
    route: str,
    ref: str,
    error: Conflict | None = None,
) -> Response:
    found = handing_in.look(parts, person.actor, route, ref)
    held = handing_in.newest(parts, route, ref)
    values = {
        "route_title": parts.route(route).title or route,
        "path": f"{path_of(route)}/kept/{quote(ref, safe='')}",
        "back": path_of(route),
        "dataset": found,
        "record": found.metadata,
        "finals": [
            (parts.settings.target_title(name), parts.target(name).capabilities.final)
            for name in parts.route(route).targets
        ],
        "at_once": parts.route(route).review == "auto",
        "notes": [str(note.message) for note in found.notes],
        "held": held,
        "possible": held is None or handing_in.may_begin(parts, held, ref),
        "problems": [("", Sentence.joined(error.message, error.hint))] if error else [],
        "failed": error is not None,
    }
    return shell.show(request, person, "handing/kept.html", values, status=409 if error else 200)
