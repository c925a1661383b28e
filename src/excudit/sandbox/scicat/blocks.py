"""File lists and attachments."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator

from excudit.sandbox.scicat.datasets import seen
from excudit.sandbox.scicat.exchange import Call, answer, merged
from excudit.sandbox.scicat.filters import chosen, ordered, parsed, shown
from excudit.sandbox.scicat.shapes import (
    ATTACHMENT,
    BLOCK,
    NOT_YOURS,
    Refused,
    Tree,
    block_faults,
    e1,
    known_only,
    texts_needed,
)
from excudit.sandbox.serving import Reply

_SERVER = {"_id", "createdBy", "updatedBy", "createdAt", "updatedAt"}
_BLOCK_KEYS = BLOCK | _SERVER
_ATTACHED = ATTACHMENT | _SERVER


def add(call: Call, pid: str = "") -> Reply:
    """A second block with the same content is a second block."""
    user, body = call.signed_in(), call.body
    told = {**body, "datasetId": pid} if pid else body
    faults = block_faults(told, partly=False)
    if not isinstance(told.get("datasetId"), str):
        faults.append("datasetId must be a string")
    if faults:
        raise e1(400, faults)
    pid = told["datasetId"]
    row = call.store.one("dataset", pid)
    if row is None:
        raise e1(404, f"Dataset: {pid} not found for attaching an origdatablock")
    call.owned(row)
    tree = {
        "isPublished": False,
        **told,
        "ownerGroup": row["ownerGroup"],
        "accessGroups": row["accessGroups"],
        "createdBy": user.name,
        "updatedBy": user.name,
        "dataFileList": _numbered(told["dataFileList"]),
    }
    made = call.store.add("block", tree, about=pid)
    sizes = {"size": row["size"] + told["size"]}
    sizes["numberOfFiles"] = row["numberOfFiles"] + len(told["dataFileList"])
    call.store.change("dataset", pid, sizes)
    twins = [{**f, "id": f["_id"]} for f in made["dataFileList"]]
    return answer(201, {**made, "id": made["_id"], "dataFileList": twins})


def _numbered(files: list[Tree]) -> list[Tree]:
    return [{**f, "_id": uuid.uuid4().hex[:8]} for f in files]


def _candidates(call: Call, told: Tree, public: bool) -> Iterator[Tree]:
    where = told.get("where") or {}
    pid = where.get("datasetId")
    rows = call.store.all("block", pid if isinstance(pid, str) else None)
    readable: dict[str, bool] = {}
    for row in rows:
        about = row["datasetId"]
        if about not in readable:
            readable[about] = seen(call, call.store.one("dataset", about))
        if row["isPublished"] or (not public and readable[about]):
            yield row


def listed(call: Call, *, public: bool = False) -> Reply:
    told = parsed(call.request.query)
    if not public:
        call.signed_in(NOT_YOURS)
    rows = chosen(_candidates(call, told, public), told, _BLOCK_KEYS, v3=call.v3)
    return answer(200, [shown(r, told) for r in ordered(rows, told, 100 if call.v3 else 10)])


def of_dataset(call: Call, pid: str) -> Reply:
    """v3: a hundred at most, without a word about the others."""
    row = call.store.one("dataset", pid)
    if row is None:
        raise e1(404, f"dataset: {pid} not found")
    if not seen(call, row):
        raise e1(403, NOT_YOURS)
    rows = ordered(list(call.store.all("block", pid)), {}, 100)
    return answer(200, [shown(r, {}) for r in rows])


def _block(call: Call, id_: str) -> Tree:
    row = call.store.one("block", id_)
    if row is None:
        raise e1(404, f"OrigDatablock: {id_} not found")
    return row


def get(call: Call, id_: str) -> Reply:
    row = _block(call, id_)
    if not seen(call, call.store.one("dataset", row["datasetId"])):
        raise e1(403, NOT_YOURS)
    return answer(200, row)


def change(call: Call, id_: str) -> Reply:
    row = _block(call, id_)
    user = call.owned(row)
    body = call.body
    if faults := block_faults(body, partly=True):
        raise e1(400, faults)
    if "dataFileList" in body:
        body = {**body, "dataFileList": _numbered(body["dataFileList"])}
    changed = call.store.change("block", id_, body, by=user.name)
    call.store.change("dataset", row["datasetId"], {})
    return answer(200, {**changed, "id": changed["_id"]})


def remove(call: Call, id_: str) -> Reply:
    row = _block(call, id_)
    if not call.signed_in().deletes:
        raise e1(403, NOT_YOURS)
    call.store.drop("block", id_)
    return answer(200, row)


def attach(call: Call) -> Reply:
    user, body = call.signed_in(), call.body
    faults = known_only(body, ATTACHMENT)
    faults += texts_needed(body, ("ownerGroup", "caption"), partly=False)
    if not isinstance(body.get("isPublished"), bool):
        faults.append("isPublished must be a boolean value")
    if faults:
        raise e1(400, faults)
    about = next((r["targetId"] for r in body.get("relationships") or ()), "")
    row = call.store.one("dataset", about)
    if row is not None:
        call.owned(row)
    aid = str(body.get("aid") or uuid.uuid4())
    links = [{"relationType": "is attached to", **r} for r in body.get("relationships") or ()]
    told = {"accessGroups": [], **body, "aid": aid, "relationships": links}
    told |= {"createdBy": user.name, "updatedBy": user.name}
    try:
        made = call.store.add("attachment", told, id_=aid, about=about)
    except sqlite3.IntegrityError:
        raise Refused(500, "Internal server error") from None
    return answer(201, {**made, "id": aid})


def attachments(call: Call, *, public: bool = False, pid: str = "") -> Reply:
    told = parsed(call.request.query)
    if not public:
        call.signed_in(NOT_YOURS)
    where = told.get("where") or {}
    about = pid or where.get("relationships.targetId")
    rows = call.store.all("attachment", about if isinstance(about, str) else None)
    visible = [r for r in rows if r["isPublished"] or (not public and _sees(call, r))]
    found = chosen(visible, told, _ATTACHED, v3=call.v3)
    return answer(200, [shown(r, told) for r in ordered(found, told, 100 if call.v3 else 10)])


def _sees(call: Call, row: Tree) -> bool:
    return any(
        seen(call, call.store.one("dataset", r["targetId"])) for r in row.get("relationships", ())
    )


def _attachment(call: Call, aid: str) -> Tree:
    row = call.store.one("attachment", aid)
    if row is None:
        raise e1(404, f"Attachment: {aid} not found")
    return row


def attachment(call: Call, aid: str) -> Reply:
    row = _attachment(call, aid)
    if not row["isPublished"] and not _sees(call, row):
        raise e1(403, NOT_YOURS)
    return answer(200, row)


def change_attachment(call: Call, aid: str) -> Reply:
    row, body = _attachment(call, aid), call.body
    user = call.owned(row)
    if faults := known_only(body, ATTACHMENT):
        raise e1(400, faults)
    told = {k: merged(row.get(k), v) for k, v in body.items()} if call.merging else body
    return answer(200, call.store.change("attachment", aid, told, by=user.name))


def remove_attachment(call: Call, aid: str) -> Reply:
    row = _attachment(call, aid)
    call.owned(row)
    call.store.drop("attachment", aid)
    return answer(200, row)
