"""Suggestions: a reviewer proposes a value for a field, the author decides."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Rejected
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import acts, suggestions
from excudit.service.parts import Parts
from excudit.service.places import value_at
from excudit.service.suggestions import Suggestion
from excudit.store.database import Connection
from excudit.web import shell, weight
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.reviewing import asked
from excudit.web.pages.reviewing.review import names
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
PART = "part:"
"""Before the place of a part, in the name of its input."""
Id = Annotated[str, Query(max_length=36)]
MOST = 50
LONGEST = 1_500
"""Bytes of HTML of one value or note beside others."""
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
    return _form(request, parts, person, found, {"field": field})


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
        "note": asked.text(form, "note"),
        "all": bool(form.get("all")),
        "parts": {
            name.removeprefix(PART): asked.text(form, name)
            for name in form
            if name.startswith(PART)
        },
    }
    errors = _wrong(typed)
    if not errors:
        try:
            after = _value(found, typed)
            suggestions.suggest(parts, person.actor, found.id, typed["field"], after, typed["note"])
        except Rejected as refused:
            errors["field" if typed["parts"] else "text"] = Sentence.joined(
                refused.message, refused.hint
            )
    if errors:
        return _form(request, parts, person, found, typed, errors)
    shell.say(parts, person, "Suggested. The authors accept or decline it.")
    return shell.go(parts, f"/publications/{found.id}/review")


def _wrong(typed: dict[str, Any]) -> dict[str, str]:
    limits = [("text", typed["text"], suggestions.LONGEST)]
    limits += [(PART + p, text, suggestions.LONGEST) for p, text in typed["parts"].items()]
    limits += [("note", typed["note"], suggestions.LONGEST_NOTE)]
    return {
        name: words for name, text, most in limits if (words := asked.wrong(text, longest=most))
    }


def _value(found: Publication, typed: dict[str, Any]) -> Any:
    if typed["all"]:
        return None
    if typed["parts"]:
        return suggestions.from_parts(found.record, typed["field"], typed["parts"])
    return suggestions.from_text(found.record, typed["field"], typed["text"])


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
    whole = isinstance(present, list | dict)
    known = suggestions.fields(found.record)
    if field and field not in dict(known):
        known = [*known, (field, suggestions.words_of(field, found.record))]
    typed_parts = typed.get("parts", {})
    values = {
        "publication": found,
        "fields": known,
        "field": field,
        "label": suggestions.words_of(field, found.record) if field else "",
        "whole": whole,
        "parts": [
            (PART + place, words, typed_parts.get(place, text))
            for place, words, text in (suggestions.parts_of(found.record, field) if whole else ())
        ],
        "text": typed.get("text", "" if whole or present is None else str(present)),
        "all": typed.get("all", False),
        "note": typed.get("note", ""),
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return shell.show(request, person, "suggestions_new.html", values, status=status)


@ROUTER.get("/publications/{publication}/suggestions")
def every(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    after: Id = "",
    decided: Id = "",
    only: Id = "",
) -> Response:
    """The open suggestions, those after one; below them those that were decided on, newest first,
    those before one. `only` shows one alone, whole."""
    found = visible(parts, person.actor, publication)
    return _list(request, parts, person, found, after=after, decided=decided, only=only)


@ROUTER.post("/publications/{publication}/suggestions/accept")
def accept_all(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Accept every open one that still fits."""
    found = visible(parts, person.actor, publication)
    accepted, left = suggestions.accept_all(parts, person.actor, found.id)
    more = f" {left} stay open: the field was changed since." if left else ""
    shell.say(
        parts, person, Sentence("Accepted %(accepted)s.%(more)s", accepted=accepted, more=more)
    )
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
    after: str = "",
    decided: str = "",
    only: str = "",
    conflict: Conflict | None = None,
) -> Response:
    offered = [s for s in suggestions.of(parts, found.id) if only in ("", s.id)]
    waiting = [s for s in offered if s.status == "open" and s.id > after]
    over = [s for s in reversed(offered) if s.status != "open" and (not decided or s.id < decided)]
    each = 60_000 if only else LONGEST
    fit = weight.fitting(waiting[:MOST], lambda s: _texts(s, each), around=1_500)
    rest = weight.fitting(over[:MOST], lambda s: _texts(s, 300), most=weight.TEXTS // 4)
    with parts.database.read() as connection:
        roles = _roles(connection, person, found)
    refused = permissions.refusal("decide", found.state, roles)
    values = {
        "publication": found,
        "suggestions": waiting[:fit],
        "decided": over[:rest],
        "next_open": waiting[fit - 1].id if fit < len(waiting) else "",
        "next_decided": over[rest - 1].id if rest < len(over) else "",
        "after": after,
        "before": decided,
        "only": only,
        "each": each,
        "several": sum(1 for s in offered if s.status == "open" and not s.conflict) > 1,
        "called": names(parts, *(s.author for s in offered), *(s.decided_by for s in offered)),
        "may_decide": refused is None,
        "why_not": refused if {"owner", "collaborator", "admin"} & roles else "",
        "may_suggest": permissions.refusal("suggest", found.state, roles) is None,
        "conflict": conflict,
        "failed": conflict is not None,
    }
    status = 409 if conflict else 200
    return shell.show(request, person, "suggestions.html", values, status=status)


def _texts(suggestion: Suggestion, each: int) -> tuple[str, ...]:
    """What is shown of one, as its template shortens it."""
    said = (suggestion.before, suggestion.after, suggestion.now if suggestion.conflict else None)
    values = (weight.cut(suggestion.words(value), each) for value in said)
    return (*values, weight.cut(suggestion.note, each), suggestion.label)
