"""Datasets, as SciCat 5.2 keeps them."""

from __future__ import annotations

import sqlite3
import uuid
from email.utils import parsedate_to_datetime
from typing import Any

from excudit.sandbox.scicat.exchange import Call, answer, bare, merged
from excudit.sandbox.scicat.filters import chosen, ordered, parsed, shown
from excudit.sandbox.scicat.people import User
from excudit.sandbox.scicat.shapes import DATASET, NOT_YOURS, Tree, dataset_faults, e1
from excudit.sandbox.serving import Reply

STARTED = "2026-01-20T06:52:25.018Z"
KNOWN = DATASET | {"_id", "createdBy", "updatedBy", "createdAt", "updatedAt", "version"}
LIFE: Tree = {
    "archivable": True,
    "retrievable": False,
    "publishable": False,
    "dateOfDiskPurging": STARTED,
    "publishedOn": STARTED,
    "isOnCentralDisk": True,
    "archiveStatusMessage": "datasetCreated",
    "retrieveStatusMessage": "",
    "retrieveIntegrityCheck": False,
    "archiveRetentionTime": "2026-01-05T00:00:00.000Z",
    "dateOfPublishing": "2026-01-05T00:00:00.000Z",
}
LISTS = (
    *("accessGroups", "keywords", "techniques", "sharedWith", "relationships"),
    *("principalInvestigators", "proposalIds", "sampleIds", "instrumentIds", "inputDatasets"),
    "usedSoftware",
)
_SI = {"keV": (1.602176634e-16, "(kg m^2) / s^2"), "m": (1, "m"), "mm": (0.001, "m")}
_SINGULAR = (
    ("principalInvestigator", "principalInvestigators"),
    ("proposalId", "proposalIds"),
    ("sampleId", "sampleIds"),
    ("instrumentId", "instrumentIds"),
)


def seen(call: Call, row: Tree | None) -> bool:
    """Whether the asker may read it."""
    if row is None:
        return False
    return bool(row.get("isPublished")) or (call.user is not None and call.user.may_read(row))


def create(call: Call) -> Reply:
    user, body = call.signed_in(), call.body
    if faults := dataset_faults(body, partly=False):
        raise e1(400, faults)
    _may_create(user, body)
    pid = str(body.get("pid") or f"{call.rules.pid_prefix}/{uuid.uuid4()}")
    blank: Tree = {"size": 0, "packedSize": 0, "numberOfFiles": 0, "numberOfFilesArchived": 0}
    tree = {
        **blank,
        **{name: [] for name in LISTS},
        "classification": "IN=medium,AV=low,CO=low",
        "isPublished": False,
        "datasetlifecycle": LIFE,
        **_tidied(body),
        "pid": pid,
        "createdBy": user.name,
        "updatedBy": user.name,
        "version": "4",
    }
    try:
        made = call.store.add("dataset", tree, id_=pid)
    except sqlite3.IntegrityError:
        raise e1(409, f"A dataset with pid {pid} already exists!") from None
    return answer(201, made)


def _may_create(user: User, body: Tree) -> None:
    own = user.creates and body["ownerGroup"] in user.groups
    if not (user.admin or user.privileged or (own and (user.pids or "pid" not in body))):
        raise e1(403, NOT_YOURS)


def _tidied(body: Tree) -> Tree:
    told = dict(body)
    if "scientificMetadata" in told:
        told["scientificMetadata"] = _with_si(told["scientificMetadata"])
    filled = {"identifierType": "Other", "relationship": "IsReferencedBy", "entityType": "Other"}
    if "relationships" in told:
        told["relationships"] = [
            {**filled, **r, "_id": uuid.uuid4().hex[:12]} for r in told["relationships"]
        ]
    return told


def _with_si(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    unit = _SI.get(str(value.get("unit")))
    if unit and isinstance(value.get("value"), int | float):
        return {**value, "valueSI": value["value"] * unit[0], "unitSI": unit[1]}
    return {k: _with_si(v) for k, v in value.items()}


def _view(call: Call, row: Tree) -> Tree:
    if not call.v3:
        return row
    single = {one: (row.get(many) or [None])[0] for one, many in _SINGULAR}
    return {**row, **single, "history": []}


def get(call: Call, pid: str) -> Reply:
    row = call.store.one("dataset", pid)
    if row is None:
        raise e1(404, f"dataset: {pid if call.v3 else 'null'} not found")
    if not seen(call, row):
        raise e1(403, NOT_YOURS)
    included = call.request.query.get("include", "").split(",")
    kinds = {"origdatablocks": "block", "attachments": "attachment"}
    more = {
        name: [bare(b) for b in call.store.all(kind, pid)]
        for name, kind in kinds.items()
        if name in included
    }
    return answer(200, {**_view(call, row), **more})


def get_public(call: Call, pid: str) -> Reply:
    row = call.store.one("dataset", pid)
    return answer(200, row if row and row.get("isPublished") else None)


def listed(call: Call, *, public: bool = False) -> Reply:
    told = parsed(call.request.query)
    if not public and not call.v3:
        call.signed_in(NOT_YOURS)
    return answer(200, [shown(_view(call, r), told) for r in _rows(call, told, public)])


def _rows(call: Call, told: Tree, public: bool) -> list[Tree]:
    default = 100 if call.v3 else 10
    return ordered(_visible(call, told, public), told, default)


def _visible(call: Call, told: Tree, public: bool) -> list[Tree]:
    for name in told.get("include") or ():
        if name not in ("origdatablocks", "attachments", "instruments", "proposals", "samples"):
            words = f"Provided include field {name!r} is not part of the dataset relations"
            raise e1(400, words.replace("'", '"'))
    rows = chosen(call.store.all("dataset"), told, KNOWN, v3=call.v3)
    return [r for r in rows if r["isPublished"] or (not public and seen(call, r))]


def count(call: Call) -> Reply:
    call.signed_in(NOT_YOURS)
    return answer(200, {"count": len(_visible(call, parsed(call.request.query), False))})


def valid(call: Call) -> Reply:
    return answer(200, {"valid": not dataset_faults(call.body, partly=False)})


def change(call: Call, pid: str) -> Reply:
    row = call.store.one("dataset", pid)
    if row is None:
        raise e1(404, "Dataset not found")
    user, body = call.owned(row), call.body
    if faults := dataset_faults({k: v for k, v in body.items() if v is not None}, partly=True):
        raise e1(400, faults)
    _unmodified(call, row)
    if call.merging:
        told = {k: merged(row.get(k), v) for k, v in body.items()}
    else:
        nested = {"datasetlifecycle": LIFE}
        told = {
            k: {**nested[k], **v} if k in nested and isinstance(v, dict) else v
            for k, v in body.items()
        }
    return answer(200, call.store.change("dataset", pid, _tidied(told), by=user.name))


def _unmodified(call: Call, row: Tree) -> None:
    since = call.request.headers.get("if-unmodified-since")
    if not since:
        return
    changed = str(row["updatedAt"])[:19] + "+00:00"
    if changed > parsedate_to_datetime(since).isoformat()[:19] + "+00:00":
        words = f"Dataset #{row['pid']} has been modified on the server since {since}."
        raise e1(412, words)


def remove(call: Call, pid: str) -> Reply:
    row = call.store.one("dataset", pid)
    if not call.signed_in().deletes:
        raise e1(403, NOT_YOURS)
    if row is None:
        raise e1(404, "Dataset not found")
    call.store.drop("dataset", pid)
    return answer(200, row)
