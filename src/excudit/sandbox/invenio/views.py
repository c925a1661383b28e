"""Records, drafts, files and requests as the records API shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

Tree = dict[str, Any]


def key_path(key: str) -> str:
    """A file's name in a path."""
    return quote(key, safe="")


def draft(base: str, record: Tree, *, edit: bool = False) -> Tree:
    """A draft, or the edit draft of a published record."""
    own = f"{base}/api/records/{record['id']}/draft"
    shown = _shown(base, record, record["edit"] if edit else record)
    links = {
        **_links(base, record),
        "self": own,
        "self_html": f"{base}/uploads/{record['id']}",
        "files": f"{own}/files",
        "publish": f"{own}/actions/publish",
        "review": f"{own}/review",
        "reserve_doi": f"{own}/pids/doi",
    }
    status = "draft"
    if record.get("review"):
        status = "in_review" if record.get("reviewing") else "draft_with_review"
    return {
        **shown,
        "links": links,
        "is_draft": True,
        "is_published": edit,
        "status": status,
        "expires_at": record["created"].replace("T", " "),
    }


def published(base: str, record: Tree) -> Tree:
    """A published record."""
    own = f"{base}/api/records/{record['id']}"
    links = {
        **_links(base, record),
        "self": own,
        "self_html": f"{base}/records/{record['id']}",
        "files": f"{own}/files",
        "doi": f"https://doi.org/{record['doi']}",
        "parent_doi": f"https://doi.org/{record['concept_doi']}",
        "draft": f"{own}/draft",
    }
    return {
        **_shown(base, record, record),
        "links": links,
        "is_draft": False,
        "is_published": True,
        "status": "published",
        "deletion_status": {"is_deleted": False, "status": "P"},
    }


def _links(base: str, record: Tree) -> Tree:
    own = f"{base}/api/records/{record['id']}"
    return {
        "record": own,
        "record_html": f"{base}/records/{record['id']}",
        "versions": f"{own}/versions",
    }


def _doi(doi: str) -> Tree:
    return {"doi": {"identifier": doi, "provider": "datacite", "client": "datacite"}} if doi else {}


def _shown(base: str, record: Tree, content: Tree) -> Tree:
    entries = {
        key: {
            "key": key,
            "id": kept["file_id"],
            "size": kept["size"],
            "checksum": f"md5:{kept['md5']}",
            "mimetype": "application/octet-stream",
            "storage_class": "L",
        }
        for key, kept in record["files"].items()
        if kept["status"] == "completed"
    }
    return {
        "id": record["id"],
        "created": record["created"],
        "updated": record["updated"],
        "revision_id": record["revision"],
        "pids": _doi(record["doi"]),
        "parent": {
            "id": record["parent"],
            "access": {"owned_by": {"user": record["owner"]}, "grants": [], "links": []},
            "communities": {},
            "pids": _doi(record["concept_doi"]),
        },
        "versions": {"index": record["version"], "is_latest": True, "is_latest_draft": True},
        "metadata": _titled(content["metadata"]),
        "custom_fields": {},
        "access": {"embargo": {"active": False, "reason": None}, **content["access"]},
        "files": {
            "enabled": True,
            "order": [],
            "count": len(entries),
            "total_bytes": sum(e["size"] for e in entries.values()),
            "entries": entries,
        },
    }


def _titled(metadata: Tree) -> Tree:
    kind = metadata.get("resource_type")
    shown = {"resource_type": {**kind, "title": {"en": kind["id"]}}} if kind else {}
    return {**metadata, **shown}


def file(base: str, record: Tree, key: str) -> Tree:
    """A file of a draft or record."""
    kept = record["files"][key]
    where = "" if record["state"] == "published" else "/draft"
    own = f"{base}/api/records/{record['id']}{where}/files/{key_path(key)}"
    links: Tree = {"self": own, "content": f"{own}/content", "commit": f"{own}/commit"}
    if kept["transfer"]["type"] == "M":
        links["parts"] = [
            {"part": n, "url": f"{own}/content/{n}", "expiration": "2099-01-01T00:00:00+00:00"}
            for n in range(1, kept["transfer"]["parts"] + 1)
        ]
        del links["content"]
    shown: Tree = {
        "key": key,
        "status": kept["status"],
        "transfer": kept["transfer"],
        "metadata": kept["metadata"],
        "access": {"hidden": False},
        "created": kept["created"],
        "updated": kept["updated"],
        "links": links,
    }
    if kept["status"] == "completed":
        shown |= {
            "size": kept["size"],
            "checksum": f"md5:{kept['md5']}",
            "mimetype": "application/octet-stream",
            "file_id": kept["file_id"],
            "version_id": kept["file_id"],
            "bucket_id": record["bucket"],
            "storage_class": "L",
        }
    return shown


def files(base: str, record: Tree) -> Tree:
    """The list of a draft's or record's files."""
    where = "" if record["state"] == "published" else "/draft"
    return {
        "enabled": True,
        "default_preview": None,
        "order": [],
        "links": {"self": f"{base}/api/records/{record['id']}{where}/files"},
        "entries": [file(base, record, key) for key in record["files"]],
    }


def request(base: str, asked: Tree) -> Tree:
    """A request for review."""
    own = f"{base}/api/requests/{asked['id']}"
    actions = {"created": ("submit",), "submitted": ("accept", "cancel", "decline")}
    return {
        "id": asked["id"],
        "created": asked["created"],
        "type": "community-submission",
        "status": asked["status"],
        "is_open": asked["status"] == "submitted",
        "is_closed": asked["status"] not in ("created", "submitted"),
        "is_expired": False,
        "expires_at": None,
        "receiver": {"community": asked["community"]},
        "topic": {"record": asked["record"]},
        "links": {
            "self": own,
            "self_html": f"{base}/requests/{asked['id']}",
            "comments": f"{own}/comments",
            "actions": {a: f"{own}/actions/{a}" for a in actions.get(asked["status"], ())},
        },
    }
