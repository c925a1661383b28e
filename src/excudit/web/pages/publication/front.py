"""The first tab: how it stands, what happened, what is outside; it follows a run by itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.metadata import citation, datacite_json
from excudit.metadata.web_links import doi_url, web_url
from excudit.service import overview, stored, wording
from excudit.service.outside import FATE_WORDS
from excudit.service.overview import Overview
from excudit.service.parts import Parts
from excudit.service.steps import STEP_WORDS
from excudit.service.timeline import Told
from excudit.web import rendering, shell
from excudit.web.figures import size
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame, words
from excudit.web.rendering import known
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)

LOOKS = {
    "ok": "ok",
    "running": "running",
    "undoing": "running",
    "queued": "waiting",
    "later": "waiting",
    "held": "parked",
    "failed": "failed",
    "fault": "failed",
    "stopped": "undone",
    "undone": "undone",
    "asked": "waiting",
    "no": "failed",
}
"""Words for steps → how the timeline draws them."""

DOI_WORDS = {
    "chosen": "Reserved – does not resolve yet",
    "asked": "Reserved – does not resolve yet",
    "draft": "Reserved – does not resolve yet",
    "registered": "Registered – leads to the page with the reason",
    "findable": "Findable",
}
MAIL_WORDS = {
    "due": "goes out soon",
    "sent": "sent",
    "failed": "could not be sent",
    "held": "waits for the daily digest",
    "bundled": "sent in a digest",
}


@ROUTER.get("/publications/{publication}")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The whole page."""
    found = frame.found(parts, person, publication)
    values = of_overview(parts, person.actor, overview.overview(parts, person.actor, found.id))
    return shell.show(request, person, "publication/overview.html", values)


@ROUTER.get("/publications/{publication}/progress")
def progress(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """What changes while a run goes on; 304 while nothing did."""
    found = frame.found(parts, person, publication)
    tag = f'"{overview.mark(parts, found, person.actor)}"'
    headers = {**shell.PRIVATE, "ETag": tag}
    if known(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    values = of_overview(parts, person.actor, overview.overview(parts, person.actor, found.id))
    # Not by the shell: the words that it shows once are for whole pages.
    around = {"csrf": person.session.csrf, "here": f"/publications/{found.id}"}
    return rendering.page(
        "pages/publication/progress.html",
        parts.settings.site,
        {**around, **values},
        headers=headers,
    )


RUN_WORDS = {
    "queued": "waits for its turn",
    "running": "running",
    "waiting": "waits for the next try",
    "parked": "stood still",
    "done": "done",
    "undone": "undone",
    "stopped": "stopped",
    "cleaned": "undone and cleaned up",
}


def of_overview(
    parts: Parts, actor: Actor, seen: Overview, *, typed: str = "", error: str = ""
) -> dict[str, Any]:
    """What the first tab needs beside its head; `typed` and `error` of its form."""
    top, run = seen.head, seen.head.run
    roles = {"owner", "collaborator", "curator", "admin"} & top.roles
    standing = run is not None and run.ended_at is None
    return {
        **frame.of_head(parts, top),
        "seen": seen,
        "stored": _stored(parts, top.publication),
        "actor_name": actor.name,
        "sees_versions": bool({"reviewer", "curator", "admin"} & top.roles),
        "who_typed": typed,
        "who_error": error,
        "problems": [("who", error)] if error else [],
        "run_words": RUN_WORDS,
        "because": _because(seen),
        "unfinished": [s for s in run.steps if s.word != "ok"] if standing and run else [],
        "run": run,
        # Those of earlier runs; the present one shows its own among its steps.
        "questions": [q for q in seen.questions if run is None or q.chain not in run.parts],
        "final_key": next((s.key for s in run.steps if s.final), "") if run else "",
        "active": run is not None and run.active,
        "may_retry": standing and bool(roles),
        "looks": LOOKS,
        "step_words": STEP_WORDS,
        "fate_words": FATE_WORDS,
        "mail_words": MAIL_WORDS,
        "doi_words": DOI_WORDS.get(seen.doi_state, ""),
        "doi_url": doi_url(seen.doi) if seen.doi_state in ("findable", "registered") else "",
        "citation": cited(seen),
        "size": size,
        "web_url": web_url,
        "landing": parts.landing_url(top.publication.slug) if top.publication.page_open else "",
        "earlier": words.between(seen.timeline.earlier),
        "failed_now": standing and run is not None and run.status == "parked",
        "checks": [s for s in run.steps if s.key.startswith(("page", "confirm.", "report"))]
        if run is not None and run.plan == "publish" and run.status == "done"
        else [],
    }


def _stored(parts: Parts, publication: Publication) -> list[stored.Stored]:
    """What the database keeps of the deposits, where the route's people ask for it by stages."""
    if not wording.vocabulary(parts, publication.route).stages:
        return []
    return stored.of(parts, publication)


TOLD_ON_TOP = {"changes_requested": "return", "rejected": "reject"}


def _because(seen: Overview) -> Told | None:
    """The reason of the decision that it stands under."""
    action = TOLD_ON_TOP.get(seen.head.publication.state)
    every = (*seen.timeline.earlier, *seen.timeline.present)
    told = [e.event for e in every if e.event and e.event.action == action and e.event.reason]
    return told[-1] if told else None


def cited(seen: Overview) -> str:
    """How to cite it, once there is a frozen record that says enough."""
    if seen.frozen is None:
        return ""
    try:
        record = datacite_json.from_rest(seen.frozen.record)
    except Rejected:
        return ""
    resolves = seen.doi_state in ("findable", "registered")
    return citation.text(record.model_copy(update={"doi": seen.doi if resolves else ""}))
