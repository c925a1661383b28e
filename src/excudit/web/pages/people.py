"""Who may do what here: for admins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import ExcuditError, Rejected
from excudit.domain.sentence import Sentence
from excudit.service import people
from excudit.service.parts import Parts
from excudit.web import kinds, shell
from excudit.web.identity import Wired
from excudit.web.visitors import Person, Posted, SignedIn, storable, text

ROUTER = APIRouter(prefix="/people", include_in_schema=False)
PAGE = 50


@ROUTER.get("")
def everybody(request: Request, parts: Wired, person: SignedIn) -> Response:
    """All accounts by name, or those that match."""
    words = storable(request.query_params.get("words", ""), "the search")[:200]
    after = storable(request.query_params.get("after", ""), "the address")[:200]
    rows = people.listing(parts, person.actor, words=words, after=after, limit=PAGE + 1)
    more = urlencode({"words": words, "after": rows[PAGE - 1]["name"]}) if rows[PAGE:] else ""
    values = {
        "rows": [{**row, "address": _address(row["name"])} for row in rows[:PAGE]],
        "words": words,
        "first": "/people" if after else "",
        "next": f"/people?{more}" if more else "",
    }
    return shell.show(request, person, "people/list.html", values)


@ROUTER.get("/{name:path}")
def one(request: Request, parts: Wired, person: SignedIn, name: str) -> Response:
    """One account, with what was done to it lately."""
    return _page(request, parts, person, storable(name, "the address"))


@ROUTER.post("/{name:path}/roles")
def set_roles(
    request: Request, parts: Wired, person: SignedIn, form: Posted, name: str
) -> Response:
    """Give an account exactly these roles."""
    ticked = [storable(role, "roles") for role in form.getlist("roles")]
    roles = [*ticked, *text(form, "further").replace(",", " ").split()]
    reason = text(form, "reason")
    try:
        people.set_roles(parts, person.actor, storable(name, "the address"), roles, reason=reason)
    except ExcuditError as error:
        typed = {"roles": ticked, "further": text(form, "further"), "roles_reason": reason}
        return _page(request, parts, person, name, typed=typed, error=error, form="roles")
    shell.say(parts, person, Sentence("The roles of %(name)s are saved.", name=name))
    return shell.go(parts, _address(name))


@ROUTER.post("/{name:path}/disable")
def disable(request: Request, parts: Wired, person: SignedIn, form: Posted, name: str) -> Response:
    """Close an account at once."""
    return _open_or_close(request, parts, person, name, text(form, "reason"), closing=True)


@ROUTER.post("/{name:path}/enable")
def enable(request: Request, parts: Wired, person: SignedIn, form: Posted, name: str) -> Response:
    """Open an account again."""
    return _open_or_close(request, parts, person, name, text(form, "reason"), closing=False)


def _open_or_close(
    request: Request, parts: Parts, person: Person, name: str, reason: str, *, closing: bool
) -> Response:
    act = people.disable if closing else people.enable
    try:
        act(parts, person.actor, storable(name, "the address"), reason=reason)
    except ExcuditError as error:
        typed = {"state_reason": reason}
        return _page(request, parts, person, name, typed=typed, error=error, form="state")
    words = "disabled: its sessions have ended and its tokens do not work" if closing else "open"
    shell.say(
        parts, person, Sentence("The account of %(name)s is %(words)s.", name=name, words=words)
    )
    return shell.go(parts, _address(name))


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    name: str,
    *,
    typed: Mapping[str, Any] | None = None,
    error: ExcuditError | None = None,
    form: str = "",
) -> Response:
    found = people.one(parts, person.actor, name)
    plain = [role for role in found["roles"] if ":" not in role]
    errors = _errors(error, form)
    status = kinds.of_error(error).status if error else 200
    values = {
        "found": found,
        "address": _address(name),
        "typed": {
            "roles": plain,
            "further": " ".join(role for role in found["roles"] if ":" in role),
            "roles_reason": "",
            "state_reason": "",
            **(typed or {}),
        },
        "errors": defaultdict(str, errors),
        "problems": [(field, words) for field, words in errors.items()],
        "granted": permissions.GRANTED,
        "role_labels": shell.ROLE_WORDS,
        "routes": sorted(parts.settings.routes),
        "failed": error is not None,
    }
    return shell.show(request, person, "people/one.html", values, status=status)


def _errors(error: ExcuditError | None, form: str) -> dict[str, str]:
    if error is None:
        return {}
    if not isinstance(error, Rejected) or not error.problems:
        return {"": Sentence.joined(error.message, error.hint)}
    places = {"/reason": f"{form}_reason", "/roles": "further"}
    said: dict[str, str] = {}
    for problem in error.problems:
        place = places[problem.where]
        said[place] = f"{said.get(place, '')} {problem.message} {problem.mend}".strip()
    return said


def _address(name: str) -> str:
    return f"/people/{quote(name, safe='')}"
