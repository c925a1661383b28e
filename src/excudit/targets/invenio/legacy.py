"""Zenodo's deposit API: depositions and buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from excudit.domain.errors import Conflict, Denied, NotFound, Rejected, Uncertain, Unsupported
from excudit.domain.model import FileEntry, Receipt, Snapshot
from excudit.http import Stream, path_of
from excudit.targets.invenio import legacy_record
from excudit.targets.invenio.api import Api
from excudit.targets.invenio.bytes_out import Sent, md5_of
from excudit.targets.invenio.found import Found, Held, State
from excudit.targets.invenio.opening import or_nothing

Tree = Mapping[str, Any]
PAGES, PAGE = 10, 100
BASE = "/api/deposit/depositions"


class Legacy:
    """One account at Zenodo, by its older API; see `Dialect`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def sent(self, snapshot: Snapshot) -> dict[str, Any]:
        return legacy_record.metadata(snapshot, self._api.settings)

    def listed(self) -> Iterator[Found]:
        for page in range(1, PAGES + 1):
            query = {"q": "", "sort": "mostrecent", "size": str(PAGE), "page": str(page)}
            answer = self._api.call("GET", BASE, query=query)
            hits = answer.value if isinstance(answer.value, list) else []
            yield from (_found(hit) for hit in hits)
            if len(hits) < PAGE:
                return

    def look(self, id_: str) -> Found | None:
        answer = self._api.call("GET", f"{BASE}{path_of(id_)}", expect={200, 404, 410})
        if answer.status == 410:
            return Found(id_, "", "removed", "")
        return _found(answer.value) if answer.status == 200 else None

    def create(self, snapshot: Snapshot) -> Found:
        body = {"metadata": self.sent(snapshot)}
        return _found(self._api.call("POST", BASE, json=body, expect={201}).value)

    def follow(self, id_: str, snapshot: Snapshot) -> Found:
        # Never blindly: a draft that was opened before is looked for first.
        old = self.look(id_)
        if old is None:
            raise NotFound(f"{self._api.name} has no deposition {id_}.")
        known = next((f for f in self.listed() if _follows(f, old)), None)
        if known is None:
            # The reply is the new draft; links.latest_draft is not.
            known = _found(self._api.act(f"{BASE}{path_of(id_)}/actions/newversion").value)
        opened = known
        return or_nothing(opened, lambda: self.update(opened, snapshot), self.delete)

    def update(self, found: Found, snapshot: Snapshot) -> Found:
        body = {"metadata": self.sent(snapshot)}
        return _found(self._api.call("PUT", self._own(found), json=body).value)

    def name(self, found: Found) -> Found:
        # The DOI that it foresees has production's prefix everywhere: it is not one yet.
        return found

    def edit(self, found: Found) -> Found:
        if found.state == "editing":
            return found
        return _found(self._api.act(f"{self._own(found)}/actions/edit", expect={201}).value)

    def publish(self, found: Found) -> Found:
        try:
            return _found(self._api.act(f"{self._own(found)}/actions/publish", expect={202}).value)
        except (NotFound, Conflict) as error:
            # Also what a second publication is answered.
            raise Uncertain(error.message, remote=error.remote) from error

    def review(self, found: Found, community: str) -> None:
        raise Unsupported(
            f"{self._api.name} is spoken to by an API that knows no reviews.",
            hint='Set dialect = "rdm" for this target.',
        )

    def delete(self, found: Found) -> None:
        self._api.call("DELETE", self._own(found), expect={204, 404})

    def files(self, found: Found) -> dict[str, Held]:
        answer = self._api.call("GET", f"{self._own(found)}/files")
        return {str(f["filename"]): _held(f) for f in answer.value}

    def put(self, place: Mapping[str, str], file: FileEntry, stream: BinaryIO) -> Receipt:
        """The bucket replaces what it has; an equal file is not sent again."""
        link = f"{self._api.path(place['bucket'])}{path_of(file.path)}"
        there = self._api.call("GET", link, expect={200, 404})
        if there.status == 200 and int(there.value.get("size", -1)) == file.size:
            md5 = md5_of(stream, file.size)
            if there.value.get("checksum") == f"md5:{md5}":
                return Receipt(file.path, file.size, f"md5:{md5}")
        passing = Sent(stream, file.size)
        stored = self._api.upload(link, Stream(passing, file.size)).value
        if (stored.get("size"), stored.get("checksum")) != (file.size, f"md5:{passing.md5}"):
            raise Uncertain(
                f"{self._api.name} stored {file.path} with {stored.get('size')} bytes and"
                f" {stored.get('checksum')}; {file.size} bytes with md5:{passing.md5} were sent.",
                hint="It is sent again.",
            )
        return Receipt(file.path, file.size, f"md5:{passing.md5}")

    def remove(self, found: Found, path: str) -> None:
        held = self.files(found).get(path)
        if held is None:
            return
        try:
            self._api.call("DELETE", held.link, expect={204, 404})
        except Denied as error:
            raise Rejected(
                f"{self._api.name} keeps {path}: files of what is published stay.",
                remote=error.remote,
            ) from error

    def _own(self, found: Found) -> str:
        return f"{BASE}{path_of(found.id)}"


def _follows(found: Found, old: Found) -> bool:
    return found.concept == old.concept and found.id != old.id and found.state == "draft"


def _held(told: Tree) -> Held:
    link = str((told.get("links") or {}).get("self", ""))
    # Bare here, with "md5:" in the bucket.
    md5 = str(told.get("checksum") or "").removeprefix("md5:")
    return Held(int(told.get("filesize") or 0), md5, True, link)


def _found(tree: Tree) -> Found:
    metadata = tree.get("metadata") or {}
    links = {k: v for k, v in (tree.get("links") or {}).items() if isinstance(v, str)}
    state: State = "draft"
    if tree.get("submitted"):
        state = "editing" if tree.get("state") == "inprogress" else "published"
    marks = [
        r.get("identifier", "")
        for r in metadata.get("related_identifiers") or ()
        if r.get("relation") == legacy_record.ALTERNATE
    ]
    return Found(
        id=str(tree["id"]),
        concept=str(tree.get("conceptrecid", "")),
        state=state,
        mark=next((m for m in marks if m.startswith("urn:uuid:")), ""),
        doi=str(tree.get("doi") or "").lower() if tree.get("submitted") else "",
        concept_doi=str(tree.get("conceptdoi") or "").lower(),
        foreseen=str((metadata.get("prereserve_doi") or {}).get("doi", "")),
        page=links.get("record_html") or links.get("html", ""),
        created=str(tree.get("created", "")),
        files=len(tree.get("files") or ()),
        metadata=metadata,
        links=links,
    )
