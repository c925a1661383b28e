"""Suggestions: a reviewer proposes a value for a field, the author decides."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Rejected
from excudit.domain.publication import Publication
from excudit.service import acts, suggestions
from excudit.service.parts import Parts
from excudit.service.places import value_at
from excudit.store.database import Connection
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.reviewing import asked
from excudit.web.pages.reviewing.review import names
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
_DOES = {
    "accept": suggestions.accept,
    "decline": suggestions.decline,
    "take-back": suggestions.take_back,
}
_DONE = {"accept": "Accepted.", "decline": "Declined.", "take-back": "Taken back."}


@ROUTER.get("/publications/{publication}/suggest")
def to_suggest(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """Choose a field, or with `field` write a better value for it."""
    found = visible(parts, person.actor, publication)
    with parts.database.read() as connection:
        permissions.require("suggest", found.state, _roles(connection, person, found))
    field = asked.cleaned(request.query_params.get("field", ""), 300)
    present = value_at(found.record, field) if field else None
    values = {"field": field, "more": isinstance(present, list | dict)}
    return _form(request, parts, person, found, values)


def _roles(connection: Connection, person: Person, found: Publication) -> frozenset[str]:
    return acts.roles_of(connection, person.actor, found)


@ROUTER.post("/publications/{publication}/suggest")
def suggest(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Keep the suggestion, or the page again with everything typed."""
    found = visible(parts, person.actor, publication)
    typed: dict[str, Any] = {
        "field": asked.cleaned(asked.text(form, "field").strip(), 300),
        "text": asked.text(form, "text"),
        "json": asked.text(form, "json"),
        "note": asked.text(form, "note"),
        "more": bool(form.get("more")),
    }
    errors = {
        name: words
        for name, longest in (("text", suggestions.LONGEST), ("note", suggestions.LONGEST_NOTE))
        if (words := asked.wrong(typed[name], longest=longest))
    }
    if not errors:
        try:
            after = _value(found, typed)
            suggestions.suggest(parts, person.actor, found.id, typed["field"], after, typed["note"])
        except Rejected as refused:
            errors["json" if typed["more"] else "text"] = (
                f"{refused.message} {refused.hint}".strip()
            )
    if errors:
        return _form(request, parts, person, found, typed, errors)
    shell.say(parts, person, "Suggested. The authors accept or decline it.")
    return shell.go(parts, f"/publications/{found.id}/review")


def _value(found: Publication, typed: dict[str, Any]) -> Any:
    if not typed["more"]:
        return suggestions.from_text(found.record, typed["field"], typed["text"])
    if not typed["json"].strip():
        return None
    if problem := asked.wrong(typed["json"], longest=suggestions.LONGEST):
        raise Rejected(problem)
    try:
        value = json.loads(typed["json"])
    except (ValueError, RecursionError) as error:
        raise Rejected(f"This is not JSON: {error}.") from error
    return value


def _form(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    typed: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:
    field = typed["field"]
    present = value_at(found.record, field) if field else None
    simple = "" if present is None or isinstance(present, list | dict) else str(present)
    known = suggestions.fields(found.record)
    if field and field not in dict(known):
        known = [*known, (field, suggestions.words_of(field, found.record))]
    values = {
        "publication": found,
        "fields": known,
        "field": field,
        "label": suggestions.words_of(field, found.record) if field else "",
        "present": present,
        "present_json": json.dumps(present, indent=2, ensure_ascii=False),
        "more": typed["more"],
        "text": typed.get("text", simple),
        "json": typed.get("json", json.dumps(present, indent=2, ensure_ascii=False)),
        "note": typed.get("note", ""),
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return shell.show(request, person, "suggestions_new.html", values, status=status)


@ROUTER.get("/publications/{publication}/suggestions")
def every(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """All suggestions, open ones first."""
    found = visible(parts, person.actor, publication)
    return _list(request, parts, person, found)


@ROUTER.post("/publications/{publication}/suggestions/accept")
def accept_all(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Accept every open one that still fits."""
    found = visible(parts, person.actor, publication)
    accepted, left = suggestions.accept_all(parts, person.actor, found.id)
    more = f" {left} stay open: the field was changed since." if left else ""
    shell.say(parts, person, f"Accepted {accepted}.{more}")
    return shell.go(parts, f"/publications/{found.id}/suggestions")


@ROUTER.post("/publications/{publication}/suggestions/{suggestion}/{does}")
def decide(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    suggestion: str,
    does: str,
    form: Posted,
) -> Response:
    """Accept, decline or take back one."""
    found = visible(parts, person.actor, publication)
    if does not in _DOES:
        return _list(request, parts, person, found)
    try:
        _DOES[does](parts, person.actor, found.id, asked.cleaned(suggestion, 36))
    except Conflict as conflict:
        return _list(request, parts, person, found, conflict=conflict)
    shell.say(parts, person, _DONE[does])
    return shell.go(parts, f"/publications/{found.id}/suggestions")


def _list(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    *,
    conflict: Conflict | None = None,
) -> Response:
    offered = suggestions.of(parts, found.id)
    with parts.database.read() as connection:
        roles = _roles(connection, person, found)
    refused = permissions.refusal("decide", found.state, roles)
    values = {
        "publication": found,
        "suggestions": [s for s in offered if s.status == "open"],
        "decided": [s for s in reversed(offered) if s.status != "open"],
        "called": names(parts, *(s.author for s in offered), *(s.decided_by for s in offered)),
        "may_decide": refused is None,
        "why_not": refused if {"owner", "collaborator", "admin"} & roles else "",
        "may_suggest": permissions.refusal("suggest", found.state, roles) is None,
        "conflict": conflict,
        "failed": conflict is not None,
    }
    status = 409 if conflict else 200
    return shell.show(request, person, "suggestions.html", values, status=status)
