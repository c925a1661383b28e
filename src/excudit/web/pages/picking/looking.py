"""Searching the source of a route, and putting what was found into the basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.model import Dataset
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.service import basket, picking
from excudit.service.parts import Parts
from excudit.service.picking import Found, Narrow
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address has it."""

    text: str
    by: Narrow

    @property
    def query(self) -> dict[str, str]:
        """The same as a query, without what was not asked."""
        by = self.by
        told = {"owner": by.owner, "access": by.access, "free": "yes" if by.free else ""}
        return {"q": self.text, **{name: text for name, text in told.items() if text}}


def asked_of(given: Mapping[str, Any]) -> Asked:
    """What somebody asked for by an address or a form."""
    owner, access = (clean(str(given.get(name, ""))) for name in ("owner", "access"))
    by = Narrow(owner, access, bool(given.get("free")))
    return Asked(clean(str(given.get("q", ""))), by)


@ROUTER.get("/publications/new/{route}")
def look(request: Request, parts: Wired, person: SignedIn, route: str, begin: str = "") -> Response:
    """The datasets of the route's source, searched anew unless a page is turned."""
    source = parts.route(route).source
    asked = asked_of(request.query_params)
    found = picking.search(parts, person.actor, source, asked.text, anew=not begin)
    return _page(request, parts, person, route, asked, number(begin), found)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    route: str,
    asked: Asked,
    begin: int,
    every: Found,
    *,
    problems: Sequence[Problem] = (),
    told: str = "",
) -> Response:
    rules = parts.route(route)
    here = path_of(route)
    found = picking.narrowed(parts, person.actor, rules.source, every, asked.by)
    shown = found.datasets[begin : begin + ON_A_PAGE]
    total = len(found.datasets)
    values: dict[str, Any] = {
        "route": words_of(parts, route, rules),
        "kinds": KINDS,
        "others": len(parts.settings.routes) > 1,
        "q": asked.text,
        "by": asked.by,
        "asked": asked.query,
        "owners": picking.known(every, "owner"),
        "accesses": picking.known(every, "access"),
        "begin": begin,
        "rows": picking.rows(parts, person.actor, rules.source, shown),
        "total": total,
        "found": found,
        "most": picking.MATCHES,
        "seconds": round(picking.SEARCH_S),
        "first": f"?{urlencode({**asked.query, 'begin': '0'})}" if begin else "",
        "next": f"?{urlencode({**asked.query, 'begin': begin + ON_A_PAGE})}"
        if begin + ON_A_PAGE < total
        else "",
        "action": f"{here}/pick",
        "basket": basket.contents(parts, person.actor, limit=1),
        "problems": [("", Sentence.joined(p.message, p.mend)) for p in problems],
    }
    if told:
        values["said"] = [told]
    status = 422 if problems else 503 if found.failed and not every.datasets else 200
    return shell.show(request, person, "picking/looking.html", values, status=status)


@ROUTER.post("/publications/new/{route}/pick")
def pick(request: Request, parts: Wired, person: SignedIn, form: Posted, route: str) -> Response:
    """Put the ticked datasets, all of the page, or all matches into the basket."""
    source = parts.route(route).source
    asked, begin = asked_of(form), number(str(form.get("begin", "")))
    back = f"{path_of(route)}?{urlencode({**asked.query, 'begin': str(begin)})}"
    if ref := str(form.get("out", "")):
        basket.remove(parts, person.actor, source, ref)
        shell.say(parts, person, "It was taken out of your basket.")
        return shell.go(parts, back)
    every = picking.search(parts, person.actor, source, asked.text, anew=False)
    found = picking.narrowed(parts, person.actor, source, every, asked.by)
    try:
        added = _added(parts, person, source, form, found, begin)
    except (Rejected, Conflict) as error:
        problems = error.problems or (Problem("", Sentence.joined(error.message, error.hint)),)
        return _page(request, parts, person, route, asked, begin, every, problems=problems)
    if added.new:
        basket.count_files(parts, person.actor, seconds=COUNTING_S)
    if added.problems:
        told = _told(added) if added.new else ""
        wrong = added.problems
        return _page(request, parts, person, route, asked, begin, every, problems=wrong, told=told)
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
    there = Sentence.counted(
        "%(num)s dataset is now in your basket.",
        "%(num)s datasets are now in your basket.",
        added.new,
    )
    if not added.known:
        return there
    known = Sentence.counted(
        "%(num)s was in it already.", "%(num)s were in it already.", added.known
    )
    return Sentence.joined(there, known)
