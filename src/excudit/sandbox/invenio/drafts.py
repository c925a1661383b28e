"""The records API: drafts, records, versions."""

from __future__ import annotations

from typing import Any

from excudit.sandbox.invenio import views
from excudit.sandbox.invenio.exchange import NO_PID, PERMISSION, Call, Refused, Reply, json_reply
from excudit.sandbox.invenio.records import Records

Tree = dict[str, Any]
WRONG_TYPE = (
    "Invalid 'Content-Type' header. Expected one of: application/json,"
    ' application/ld+json;profile="https://w3id.org/ro/crate/1.1"'
)


def told(call: Call) -> Tree:
    """The JSON of a request; {} for none. Raises Refused as Invenio does."""
    kind = call.headers.get("content-type", "application/json").partition(";")[0]
    if kind != "application/json":
        raise Refused(415, WRONG_TYPE)
    if call.body is None:
        return {}
    if not isinstance(call.body, dict):
        raise Refused(400, "Unable to decode JSON data in request body.")
    return call.body


def _draft_reply(status: int, call: Call, record: Tree, errors: list[Any] | None = None) -> Reply:
    shown = views.draft(call.base, record, edit=bool(record["edit"]))
    if errors:
        shown["errors"] = errors
    return json_reply(status, shown, ETag=f'"{record["revision"]}"')


def create(records: Records, call: Call) -> Reply:
    body = told(call)
    if call.user is None or not call.user.deposits:
        raise Refused(403, PERMISSION)
    record, errors = records.create(call.user, body.get("metadata"), body.get("access"))
    doi = ((body.get("pids") or {}).get("doi") or {}).get("identifier")
    if doi:
        record["doi"] = doi
        records.save(record)
    return _draft_reply(201, call, record, errors)


def show_draft(records: Records, call: Call) -> Reply:
    return _draft_reply(200, call, records.draft(call.user, call.parts[2]))


def change_draft(records: Records, call: Call) -> Reply:
    body = told(call)
    record = records.draft(call.user, call.parts[2], "Not found.")
    wanted = call.headers.get("if-match", "").strip('"')
    if wanted and wanted != str(record["revision"]):
        message = f"Revision id provided({wanted}) doesn't match record's one({record['revision']})"
        raise Refused(412, message)
    errors = records.change(record, body.get("metadata"), body.get("access"))
    return _draft_reply(200, call, record, errors)


def delete_draft(records: Records, call: Call) -> Reply:
    records.remove_draft(call.user, call.parts[2])
    return Reply(204)


def reserve_doi(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2])
    records.reserve_doi(record)
    return _draft_reply(201, call, record)


def free_doi(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2])
    record["doi"] = ""
    return _draft_reply(200, call, records.save(record))


def publish(records: Records, call: Call) -> Reply:
    record = records.publish(call.user, call.parts[2])
    shown = views.published(call.base, record)
    return json_reply(202, shown, ETag=f'"{record["revision"]}"')


def public(records: Records, id_: str) -> Tree:
    """A published record. Raises Refused 404 for drafts."""
    record = records.any(id_)
    if record["state"] == "draft":
        raise Refused(404, NO_PID)
    return record


def show(records: Records, call: Call) -> Reply:
    record = public(records, call.parts[2])
    if record["state"] == "removed":
        stone = {"removal_reason": {"id": "retracted"}, "note": record["note"], "is_visible": True}
        body = {"status": 410, "message": "Record deleted", "tombstone": stone}
        return json_reply(410, body)
    return json_reply(200, views.published(call.base, record), ETag=f'"{record["revision"]}"')


def refuse_delete(records: Records, call: Call) -> Reply:
    public(records, call.parts[2])
    raise Refused(403, PERMISSION)


def edit(records: Records, call: Call) -> Reply:
    return _draft_reply(201, call, records.edit(call.user, call.parts[2]))


def new_version(records: Records, call: Call) -> Reply:
    record, _ = records.new_version(call.user, call.parts[2])
    return _draft_reply(201, call, record)


def listing(records: Records, call: Call) -> Reply:
    if call.user is None:
        raise Refused(403, PERMISSION)
    size, page = int(call.query.get("size", 10)), int(call.query.get("page", 1))
    found = records.listed(call.user)
    hits = [
        views.published(call.base, r) if r["state"] == "published" else views.draft(call.base, r)
        for r in found[(page - 1) * size : page * size]
        if r["state"] != "removed"
    ]
    return json_reply(200, {"hits": {"hits": hits, "total": len(found)}})


def doi(records: Records, call: Call) -> Reply:
    """What DataCite's public API says of a DOI of ours."""
    name = "/".join(call.parts[1:])
    state = records.doi_state(name)
    if not state:
        return json_reply(404, {"errors": [{"status": "404", "title": "Not found"}]})
    return json_reply(200, {"data": {"id": name, "attributes": {"doi": name, "state": state}}})
