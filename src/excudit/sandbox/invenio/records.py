"""Drafts and records: opened, changed, published, followed by versions. One store, two faces."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from excudit.sandbox.invenio.accounts import User
from excudit.sandbox.invenio.exchange import NO_PID, PERMISSION, Refused, invalid
from excudit.sandbox.invenio.faults import Switches
from excudit.sandbox.invenio.store import Store, stamp
from excudit.sandbox.invenio.validation import judged

Tree = dict[str, Any]
NO_FILES = (
    "Missing uploaded files. To disable files for this record please mark it as metadata-only."
)
PENDING = "One or more files have not completed their transfer, please wait."
OPEN_REVIEW = (
    "You cannot publish a draft with an open review request."
    " Please cancel the review request first."
)
OPEN_REVIEW_DELETE = (
    "You cannot delete a draft with an open review. Please cancel the review first."
)


@dataclass(frozen=True, slots=True)
class Records:
    """All records and drafts. Every method is called with the store's lock held."""

    store: Store
    switches: Switches
    users: Mapping[str, User]
    prefix: str = "10.5072"
    zenodo: bool = False
    doi_delay_s: float = 0.0
    deleted: set[str] = field(default_factory=set)

    def doi_for(self, id_: str) -> str:
        """The DOI that belongs to an id."""
        return f"{self.prefix}/{'zenodo.' if self.zenodo else ''}{id_}"

    def create(self, user: User, metadata: Any, access: Any, **more: Any) -> tuple[Tree, list[Any]]:
        """A new draft, and what was wrong with what was said of it."""
        kept, errors = judged(metadata, access)
        id_, parent = self.store.new_ids()
        now = stamp()
        record = {
            "id": id_,
            "parent": parent,
            "owner": user.id,
            "created": now,
            "updated": now,
            "revision": 5,
            "version": 1,
            "state": "draft",
            "metadata": kept,
            "access": access or {"record": "public", "files": "public"},
            "doi": "",
            "concept_doi": "",
            "files": {},
            "bucket": str(uuid.uuid4()),
            "edit": None,
            "review": "",
            "reviewing": False,
            "made_at": time.time(),
            **more,
        }
        return self.store.keep("record", record), errors

    def any(self, id_: str) -> Tree:
        """A record in whatever state. Raises Refused."""
        record = self.store.get("record", id_)
        if record is None:
            raise Refused(404, NO_PID)
        return record

    def own(self, user: User | None, id_: str) -> Tree:
        """A record or draft of the caller."""
        record = self.any(id_)
        if user is None or record["owner"] != user.id:
            raise Refused(403, PERMISSION)
        return record

    def draft(self, user: User | None, id_: str, message: str = NO_PID) -> Tree:
        """An open draft of the caller, or a record with an edit draft."""
        record = self.any(id_)
        if record["state"] != "draft" and not record["edit"]:
            raise Refused(404, message)
        return self.own(user, id_)

    def save(self, record: Tree) -> Tree:
        """Write a change down."""
        record["updated"] = stamp()
        record["revision"] += 1
        return self.store.keep("record", record)

    def change(self, record: Tree, metadata: Any, access: Any) -> list[Any]:
        """Replace the metadata of a draft or edit draft; what is wrong is told."""
        kept, errors = judged(metadata, access)
        place = record["edit"] if record["edit"] else record
        place["metadata"] = kept
        if access:
            place["access"] = access
        self.save(record)
        return errors

    def reserve_doi(self, record: Tree) -> None:
        """Give the draft its DOI."""
        if record["doi"]:
            raise invalid("pids.doi", "A PID already exists for type doi")
        record["doi"] = self.doi_for(record["id"])
        self.save(record)

    def remove_draft(self, user: User | None, id_: str) -> None:
        """Delete a draft, or drop an edit."""
        record = self.draft(user, id_, "Not found.")
        if record["reviewing"]:
            raise Refused(400, OPEN_REVIEW_DELETE)
        if record["edit"]:
            record["edit"] = None
            self.save(record)
        else:
            self.store.drop("record", id_)
            self.deleted.add(id_)

    def publish(self, user: User | None, id_: str, *, accepted: bool = False) -> Tree:
        """Make a draft public, or an edit draft the record's metadata."""
        record = self.any(id_)
        if record["state"] != "draft" and not record["edit"]:
            raise Refused(404, "Not found.")
        if not accepted:
            self.own(user, id_)
        if record["reviewing"] and not accepted:
            raise Refused(400, OPEN_REVIEW)
        place = record["edit"] or record
        _, errors = judged(place["metadata"], place["access"])
        if errors:
            raise Refused(400, "A validation error occurred.", errors)
        if not record["files"]:
            raise invalid("files.enabled", NO_FILES)
        if any(f["status"] != "completed" for f in record["files"].values()):
            raise invalid("files", PENDING)
        if record["edit"]:
            record |= {**record["edit"], "edit": None}
        else:
            record |= {"state": "published", "revision": 3, "published_at": time.time()}
            record["doi"] = record["doi"] or self.doi_for(id_)
            record["concept_doi"] = record["concept_doi"] or self.doi_for(record["parent"])
            record |= {"review": "", "reviewing": False}
            if self.switches.standing("doi-never"):
                record["doi_never"] = True
        return self.save(record)

    def edit(self, user: User | None, id_: str) -> Tree:
        """Open an edit draft of a published record; once more gives the same."""
        record = self.own(user, id_)
        if record["state"] != "published":
            raise Refused(404, NO_PID)
        if not record["edit"]:
            record["edit"] = {"metadata": record["metadata"], "access": record["access"]}
            self.save(record)
        return record

    def new_version(self, user: User | None, id_: str) -> tuple[Tree, bool]:
        """The draft that follows a published record, and whether it is new."""
        record = self.own(user, id_)
        if record["state"] != "published":
            raise Refused(404, NO_PID)
        for other in self.store.all("record"):
            if other["parent"] == record["parent"] and other["state"] == "draft":
                return other, False
        metadata = {
            k: v for k, v in record["metadata"].items() if k not in ("publication_date", "version")
        }
        assert user is not None
        made, _ = self.create(
            user,
            metadata,
            record["access"],
            parent=record["parent"],
            concept_doi=record["concept_doi"],
            version=record["version"] + 1,
        )
        return made, True

    def imported(self, record: Tree) -> Tree:
        """A new version's draft with the files of the version before."""
        if record["files"]:
            raise invalid("files.enabled", "Please remove all files first.")
        for other in self.store.all("record"):
            if other["parent"] == record["parent"] and other["state"] == "published":
                record["files"] = {k: dict(f) for k, f in other["files"].items()}
                break
        return self.save(record)

    def listed(self, user: User, *, drafts_only: bool = False) -> list[Tree]:
        """The caller's drafts and records, newest first, as the search index knows them."""
        lag = self.switches.standing("list-lag")
        seen_before = time.time() - (lag.delay_s if lag else 0.0)
        return [
            r
            for r in self.store.all("record")
            if r["owner"] == user.id
            and r["made_at"] <= seen_before
            and (not drafts_only or r["state"] == "draft")
        ]

    def doi_state(self, doi: str) -> str:
        """ "findable" once the background registration is through, else ""."""
        for record in self.store.all("record"):
            if doi in (record["doi"], record["concept_doi"]) and record["state"] == "published":
                ripe = time.time() - record["published_at"] >= self.doi_delay_s
                stuck = record.get("doi_never") and self.switches.standing("doi-never")
                return "findable" if ripe and not stuck else ""
        return ""
