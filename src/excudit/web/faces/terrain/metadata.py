"""The neighbouring calls with which clients find folders and fill in their metadata."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from excudit.domain.errors import Denied
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.service import beginnings
from excudit.service import permanent_id_folders as commons
from excudit.service.parts import Parts
from excudit.web.faces.terrain.answers import Refused, body, shown, told

ROUTER = APIRouter(include_in_schema=False)
MOST_PATHS = 1_000
EPOCH = datetime(2015, 8, 20, tzinfo=UTC)


@ROUTER.get("/filesystem/metadata/templates")
@told
def templates(parts: Parts, actor: Actor, request: Request) -> Any:
    """The one template of the route."""
    found = commons.template_source(parts, commons.source_of(parts)).template()
    return {"metadata_templates": [_head(found)]}


def _head(found: Mapping[str, Any]) -> dict[str, Any]:
    moment = EPOCH.isoformat().replace("+00:00", "Z")
    return {
        "id": found["id"],
        "name": found["name"],
        "description": found["description"],
        "deleted": False,
        "created_by": "excudit",
        "created_on": moment,
        "modified_by": "excudit",
        "modified_on": moment,
    }


@ROUTER.get("/filesystem/metadata/template/{key}")
@told
def template(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """A template with all its attributes."""
    found = commons.template_source(parts, commons.source_of(parts)).template()
    if key != found["id"]:
        raise Refused(404, "ERR_NOT_FOUND", "Metadata template not found.", id=key)
    return found


@ROUTER.post("/filesystem/stat")
@told
def stat(parts: Parts, actor: Actor, request: Request) -> Any:
    """The ids of folders by their paths."""
    asked = body(request).get("paths")
    if not isinstance(asked, list) or len(asked) > MOST_PATHS:
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", {"paths": "a list of at most 1,000 is due"})
    source = commons.source_of(parts)
    paths = [str(path) for path in asked]
    known = {p: beginnings.look(parts.source(source), actor, p).ref for p in paths}
    ids = commons.name_data(parts, list(known.values()))
    return {
        "paths": {
            path: {"id": ids[ref], "path": path, "type": "dir", "label": ref.rpartition("/")[2]}
            for path, ref in known.items()
        }
    }


@ROUTER.get("/filesystem/{data_id}/metadata")
@told
def read(parts: Parts, actor: Actor, request: Request, data_id: str) -> Any:
    """The metadata document of a folder."""
    source, ref = commons.locate(parts, actor, data_id)
    found = commons.template_source(parts, source).document(ref)
    document = {"avus": [], "irods-avus": [], **found}
    document.pop("excudit-identifier", None)
    return {**document, "path": commons.standing_at(parts, source, ref)}


@ROUTER.post("/filesystem/{data_id}/metadata")
@told
def replace(parts: Parts, actor: Actor, request: Request, data_id: str) -> Any:
    """Replace the metadata document of a folder."""
    return _kept(parts, actor, data_id, body(request, required=False), adding=False)


@ROUTER.post("/filesystem/{data_id}/metadata/add")
@told
def add(parts: Parts, actor: Actor, request: Request, data_id: str) -> Any:
    """Add attributes to the metadata document of a folder."""
    return _kept(parts, actor, data_id, body(request, required=False), adding=True)


def _kept(
    parts: Parts, actor: Actor, data_id: str, given: Mapping[str, Any], *, adding: bool
) -> Any:
    source, ref = commons.locate(parts, actor, data_id)
    try:
        found = commons.keep_document(parts, actor, source, ref, given, adding=adding)
    except Denied as error:
        raise Refused(403, "ERR_NOT_WRITEABLE", error.message, path=ref) from error
    return {
        "path": commons.standing_at(parts, source, ref),
        "user": actor.name,
        "warnings": [_warning(attribute, problem) for attribute, problem in found],
    }


def _warning(attribute: str, problem: Problem) -> dict[str, Any]:
    """While a document is saved nothing is refused: errors stop the request, later."""
    return {**shown(problem, attribute), "severity": "warning"}
