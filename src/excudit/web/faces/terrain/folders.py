"""Folders as terrain shows them, where they stand now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import ExcuditError
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import permanent_id_folders as commons
from excudit.service.parts import Parts
from excudit.web.faces.terrain.answers import milliseconds


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the folder of a request was, and how it is shown now (None = not to be seen)."""

    original: str
    folder: dict[str, Any] | None


def listed(parts: Parts, actor: Actor, found: Sequence[Publication]) -> dict[str, Seen]:
    """The folders of some requests, by the request's id."""
    refs = commons.refs(parts, found)
    ids = commons.name_data(parts, [ref for _, ref in refs.values()])
    return {
        one.id: Seen(refs[one.id][1], _folder(parts, actor, one, *refs[one.id], ids))
        for one in found
        if one.id in refs
    } | {one.id: Seen("", None) for one in found if one.id not in refs}


def _folder(
    parts: Parts,
    actor: Actor,
    found: Publication,
    source: str,
    ref: str,
    ids: dict[str, str],
) -> dict[str, Any] | None:
    owner = actor.name == found.owner
    if not owner and not commons.is_curator(parts, actor):
        return None
    try:
        place = commons.standing_at(parts, source, ref)
    except ExcuditError:
        return None
    count, sub = commons.counted(parts, found)
    shown = {
        "id": ids[ref],
        "type": "dir",
        "path": place,
        "label": place.rstrip("/").rpartition("/")[2],
        "permission": _permission(parts, actor, found, owner=owner),
        "file-count": count,
        "dir-count": sub,
        "date-created": milliseconds(found.created_at),
        "date-modified": milliseconds(found.updated_at),
    }
    return {**shown, "share-count": 1} if shown["permission"] == "own" else shown


def _permission(parts: Parts, actor: Actor, found: Publication, *, owner: bool) -> str:
    """The caller's own: curators own what is in custody, its owner what is not."""
    held = found.state in ("submitted", "in_review", "approved", "publishing", "published")
    if commons.is_curator(parts, actor) and held:
        return "own"
    return "own" if owner and not held else "read"
