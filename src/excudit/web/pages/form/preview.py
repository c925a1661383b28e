"""How the draft would look: as a page, and as the JSON and XML that a registry would get."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.problem import blocking
from excudit.metadata import citation, datacite_json, datacite_xml
from excudit.service import drafts, findings, verbs
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)

Key = Annotated[str, Path(max_length=40)]


@ROUTER.get("/publications/{publication}/edit/preview")
def preview(request: Request, parts: Wired, person: SignedIn, publication: Key) -> Response:
    """Citation, page, JSON and XML of the draft as it is now."""
    found = verbs.visible(parts, person.actor, publication)
    draft = findings.read(found.record)
    looks, complete = findings.as_it_looks(draft), draft.complete
    values = {
        "publication": found,
        "looks": looks,
        "citation": citation.text(looks) if looks else "",
        "json": _json(found.record),
        "xml": datacite_xml.to_xml(complete).decode() if complete else "",
        "doi": drafts.reserved(parts, found.id),
        "base_path": f"/publications/{found.id}/edit",
    }
    return shell.show(request, person, "form/preview.html", values)


def _json(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, indent=2)


@ROUTER.get("/publications/{publication}/edit/preview.json")
def as_json(parts: Wired, person: SignedIn, publication: Key) -> Response:
    """The draft as DataCite's JSON, complete or not."""
    found = verbs.visible(parts, person.actor, publication)
    complete = findings.read(found.record).complete
    record = datacite_json.to_rest(complete) if complete else dict(found.record)
    return Response(_json(record), 200, dict(shell.PRIVATE), "application/json")


@ROUTER.get("/publications/{publication}/edit/preview.xml")
def as_xml(parts: Wired, person: SignedIn, publication: Key) -> Response:
    """The draft as DataCite's XML. Raises Rejected while it is none."""
    found = verbs.visible(parts, person.actor, publication)
    draft = findings.read(found.record)
    complete = draft.complete
    if complete is None:
        raise Rejected(
            "DataCite's XML cannot be written yet: something mandatory is missing.",
            hint="The form lists what; the JSON can be had at any time.",
            problems=tuple(blocking(findings.problems(draft))),
        )
    text = datacite_xml.to_xml(complete)
    return Response(text, 200, dict(shell.PRIVATE), "application/xml")
