"""Every page of the web application: who looks at it, and where it stands when they do.

`PAGES` has a row for each address of the application that is a page (`addresses()` tells them
all); `NO_PAGES` says of each other address what it is instead. A name in braces is that of a
publication of `Scene`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from browser_house import BrowserHouse

from excudit.domain.publication import Publication
from excudit.service import basket, bulk, drafts, labels, previews, suggestions, talk, verbs
from excudit.web import public
from excudit.web.pages import ROUTES

MISSING = "/publications/019a0000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Look:
    """`path` as `who` sees it; `press`: the button that is pressed there, with nothing filled in,
    to see the page in its error state; `status` of what is then shown."""

    who: str
    path: str
    press: str = ""
    status: int = 200

    def __str__(self) -> str:
        return f"{self.path} as {self.who or 'nobody'}" + (f": {self.press}" if self.press else "")


def _of(template: str, who: str, state: str, press: str = "") -> list[Look]:
    path = template.replace("{publication}", f"{{{state}}}")
    normal = [Look(who, path)]
    return [*normal, Look(who, path, press, 422)] if press else normal


def _publication(rows: Mapping[str, tuple[str, ...]]) -> dict[str, list[Look]]:
    here = "/publications/{publication}"
    return {here + tail: _of(here + tail, *row) for tail, row in rows.items()}


PAGES: dict[str, list[Look]] = {
    # What everybody may read.
    "/": [Look("", "/"), Look("ada", "/")],
    "/accessibility": [Look("", "/accessibility")],
    "/help": [Look("", "/help"), Look("ada", "/help")],
    "/d/{slug}": [Look("", "/d/{published_slug}"), Look("", "/d/{withdrawn_slug}")],
    "/problems/{kind}": [Look("", "/problems/Conflict"), Look("", "/problems/None", status=404)],
    "/preview/{token}": [Look("", "/preview/{token}"), Look("", "/preview/none", status=404)],
    "/sign-in": [Look("", "/sign-in"), Look("", "/sign-in", "Sign in", 422)],
    # What authors do.
    "/desk": [Look("ada", "/desk"), Look("nina", "/desk"), Look("rita", "/desk")],
    "/desk/mine": [Look("ada", "/desk/mine"), Look("nina", "/desk/mine?title=none")],
    "/publications/new": [Look("ada", "/publications/new")],
    "/publications/new/{route}": [
        Look("ada", "/publications/new/reviewed"),
        Look("ada", "/publications/new/reviewed?q=none+of+this+name"),
        Look("ada", "/publications/new/nowhere", status=404),
    ],
    "/publications/new/{route}/summary": [
        Look("bea", "/publications/new/reviewed/summary"),
        Look("nina", "/publications/new/reviewed/summary"),
        Look("olaf", "/publications/new/reviewed/summary", "Make the draft", 422),
    ],
    "/basket": [Look("bea", "/basket"), Look("nina", "/basket")],
    "/basket/empty": [Look("bea", "/basket/empty")],
    "/account": [Look("ada", "/account"), Look("ada", "/account", "Make the token", 422)],
    "/preferences": [Look("ada", "/preferences")],
    # One publication.
    "/publications/{publication}": [
        *(Look("ada", f"/publications/{{{state}}}") for state in ("draft", "returned", "stuck")),
        *(Look("ada", f"/publications/{{{state}}}") for state in ("published", "withdrawn")),
        Look("ada", MISSING, status=404),
        Look("bea", "/publications/{draft}", status=404),
    ],
    "/publications/{publication}/files": [
        Look("ada", "/publications/{draft}/files"),
        Look("ada", "/publications/{in_review}/files"),
    ],
    "/publications/{publication}/changes": [
        Look("ada", "/publications/{draft}/changes"),
        Look("rita", "/publications/{again}/changes"),
    ],
    "/publications/{publication}/discussion": [
        Look("ada", "/publications/{draft}/discussion"),
        Look("rita", "/publications/{in_review}/discussion"),
        Look("rita", "/publications/{in_review}/discussion", "Send comment", 422),
    ],
    "/publications/{publication}/data": [Look("ada", "/publications/{in_review}/data")],
    "/publications/{publication}/export": [Look("ada", "/publications/{published}/export")],
    "/publications/{publication}/gates/{gate}": [
        Look("ada", "/publications/{draft}/gates/none", status=409),
    ],
    "/hand-in/{route}": [Look("ada", "/hand-in/nowhere", status=404)],
    "/hand-in/{route}/kept/{ref}": [Look("ada", "/hand-in/nowhere/kept/none", status=404)],
    "/publications/{publication}/mails": [
        Look("ada", "/publications/{draft}/mails"),
        Look("ada", "/publications/{published}/mails"),
    ],
    "/publications/{publication}/edit/{key}": [
        *(
            Look("ada", f"/publications/{{draft}}/edit/{key}")
            for key in ("basics", "people", "rights", "subjects", "related", "funding")
        ),
        Look("ada", "/publications/{draft}/edit/files"),
        Look("ada", "/publications/{draft}/edit/targets"),
        Look("ada", "/publications/{broken}/edit/people", "Submit", 422),
        Look("ada", "/publications/{broken}/edit/nothing", status=404),
    ],
    "/publications/{publication}/import": [
        Look("ada", "/publications/{draft}/import"),
        Look("ada", "/publications/{draft}/import", "Read the file", 422),
    ],
    "/publications/{publication}/suggestions": [
        Look("ada", "/publications/{returned}/suggestions"),
        Look("ada", "/publications/{draft}/suggestions"),
    ],
    "/publications/{publication}/suggest": [
        Look("rita", "/publications/{in_review}/suggest"),
        Look("rita", "/publications/{in_review}/suggest?field=/titles/0/title"),
        Look("rita", "/publications/{in_review}/suggest?field=/version", "Suggest", 422),
    ],
    **_publication(
        {
            "/edit": ("ada", "returned"),
            "/submit": ("ada", "alone"),
            "/edit/preview": ("ada", "draft"),
            "/metadata": ("ada", "published"),
            "/history": ("ada", "again"),
            "/review": ("rita", "again", "Add the comment"),
            "/approve": ("rita", "in_review"),
            "/return": ("rita", "in_review", "Return"),
            "/reject": ("rita", "in_review", "Reject"),
            "/assign": ("rita", "in_review"),
            "/label": ("carl", "in_review"),
            "/publish": ("ada", "approved"),
            "/schedule": ("ada", "approved", "Set the date"),
            "/previews": ("ada", "approved"),
            "/cancel": ("ada", "returned"),
            "/recall": ("ada", "in_review"),
            "/delete": ("ada", "draft"),
            "/stop": ("ada", "stuck"),
            "/retry": ("ada", "stuck"),
            "/new-version": ("ada", "published"),
            "/withdraw": ("carl", "published", "Withdraw and leave a tombstone"),
            "/amend": ("carl", "published", "Check and compare"),
        }
    ),
    # What reviewers, curators and admins see.
    "/queue": [
        Look("rita", "/queue"),
        Look("rita", "/queue?title=none+of+this+name"),
        Look("rita", "/queue", "Look before doing it", 422),
        Look("ada", "/queue", status=403),
    ],
    "/queue/bulk/{key}": [
        Look("rita", "/queue/bulk/{bulk}"),
        Look("rita", "/queue/bulk/{bulk}", "Return 1 request", 422),
        Look("rita", "/queue/bulk/none", status=404),
    ],
    "/labels": [Look("rita", "/labels"), Look("carl", "/labels", "Define", 422)],
    "/people": [Look("adam", "/people"), Look("adam", "/people?words=nobody-at-all")],
    "/people/{name:path}": [
        Look("adam", "/people/bea"),
        Look("adam", "/people/bea", "Save the roles", 422),
        Look("adam", "/people/no-one", status=404),
    ],
    "/operations": [Look("adam", "/operations"), Look("ada", "/operations", status=403)],
    "/operations/runs/{health}": [
        Look("adam", "/operations/runs/needs_attention"),
        Look("adam", "/operations/runs/out_of_sync"),
        Look("adam", "/operations/runs/none", status=404),
    ],
    "/operations/mails": [Look("adam", "/operations/mails")],
    "/operations/intake": [Look("adam", "/operations/intake")],
    "/operations/questions": [Look("adam", "/operations/questions")],
    "/operations/routes": [Look("adam", "/operations/routes")],
    "/audit": [
        Look("adam", "/audit"),
        Look("adam", "/audit?who=nobody"),
        Look("adam", "/audit?from=never", status=422),
    ],
}

NO_PAGES: dict[str, str] = {
    "/audit/export.{form}": "a file",
    "/d/{slug}/export/{form}": "a file",
    "/favicon.ico": "a picture",
    "/favicon.svg": "a picture",
    "/pick/{kind}": "JSON for the pickers",
    "/publications/{publication}/edit/preview.json": "a file",
    "/publications/{publication}/edit/preview.xml": "a file",
    "/publications/{publication}/data/{plot}.svg": "a picture",
    "/publications/{publication}/export/file": "a file",
    "/publications/{publication}/export/package": "a file",
    "/publications/{publication}/progress": "a part of the publication's page",
    "/robots.txt": "a file for robots",
    "/sign-in/held": "a page only after a form was sent too late: test_session_pages.py",
    "/sign-in/openid": "leads to the provider",
    "/sign-in/openid/back": "leads back from the provider: tests/e2e",
    "/sign-in/openid/end": "leads to the provider",
    "/sign-in/openid/ended": "leads to the page of who is signed out",
    "/sign-in/session": "JSON for the script",
}


def _paths(routes: Any, before: str = "") -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _paths(inner.routes, before + route.include_context.prefix)
        elif "GET" in (route.methods or ()):
            yield before + route.path


def addresses() -> set[str]:
    """Every address of pages and public face that a browser can open, as the routes have it."""
    here = set(_paths(ROUTES))
    return here | {path for path in _paths(public.ROUTES) if not path.startswith("/static/")}


class Scene:
    """Publications in every state, with what stands on their pages; `names` are those of `Look`."""

    def __init__(self, house: BrowserHouse) -> None:
        self.house = house
        ada, rita, carl = (house.actor(name) for name in ("ada", "rita", "carl"))
        parts = house.parts
        for name in ("nina", "olaf"):
            house.person(name)
        label = "Asks the data officer"
        if not any(known["name"] == label for known in labels.every(parts)):
            labels.define(parts, carl, label, "She knows the embargoes.")
        made = self._made()
        ids = {state: one.id for state, one in made.items()}
        bare = {k: v for k, v in made["broken"].record.items() if k != "creators"}
        drafts.replace(parts, ada, ids["broken"], bare)
        self._talk(ids["in_review"], label)
        suggestions.suggest(parts, rita, ids["returned"], "/version", "2.0", "It is the second.")
        verbs.turn_down(parts, rita, ids["returned"], "return", "See my suggestion.")
        verbs.withdraw(parts, carl, ids["withdrawn"], "The sensor was broken.")
        house.reaches(ids["withdrawn"], "withdrawn")
        for name, title in (("bea", "Kept in a basket"), ("olaf", "Gone from its folder")):
            place = house.dataset(title)
            basket.add(parts, house.actor(name), "folders", [str(place)])
        shutil.rmtree(place)
        plan = bulk.prepare(parts, rita, "return", [ids["many"]])
        self.names = {
            **ids,
            **{f"{state}_slug": one.slug for state, one in made.items()},
            "bulk": plan.id,
            "token": previews.make(
                parts, ada, ids["approved"], days=7, anonymous=False, note="For the editor"
            )[1],
        }

    def _made(self) -> dict[str, Publication]:
        """All at once, because each has to wait for the worker."""
        house = self.house
        ways: dict[str, Callable[[], Publication]] = {
            "draft": lambda: house.draft("Looked at as a draft"),
            "alone": lambda: house.draft("Looked at before nobody else does", route="at-once"),
            "broken": lambda: house.draft("Looked at while it is incomplete"),
            "in_review": lambda: house.in_review("Looked at in review"),
            "many": lambda: house.in_review("Looked at in bulk"),
            "again": self._again,
            "returned": lambda: house.in_review("Looked at by its author"),
            "approved": lambda: house.approved("Looked at before it is public"),
            "published": lambda: house.published("Looked at by everybody"),
            "withdrawn": lambda: house.published("Looked at as a tombstone"),
            "stuck": lambda: house.stuck("Looked at while it stands still"),
        }
        with ThreadPoolExecutor(len(ways)) as pool:
            return dict(zip(ways, pool.map(lambda way: way(), ways.values()), strict=True))

    def _again(self) -> Publication:
        """Returned once, changed, and submitted again."""
        house, parts = self.house, self.house.parts
        made = house.returned("Looked at in its second round")
        record = {**house.get(made.id).record, "version": "2.0"}
        drafts.replace(parts, house.actor("ada"), made.id, record)
        verbs.submit(parts, house.actor("ada"), made.id)
        return house.reaches(made.id, "in_review")

    def _talk(self, key: str, label: str) -> None:
        parts, rita, ada = self.house.parts, self.house.actor("rita"), self.house.actor("ada")
        labels.put(parts, self.house.actor("carl"), key, label, "Embargo until spring?")
        talk.comment(parts, rita, key, "Which calibration is this?", field="/descriptions")
        talk.comment(parts, ada, key, "The one of 2023; I shall say so.")
        talk.comment(parts, rita, key, "Look at the units, too.", internal=True)
        suggestions.suggest(parts, rita, key, "/version", "3.0", "")
        talk.collaborate(parts, ada, key, "bea")
