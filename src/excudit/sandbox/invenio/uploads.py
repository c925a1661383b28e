"""The files of drafts in the records API, one state at a time."""

from __future__ import annotations

from typing import Any

from excudit.sandbox.invenio import views
from excudit.sandbox.invenio.drafts import public
from excudit.sandbox.invenio.exchange import (
    SERVER_FAULT,
    Blob,
    Call,
    Refused,
    Reply,
    invalid,
    json_reply,
)
from excudit.sandbox.invenio.records import Records
from excudit.sandbox.invenio.store import stamp

Tree = dict[str, Any]
BROKEN = "File upload transfer failed."


def _file(record: Tree, key: str) -> Tree:
    kept: Tree | None = record["files"].get(key)
    if kept is None:
        raise Refused(404, f"Record '{record['id']}' has no file '{key}'.")
    return kept


def entry(**changes: Any) -> Tree:
    """A file that was named and has no content."""
    now = stamp()
    return {
        "status": "pending",
        "transfer": {"type": "L"},
        "metadata": None,
        "created": now,
        "updated": now,
        "blob": "",
        "size": 0,
        "md5": "",
        "file_id": "",
        "pieces": {},
        **changes,
    }


def filled(kept: Tree, blob: Blob) -> None:
    """Give a file its content."""
    kept |= {"blob": blob.id, "size": blob.size, "md5": blob.md5, "file_id": blob.id}
    kept["updated"] = stamp()


def draft_files(records: Records, call: Call) -> Reply:
    return json_reply(200, views.files(call.base, records.draft(call.user, call.parts[2])))


def begin(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2], "Not found.")
    named = call.body if isinstance(call.body, list) else []
    for one in named:
        if one["key"] in record["files"]:
            raise Refused(400, f"File with key {one['key']} already exists.")
        transfer = one.get("transfer") or {"type": "L"}
        if transfer["type"] not in ("L", "M"):
            raise Refused(403, "Permission denied.")
        if transfer["type"] == "M" and records.switches.standing("no-multipart"):
            raise invalid("0.transfer.type", "Must be one of: L, F, R.")
        record["files"][one["key"]] = entry(
            transfer=transfer, metadata=one.get("metadata"), told=one.get("checksum", "")
        )
    records.save(record)
    return json_reply(201, views.files(call.base, record))


def show_file(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2])
    _file(record, call.parts[5])
    return json_reply(200, views.file(call.base, record, call.parts[5]))


def content(records: Records, call: Call) -> Reply:
    """Bytes for a file. A completed one is destroyed by them, as the real service does."""
    assert call.blob is not None
    record = records.draft(call.user, call.parts[2], "Not found.")
    key = call.parts[5]
    kept = _file(record, key)
    if kept["status"] == "completed":
        shown = {**views.file(call.base, record, key), "errors": BROKEN}
        del record["files"][key]
        records.save(record)
        return json_reply(200, shown)
    if call.blob.whole:
        filled(kept, call.blob)
        records.save(record)
    return json_reply(200, views.file(call.base, record, key))


def piece(records: Records, call: Call) -> Reply:
    """One part of a file in parts; repeatable, in any order."""
    assert call.blob is not None
    record = records.draft(call.user, call.parts[2], "Not found.")
    kept = _file(record, call.parts[5])
    if kept["transfer"]["type"] != "M":
        raise Refused(400, "Transfer type does not support parts.")
    if call.blob.whole:
        kept["pieces"][call.parts[7]] = call.blob.id
        records.save(record)
    return json_reply(200, views.file(call.base, record, call.parts[5]))


def commit(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2], "Not found.")
    kept = _file(record, call.parts[5])
    if kept["transfer"]["type"] == "M" and kept["status"] == "pending":
        names = [kept["pieces"].get(str(n)) for n in range(1, kept["transfer"]["parts"] + 1)]
        if None in names:
            raise Refused(400, "Not all parts were uploaded.")
        filled(kept, records.store.joined([n for n in names if n]))
    if not kept["blob"]:
        return json_reply(500, {"message": SERVER_FAULT, "status": 500})
    if kept["status"] == "completed":
        kept["metadata"] = kept["metadata"] or {}
    kept["status"] = "completed"
    records.save(record)
    return json_reply(200, views.file(call.base, record, call.parts[5]))


def remove(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2], "Not found.")
    _file(record, call.parts[5])
    del record["files"][call.parts[5]]
    records.save(record)
    return Reply(204)


def take_over(records: Records, call: Call) -> Reply:
    record = records.imported(records.draft(call.user, call.parts[2]))
    return json_reply(201, views.files(call.base, record))


def public_files(records: Records, call: Call) -> Reply:
    return json_reply(200, views.files(call.base, public(records, call.parts[2])))


def download(records: Records, call: Call) -> Reply:
    record = public(records, call.parts[2])
    with records.store.open(_file(record, call.parts[4])["blob"]) as kept:
        return Reply(200, kept.read(), {"Content-Type": "application/octet-stream"})
