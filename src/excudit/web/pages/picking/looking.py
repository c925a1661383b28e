"""Searching the source of a route, and putting what was found into the basket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.model import Dataset
from excudit.domain.problem import Problem
from excudit.service import basket, picking
from excudit.service.parts import Parts
from excudit.service.picking import Found
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.picking.routes import KINDS, path_of, words_of
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
ON_A_PAGE = 50
LONGEST = 500
COUNTING_S = 0.5


def clean(text: str) -> str:
    """What was typed into the search field, without what no source can mean."""
    return "".join(c for c in text if c.isprintable())[:LONGEST].strip()


def number(text: str) -> int:
    """Where a page of the list begins; 0 for anything else than a sensible number."""
    sound = text.isascii() and text.isdigit() and len(text) < 6
    return min(int(text), picking.MATCHES) if sound else 0


@ROUTER.get("/publications/new/{route}")
def look(
    request: Request, parts: Wired, person: SignedIn, route: str, q: str = "", begin: str = ""
) -> Response:
    """The datasets of the route's source, searched anew unless a page is turned."""
    source = parts.route(route).source
    text = clean(q)
    found = picking.search(parts, person.actor, source, text, anew=not begin)
    return _page(request, parts, person, route, text, number(begin), found)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    route: str,
    text: str,
    begin: int,
    found: Found,
    *,
    problems: Sequence[Problem] = (),
    told: str = "",
) -> Response:
    rules = parts.route(route)
    here = path_of(route)
    shown = found.datasets[begin : begin + ON_A_PAGE]
    total = len(found.datasets)
    values: dict[str, Any] = {
        "route": words_of(parts, route, rules),
        "kinds": KINDS,
        "others": len(parts.settings.routes) > 1,
        "q": text,
        "begin": begin,
        "rows": picking.rows(parts, person.actor, rules.source, shown),
        "total": total,
        "found": found,
        "most": picking.MATCHES,
        "seconds": round(picking.SEARCH_S),
        "first": f"?{urlencode({'q': text, 'begin': '0'})}" if begin else "",
        "next": f"?{urlencode({'q': text, 'begin': begin + ON_A_PAGE})}"
        if begin + ON_A_PAGE < total
        else "",
        "action": f"{here}/pick",
        "basket": basket.contents(parts, person.actor, limit=1),
        "problems": [("", f"{p.message} {p.mend}".strip()) for p in problems],
    }
    if told:
        values["said"] = [told]
    status = 422 if problems else 503 if found.failed and not total else 200
    return shell.show(request, person, "picking/looking.html", values, status=status)


@ROUTER.post("/publications/new/{route}/pick")
def pick(request: Request, parts: Wired, person: SignedIn, form: Posted, route: str) -> Response:
    """Put the ticked datasets, all of the page, or all matches into the basket."""
    source = parts.route(route).source
    text, begin = clean(str(form.get("q", ""))), number(str(form.get("begin", "")))
    back = f"{path_of(route)}?{urlencode({'q': text, 'begin': str(begin)})}"
    if ref := str(form.get("out", "")):
        basket.remove(parts, person.actor, source, ref)
        shell.say(parts, person, "It was taken out of your basket.")
        return shell.go(parts, back)
    found = picking.search(parts, person.actor, source, text, anew=False)
    try:
        added = _added(parts, person, source, form, found, begin)
    except (Rejected, Conflict) as error:
        problems = error.problems or (Problem("", f"{error.message} {error.hint}"),)
        return _page(request, parts, person, route, text, begin, found, problems=problems)
    if added.new:
        basket.count_files(parts, person.actor, seconds=COUNTING_S)
    if added.problems:
        told = _told(added) if added.new else ""
        wrong = added.problems
        return _page(request, parts, person, route, text, begin, found, problems=wrong, told=told)
    shell.say(parts, person, _told(added))
    return shell.go(parts, back)


def _added(
    parts: Parts, person: Person, source: str, form: Any, found: Found, begin: int
) -> basket.Added:
    wish = str(form.get("do", "ticked"))
    if wish == "all":
        return basket.add_found(parts, person.actor, found.datasets)
    if wish == "page":
        page: Sequence[Dataset] = found.datasets[begin : begin + ON_A_PAGE]
        return basket.add_found(parts, person.actor, page)
    refs = [str(ref) for ref in form.getlist("ref")][: picking.MATCHES]
    if not refs:
        raise Rejected("Nothing is ticked.", hint="Tick the datasets that you want first.")
    if any("\0" in ref or not ref.isprintable() for ref in refs):
        raise Rejected("A reference holds characters that no reference has.", hint="Search anew.")
    return basket.add(parts, person.actor, source, refs)


def _told(added: basket.Added) -> str:
    if not added.new:
        return "Everything chosen was in your basket already."
    datasets = "1 dataset is" if added.new == 1 else f"{added.new} datasets are"
    known = f"; {added.known} were in it already" if added.known else ""
    return f"{datasets} now in your basket{known}."
