"""Zenodo's deposit API: a deposition is a draft of the records API, seen through other words."""

from __future__ import annotations

from typing import Any

from excudit.sandbox.invenio.exchange import (
    INVALID,
    PERMISSION,
    Blob,
    Call,
    Refused,
    Reply,
    json_reply,
)
from excudit.sandbox.invenio.legacy_words import from_rdm, to_rdm
from excudit.sandbox.invenio.records import Records
from excudit.sandbox.invenio.store import stamp
from excudit.sandbox.invenio.uploads import entry, filled
from excudit.sandbox.invenio.views import key_path

Tree = dict[str, Any]
KNOWN = frozenset({"metadata", "id", "files", "links", "state", "submitted", "title"})


def deposition(base: str, record: Tree) -> Tree:
    """A deposition as it is shown."""
    id_, public = record["id"], record["state"] == "published"
    own = f"{base}/api/deposit/depositions/{id_}"
    place = record["edit"] or record
    metadata = from_rdm(place["metadata"], place["access"])
    # Always production's prefix, whatever the DOI will be.
    metadata["prereserve_doi"] = {"doi": f"10.5281/zenodo.{id_}", "recid": int(id_)}
    links = {
        "self": f"{base}/api/records/{id_}" if public else own,
        "html": f"{base}/records/{id_}" if public else f"{base}/deposit/{id_}",
        "bucket": f"{base}/api/files/{record['bucket']}",
        "files": f"{own}/files",
        "latest_draft": own,
        **{act: f"{own}/actions/{act}" for act in ("publish", "edit", "discard", "newversion")},
    }
    shown: Tree = {
        "id": int(id_),
        "conceptrecid": record["parent"],
        "record_id": int(id_),
        "owner": int(record["owner"]),
        "created": record["created"],
        "modified": record["updated"],
        "state": "inprogress" if record["edit"] else "done" if public else "unsubmitted",
        "submitted": public,
        "title": metadata.get("title", ""),
        "metadata": metadata,
        "files": [_shown(own, key, f) for key, f in record["files"].items() if f["blob"]],
        "links": links,
    }
    if public:
        metadata["doi"] = record["doi"]
        links |= {
            "record": f"{base}/api/records/{id_}",
            "record_html": f"{base}/records/{id_}",
            "doi": f"https://doi.org/{record['doi']}",
        }
        shown |= {
            "doi": record["doi"],
            "conceptdoi": record["concept_doi"],
            "doi_url": f"https://doi.org/{record['doi']}",
        }
    return shown


def _shown(own: str, key: str, kept: Tree) -> Tree:
    self_ = f"{own}/files/{kept['file_id']}"
    return {
        "id": kept["file_id"],
        "filename": key,
        "filesize": kept["size"],
        "checksum": kept["md5"],
        "links": {"self": self_, "download": f"{self_}/content"},
    }


def _said(call: Call) -> Tree:
    body = call.body or {}
    unknown = sorted(set(body) - KNOWN)
    if unknown:
        errors = [{"field": name, "messages": ["Unknown field."]} for name in unknown]
        raise Refused(400, INVALID, errors)
    return dict(body.get("metadata") or {})


def create(records: Records, call: Call) -> Reply:
    said = _said(call)
    if call.user is None or not call.user.deposits:
        raise Refused(403, PERMISSION)
    metadata, access = to_rdm(said)
    record, _ = records.create(call.user, metadata, access)
    return json_reply(201, deposition(call.base, record))


def listing(records: Records, call: Call) -> Reply:
    if call.user is None:
        raise Refused(403, PERMISSION)
    size, page = min(int(call.query.get("size", 10)), 100), int(call.query.get("page", 1))
    found = records.listed(call.user, drafts_only=call.query.get("status") == "draft")
    shown = [deposition(call.base, r) for r in found[(page - 1) * size : page * size]]
    return json_reply(200, shown)


def show(records: Records, call: Call) -> Reply:
    return json_reply(200, deposition(call.base, records.own(call.user, call.parts[3])))


def change(records: Records, call: Call) -> Reply:
    said = _said(call)
    record = records.draft(call.user, call.parts[3], "Not found.")
    metadata, access = to_rdm(said)
    records.change(record, metadata, access)
    return json_reply(200, deposition(call.base, record))


def delete(records: Records, call: Call) -> Reply:
    records.remove_draft(call.user, call.parts[3])
    return Reply(204)


def publish(records: Records, call: Call) -> Reply:
    return json_reply(202, deposition(call.base, records.publish(call.user, call.parts[3])))


def edit(records: Records, call: Call) -> Reply:
    return json_reply(201, deposition(call.base, records.edit(call.user, call.parts[3])))


def new_version(records: Records, call: Call) -> Reply:
    """The new draft, with the old files in it already."""
    record, _ = records.new_version(call.user, call.parts[3])
    return json_reply(201, deposition(call.base, records.imported(record)))


def files(records: Records, call: Call) -> Reply:
    shown = deposition(call.base, records.own(call.user, call.parts[3]))
    return json_reply(200, shown["files"])


def _named(record: Tree, file_id: str) -> str:
    for key, kept in record["files"].items():
        if kept["file_id"] == file_id:
            return str(key)
    raise Refused(404, "Not found.")


def show_file(records: Records, call: Call) -> Reply:
    record = records.own(call.user, call.parts[3])
    key = _named(record, call.parts[5])
    own = f"{call.base}/api/deposit/depositions/{record['id']}"
    return json_reply(200, _shown(own, key, record["files"][key]))


def remove_file(records: Records, call: Call) -> Reply:
    record = records.own(call.user, call.parts[3])
    if record["state"] != "draft":
        raise Refused(403, PERMISSION)
    del record["files"][_named(record, call.parts[5])]
    records.save(record)
    return Reply(204)


def not_there(records: Records, call: Call) -> Reply:
    """Sorting and renaming: not implemented by Zenodo either."""
    raise Refused(405, "Method not allowed.")


def _by_bucket(records: Records, call: Call) -> Tree:
    for record in records.store.all("record"):
        if record["bucket"] == call.parts[2]:
            return records.own(call.user, record["id"])
    raise Refused(404, "Bucket does not exist.")


def _kept(call: Call, key: str, kept: Tree) -> Tree:
    own = f"{call.base}/api/files/{call.parts[2]}/{key_path(key)}"
    return {
        "key": key,
        "size": kept["size"],
        "mimetype": "application/octet-stream",
        "checksum": f"md5:{kept['md5']}",
        "version_id": kept["file_id"],
        "created": kept["created"],
        "updated": kept["updated"],
        "is_head": True,
        "delete_marker": False,
        "links": {"self": own, "version": f"{own}?versionId={kept['file_id']}"},
    }


def put(records: Records, call: Call) -> Reply:
    """Bytes into the bucket; the same key is replaced."""
    assert isinstance(call.blob, Blob)
    record = _by_bucket(records, call)
    if record["state"] != "draft":
        raise Refused(403, PERMISSION)
    if not call.blob.whole:
        return json_reply(400, {"status": 400, "message": "Bad request."})
    kept = entry(status="completed", created=stamp())
    filled(kept, call.blob)
    record["files"][call.parts[3]] = kept
    records.save(record)
    return json_reply(201, _kept(call, call.parts[3], kept))


def bucket(records: Records, call: Call) -> Reply:
    record = _by_bucket(records, call)
    contents = [_kept(call, key, f) for key, f in record["files"].items()]
    return json_reply(200, {"id": record["bucket"], "contents": contents})


def bucket_file(records: Records, call: Call) -> Reply:
    record = _by_bucket(records, call)
    kept = record["files"].get(call.parts[3])
    if kept is None:
        raise Refused(404, "Object does not exists.")
    return json_reply(200, _kept(call, call.parts[3], kept))


def empty(records: Records, call: Call) -> Reply:
    record = _by_bucket(records, call)
    if record["state"] != "draft":
        raise Refused(403, PERMISSION)
    if record["files"].pop(call.parts[3], None) is None:
        raise Refused(404, "Object does not exists.")
    records.save(record)
    return Reply(204)
