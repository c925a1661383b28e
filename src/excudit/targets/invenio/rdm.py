"""The records API of InvenioRDM: drafts, records, versions, reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from excudit.domain.errors import (
    Conflict,
    NeedsPerson,
    NotFound,
    Permanent,
    Rejected,
    Uncertain,
)
from excudit.domain.model import FileEntry, Receipt, Snapshot
from excudit.http import Answer, path_of
from excudit.targets.invenio import rdm_files, rdm_record
from excudit.targets.invenio.answers import entries, refusal
from excudit.targets.invenio.api import Api
from excudit.targets.invenio.found import Found, Held, State
from excudit.targets.invenio.opening import or_nothing

Tree = Mapping[str, Any]
PAGES, PAGE = 10, 100


class Rdm:
    """One account at one InvenioRDM; see `Dialect`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def sent(self, snapshot: Snapshot) -> dict[str, Any]:
        return rdm_record.metadata(snapshot, self._api.settings)

    def listed(self) -> Iterator[Found]:
        for page in range(1, PAGES + 1):
            query = {"q": "", "sort": "newest", "size": str(PAGE), "page": str(page),
                     "allversions": "true"}  # fmt: skip
            answer = self._api.call("GET", "/api/user/records", query=query)
            hits = (answer.value.get("hits") or {}).get("hits") or []
            yield from (_found(hit) for hit in hits)
            if len(hits) < PAGE:
                return

    def look(self, id_: str) -> Found | None:
        place = path_of("api", "records", id_)
        record = self._api.call("GET", place, expect={200, 404, 410})
        if record.status == 410:
            return Found(id_, "", "removed", "")
        draft = self._api.call("GET", f"{place}/draft", expect={200, 404})
        if record.status == 200:
            known = _found(record.value)
            return _found(draft.value, "editing", known) if draft.status == 200 else known
        return _found(draft.value) if draft.status == 200 else None

    def create(self, snapshot: Snapshot) -> Found:
        answer = self._api.call("POST", "/api/records", json=self._body(snapshot))
        return or_nothing(_found(answer.value), lambda: self._taken(answer), self.delete)

    def follow(self, id_: str, snapshot: Snapshot) -> Found:
        # Repeated, it gives the same draft again.
        place = path_of("api", "records", id_, "versions")
        draft = _found(self._api.call("POST", place).value)
        return or_nothing(draft, lambda: self.update(draft, snapshot), self.delete)

    def update(self, found: Found, snapshot: Snapshot) -> Found:
        body = self._body(snapshot)
        answer = self._api.call("PUT", self._draft(found), json=body)
        return self._taken(answer, "editing" if found.public else None)

    def name(self, found: Found) -> Found:
        if found.doi:
            return found
        place = found.links.get("reserve_doi") or f"{self._draft(found)}/pids/doi"
        try:
            return _found(self._api.call("POST", place).value)
        except Rejected as error:
            # Refused twice alike: it has one already, or it gives none.
            again = self.look(found.id)
            if again is None or not again.doi:
                raise error from None
            return again

    def edit(self, found: Found) -> Found:
        answer = self._api.call("POST", self._draft(found), expect={200, 201})
        return _found(answer.value, "editing", found)

    def publish(self, found: Found) -> Found:
        place = found.links.get("publish") or f"{self._draft(found)}/actions/publish"
        try:
            return _found(self._api.act(place).value)
        except (NotFound, Conflict) as error:
            # Also what a second publication of the same draft is answered.
            raise Uncertain(error.message, remote=error.remote) from error

    def review(self, found: Found, community: str) -> None:
        asked = self._review(found)
        if asked is None or asked.get("status") in ("cancelled", "expired"):
            asked = self._ask(found, community)
        if asked.get("status") == "created":
            # A second submission is answered with 500, so it is only sent after a look.
            place = f"{self._draft(found)}/actions/submit-review"
            words = {"payload": {"content": "Submitted by excudit.", "format": "html"}}
            asked = self._api.act(place, json=words, expect={202}).value
        where = str((asked.get("links") or {}).get("self_html") or found.page)
        if asked.get("status") == "declined":
            raise NeedsPerson(
                f"The community {community} at {self._api.name} declined this record.",
                hint=f"Read why at {where}, settle it with the community, then retry.",
            )
        if asked.get("status") != "accepted":
            raise NeedsPerson(
                f"Has the community {community} at {self._api.name} accepted this record?",
                hint=f"It waits for them at {where}; retry once they have accepted it.",
            )

    def _review(self, found: Found) -> Tree | None:
        answer = self._api.call("GET", f"{self._draft(found)}/review", expect={200, 404})
        return answer.value if answer.status == 200 else None

    def _ask(self, found: Found, community: str) -> Tree:
        known = self._api.call("GET", path_of("api", "communities", community)).value
        receiver = {"receiver": {"community": known["id"]}, "type": "community-submission"}
        place = f"{self._draft(found)}/review"
        asked: Tree = self._api.call("PUT", place, json=receiver).value
        return asked

    def delete(self, found: Found) -> None:
        if found.state == "in_review" or self._api.settings.community:
            self._take_back(found)
        self._api.call("DELETE", self._draft(found), expect={204, 404})

    def _take_back(self, found: Found) -> None:
        asked = self._review(found)
        if asked is None or asked.get("status") != "submitted":
            return
        place = path_of("api", "requests", str(asked["id"]), "actions", "cancel")
        try:
            self._api.act(place)
        except Permanent:
            # Decided in the same moment: then a look tells how.
            again = self._review(found)
            if again is not None and again.get("status") == "submitted":
                raise

    def files(self, found: Found) -> dict[str, Held]:
        return rdm_files.listed(self._api, found.id, public=found.public)

    def put(self, place: Mapping[str, str], file: FileEntry, stream: BinaryIO) -> Receipt:
        return rdm_files.put(self._api, place["id"], file, stream)

    def remove(self, found: Found, path: str) -> None:
        rdm_files.remove(self._api, found.id, path)

    def _draft(self, found: Found) -> str:
        return path_of("api", "records", found.id, "draft")

    def _body(self, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": self.sent(snapshot),
        }

    def _taken(self, answer: Answer, state: State | None = None) -> Found:
        """A draft as it was saved. It is saved with errors too, without what was wrong."""
        if entries(answer.value):
            raise refusal(answer)
        return _found(answer.value, state)


def _found(tree: Tree, state: State | None = None, public: Found | None = None) -> Found:
    """A draft or record as the API shows it; of an edit, the record's own facts are kept."""
    metadata = tree.get("metadata") or {}
    links = {k: v for k, v in (tree.get("links") or {}).items() if isinstance(v, str)}
    shown: State = "published" if tree.get("is_published") else "draft"
    if not tree.get("is_published") and tree.get("status") == "in_review":
        shown = "in_review"
    marks = [i.get("identifier", "") for i in metadata.get("identifiers") or ()]
    return Found(
        id=str(tree["id"]),
        concept=str((tree.get("parent") or {}).get("id", "")),
        state=state or shown,
        mark=next((m for m in marks if m.startswith("urn:uuid:")), ""),
        doi=_doi(tree),
        concept_doi=_doi(tree.get("parent") or {}),
        page=public.page if public else links.get("self_html", ""),
        created=str(tree.get("created", "")),
        files=int((tree.get("files") or {}).get("count") or 0),
        metadata=metadata,
        links=links,
    )


def _doi(tree: Tree) -> str:
    return str(((tree.get("pids") or {}).get("doi") or {}).get("identifier", "")).lower()
