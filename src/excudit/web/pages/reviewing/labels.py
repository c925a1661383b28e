"""Labels: those of the site, and the one of a publication with its history."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Conflict, NotFound, Rejected
from excudit.domain.sentence import Sentence
from excudit.service import acts, labels
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.reviewing import asked
from excudit.web.pages.reviewing.review import names
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
_DOES = {"retire": labels.retire, "restore": labels.restore, "delete": labels.delete}
_DONE = {"retire": "Retired: {}", "restore": "In use again: {}", "delete": "Deleted: {}"}


@ROUTER.get("/labels")
def every(request: Request, parts: Wired, person: SignedIn) -> Response:
    """All labels; curators and admins define and retire them here."""
    permissions.require_site("queue", person.actor.roles)
    return _page(request, parts, person)


@ROUTER.post("/labels")
def define(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """A new label."""
    name, meaning = asked.text(form, "name"), asked.text(form, "meaning")
    try:
        kept = labels.define(parts, person.actor, name, meaning)
    except (Conflict, Rejected) as refused:
        return _page(request, parts, person, refused, name=name, meaning=meaning)
    shell.say(parts, person, Sentence("Defined: %(kept)s", kept=kept))
    return shell.go(parts, "/labels")


@ROUTER.post("/labels/describe")
def describe(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Say anew what a label means."""
    name = asked.text(form, "name")
    try:
        labels.describe(parts, person.actor, name, asked.text(form, "meaning"))
    except Rejected as refused:
        return _page(request, parts, person, refused)
    shell.say(parts, person, Sentence("Described anew: %(name)s", name=name))
    return shell.go(parts, "/labels")


@ROUTER.post("/labels/{does}")
def use(request: Request, parts: Wired, person: SignedIn, does: str, form: Posted) -> Response:
    """Retire, restore or delete a label."""
    if does not in _DOES:
        raise NotFound("There is nothing at this address.")
    name = asked.text(form, "name")
    try:
        _DOES[does](parts, person.actor, name)
    except Conflict as refused:
        return _page(request, parts, person, refused)
    shell.say(parts, person, _DONE[does].format(name))
    return shell.go(parts, "/labels")


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    refused: Conflict | Rejected | None = None,
    *,
    name: str = "",
    meaning: str = "",
) -> Response:
    values = {
        "labels": labels.every(parts),
        "may_define": permissions.may("define_labels", person.actor.roles),
        "refused": refused,
        "name": name,
        "meaning": meaning,
        "longest": labels.LONGEST,
        "failed": refused is not None,
    }
    status = 200 if refused is None else 409 if isinstance(refused, Conflict) else 422
    return shell.show(request, person, "labels.html", values, status=status)


@ROUTER.get("/publications/{publication}/label")
def to_label(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The label of a publication, and every one that it had."""
    found = visible(parts, person.actor, publication)
    with parts.database.read() as connection:
        roles = acts.roles_of(connection, person.actor, found)
    permissions.require("label", found.state, roles)
    return _of_one(request, parts, person, found.id)


@ROUTER.post("/publications/{publication}/label")
def put(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Set, change or take off the label, with a comment."""
    found = visible(parts, person.actor, publication)
    label = asked.cleaned(asked.text(form, "label"), labels.LONGEST)
    comment = asked.text(form, "comment")
    error = asked.wrong(comment)
    if error:
        return _of_one(request, parts, person, found.id, chosen=label, comment=comment, error=error)
    try:
        labels.put(parts, person.actor, found.id, label, comment)
    except (Conflict, NotFound) as refused:
        why = Sentence.joined(refused.message, refused.hint)
        return _of_one(request, parts, person, found.id, comment=comment, wrong=why)
    shell.say(parts, person, f"Labelled: {label}" if label else "It has no label now.")
    return shell.go(parts, f"/publications/{found.id}/review")


def _of_one(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    *,
    chosen: str | None = None,
    comment: str = "",
    error: str = "",
    wrong: str = "",
) -> Response:
    found = visible(parts, person.actor, publication)
    history = labels.history(parts, found.id)
    known = labels.every(parts)
    usable = [la for la in known if not la["retired_at"] or la["name"] == found.label]
    values = {
        "publication": found,
        "options": [("", "No label"), *((la["name"], la["name"]) for la in usable)],
        "meanings": [(la["name"], la["meaning"]) for la in usable if la["meaning"]],
        "chosen": found.label if chosen is None else chosen,
        "comment": comment,
        "history": history,
        "called": names(parts, *(h["actor"] for h in history)),
        "may_define": permissions.may("define_labels", person.actor.roles),
        "error": error,
        "wrong": wrong,
    }
    status = 422 if error or wrong else 200
    return shell.show(request, person, "labels_set.html", values, status=status)
