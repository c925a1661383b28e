"""The basket."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.sentence import Sentence
from excudit.service import basket
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.picking.routes import path_of
from excudit.web.visitors import Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
ON_A_PAGE = 100


def mark_of(source: str, ref: str) -> str:
    """A name of a row for addresses and the page: references hold anything."""
    return hashlib.sha256(f"{source}\n{ref}".encode(errors="replace")).hexdigest()[:12]


def _after(source: str, ref: str) -> tuple[str, str] | None:
    return (source, ref) if source and "\0" not in source + ref else None


@ROUTER.get("/basket")
def shown(
    request: Request, parts: Wired, person: SignedIn, source: str = "", ref: str = ""
) -> Response:
    """What the person has picked, of each source; `source` and `ref` say where a page begins."""
    after = _after(source, ref)
    held = basket.contents(parts, person.actor, after=after, limit=ON_A_PAGE)
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in held.picked:
        row = {"picked": one, "mark": mark_of(one.source, one.ref)}
        groups.setdefault(one.source, []).append(row)
    totals = {t.source: t for t in held.totals}
    values = {
        "held": held,
        "groups": [(totals[name], rows, _routes(parts, name)) for name, rows in groups.items()],
        "uncounted": sum(t.datasets - t.counted for t in held.totals),
        "files": sum(t.files for t in held.totals),
        "bytes": sum(t.bytes for t in held.totals),
        "first": "/basket" if after else "",
        "next": f"?{urlencode({'source': held.next[0], 'ref': held.next[1]})}" if held.next else "",
        "from_source": source if after else "",
        "from_ref": ref if after else "",
    }
    return shell.show(request, person, "picking/basket.html", values)


def _routes(parts: Parts, source: str) -> list[dict[str, str]]:
    """The routes that begin at a source; none when it is no longer in the settings."""
    return [
        {"title": r.title or name, "check": path_of(name, "summary"), "path": path_of(name)}
        for name, r in parts.settings.routes.items()
        if r.source == source and source in parts.sources
    ]


def _summaries(parts: Parts) -> set[str]:
    """The pages from which a dataset can be taken out as well."""
    return {path_of(name, "summary") for name in parts.settings.routes}


@ROUTER.post("/basket/remove")
def remove(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Take one out; the page comes back where it was, at the row that follows."""
    source, ref = str(form.get("source", "")), str(form.get("ref", ""))
    if not source or "\0" in source + ref:
        raise Rejected("It is not said which dataset to take out.", hint="Load the basket again.")
    near = basket.remove(parts, person.actor, source, ref)
    shell.say(parts, person, "It was taken out of your basket.")
    if (back := str(form.get("back", ""))) in _summaries(parts):
        return shell.go(parts, back)
    begin = _after(str(form.get("from_source", "")), str(form.get("from_ref", "")))
    query = f"?{urlencode({'source': begin[0], 'ref': begin[1]})}" if begin and near else ""
    return shell.go(parts, f"/basket{query}#{'out-' + mark_of(*near) if near else 'main'}")


@ROUTER.get("/basket/empty")
def ask_empty(request: Request, parts: Wired, person: SignedIn) -> Response:
    """Ask before everything is taken out."""
    held = basket.contents(parts, person.actor, limit=1)
    return shell.show(request, person, "picking/empty.html", {"held": held})


@ROUTER.post("/basket/empty")
def empty(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Take everything out."""
    gone = basket.empty(parts, person.actor)
    shell.say(parts, person, Sentence("Your basket is empty; %(gone)s taken out.", gone=gone))
    return shell.go(parts, "/basket")


@ROUTER.post("/basket/count")
def count(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Count the files of what was not counted yet, for a few seconds."""
    done, tried = basket.count_files(parts, person.actor)
    totals = basket.contents(parts, person.actor, limit=1).totals
    left = sum(t.datasets - t.counted for t in totals)
    words = f"Datasets whose files were counted now: {done}."
    if left and tried:
        words += (
            f" Not counted: {left}; there is a problem with them, or their source does not count. "
            "Check the selection to learn more."
        )
    elif left:
        words += f" Still to be counted: {left}; press again to go on."
    shell.say(parts, person, words)
    return shell.go(parts, "/basket")
