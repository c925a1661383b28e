"""The folders of a data commons: found by UUIDs, described by documents, standing here or there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from excudit.domain.errors import Denied, NotFound
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.ports import Moving, Templated
from excudit.service import beginnings
from excudit.service.parts import Parts
from excudit.store import dataset_uuids, publications, snapshots

VOCABULARY = "permanent-id"
COUNTED = 1_000


def routes(parts: Parts) -> list[str]:
    """The routes with this vocabulary, as the settings name them."""
    return [name for name, r in parts.settings.routes.items() if r.words == VOCABULARY]


def route_for(parts: Parts) -> str:
    """The route that new requests take. Raises NotFound where there is none."""
    found = routes(parts)
    if not found:
        raise NotFound(
            "This service gives no permanent identifiers to folders.",
            hint='Give a route words = "permanent-id".',
        )
    return found[0]


def is_curator(parts: Parts, actor: Actor) -> bool:
    """Whether somebody may see and judge the requests of all."""
    names = {"curator", "admin", *(f"curator:{route}" for route in routes(parts))}
    return bool(names & actor.roles)


def source_of(parts: Parts) -> str:
    """The source of the route."""
    return parts.route(route_for(parts)).source


def locate(parts: Parts, actor: Actor, data_id: str) -> tuple[str, str]:
    """Source and reference of the dataset with this UUID, if the actor may see it. Raises
    NotFound."""
    with parts.database.read() as connection:
        found = dataset_uuids.find(connection, data_id)
    if found is None:
        found = _sought(parts, actor, data_id)
    if found is None or not beginnings.sees(parts.source(found[0]), actor, found[1]):
        raise NotFound(f"There is no folder with the id {data_id}.")
    return found


def _sought(parts: Parts, actor: Actor, data_id: str) -> tuple[str, str] | None:
    """One that nobody has named yet is looked for among all that the actor may see."""
    name = source_of(parts)
    refs = [d.ref for d in parts.source(name).search("", actor=actor, limit=10_000)]
    with parts.database.write() as connection:
        dataset_uuids.keep(connection, name, refs)
        return dataset_uuids.find(connection, data_id)


def name_data(parts: Parts, refs: Sequence[str]) -> dict[str, str]:
    """The UUIDs of datasets of the route's source, by reference; from now on they are found."""
    name = source_of(parts)
    with parts.database.write() as connection:
        dataset_uuids.keep(connection, name, refs)
    return {ref: dataset_uuids.of(name, ref) for ref in refs}


def template_source(parts: Parts, name: str) -> Templated:
    """The source, if its datasets have metadata documents. Raises NotFound."""
    found = parts.source(name)
    if not isinstance(found, Templated) or not found.templated:
        raise NotFound("The folders of this service have no metadata template.")
    return found


def standing_of(parts: Parts, source: str, ref: str) -> Publication | None:
    """The open request for this dataset."""
    with parts.database.read() as connection:
        return publications.holder(connection, source, ref)


def refs(parts: Parts, found: Sequence[Publication]) -> dict[str, tuple[str, str]]:
    """Source and reference of each request's folder, by the request's id."""
    with parts.database.read() as connection:
        return publications.first_datasets(connection, [one.id for one in found])


def standing_at(parts: Parts, source: str, ref: str) -> str:
    """Where a folder stands now; its reference where the source does not tell."""
    found = parts.source(source)
    if not isinstance(found, Moving):
        return ref
    return found.standing(ref).removeprefix("file://")


def counted(parts: Parts, found: Publication) -> tuple[int, int]:
    """Files and folders of what was frozen; 0 while nothing is. Folders are counted in the first
    files only, which is all of them for most."""
    if not found.snapshot:
        return 0, 0
    with parts.database.read() as connection:
        frozen = snapshots.get(connection, found.snapshot)
        first = snapshots.page_of(connection, frozen.files_of, limit=COUNTED)
    folders = {
        path[:end]
        for _, entry in first
        for path in (entry.path,)
        for end, mark in enumerate(path)
        if mark == "/"
    }
    return frozen.files, len(folders)


def keep_document(
    parts: Parts,
    actor: Actor,
    source: str,
    ref: str,
    given: Mapping[str, Any],
    *,
    adding: bool,
) -> Sequence[tuple[str, Problem]]:
    """Replace or extend the metadata document of a folder; what is wrong in it now.

    Its owner and curators may, until it is submitted. Raises Denied, Rejected for what is no
    document.
    """
    keeper = template_source(parts, source)
    standing = standing_of(parts, source, ref)
    owner = parts.source(source).look(ref).owner
    if not _may_write(parts, actor, owner, standing):
        raise Denied("You may not write the metadata of this folder now.")
    document = {"avus": given.get("avus", []), "irods-avus": given.get("irods-avus", [])}
    before = keeper.document(ref)
    if adding:
        document = {k: [*before.get(k, []), *document[k]] for k in document}
    own = {k: before[k] for k in ("excudit-identifier",) if k in before}
    found = keeper.judge(document)
    keeper.keep(ref, {**document, **own})
    return found


def _may_write(parts: Parts, actor: Actor, owner: str, standing: Publication | None) -> bool:
    if standing is None or standing.state in ("draft", "changes_requested"):
        return not owner or owner == actor.name or is_curator(parts, actor)
    return False
