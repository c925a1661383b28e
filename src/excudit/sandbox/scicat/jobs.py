"""Jobs: stored first, then the site's URL action is called, inside the request."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.request import Request as Out
from urllib.request import urlopen

import orjson

from excudit.sandbox.scicat.exchange import Call, answer, bare, merged
from excudit.sandbox.scicat.filters import chosen, parsed, shown
from excudit.sandbox.scicat.people import User
from excudit.sandbox.scicat.shapes import (
    JOB,
    JOB_CHANGE,
    STRANGER,
    Refused,
    Tree,
    e1,
    e4,
    known_only,
    texts_needed,
)
from excudit.sandbox.serving import Reply

TYPES = ("publish",)
KNOWN = JOB | {"_id", "id", "statusCode", "statusMessage", "jobResultObject", "createdAt"}
KNOWN |= {"updatedAt", "createdBy", "updatedBy", "configVersion", "accessGroups"}
_NO_OWNER = "User does not have access to all datasets, cannot create job."
_WAIT_S = 30


def create_v3(call: Call) -> Reply:
    """The older body; the owner is inferred from the token."""
    user, told = call.signed_in(), call.body
    listed = told.get("datasetList") or []
    params = {**(told.get("jobParams") or {}), "datasetList": listed}
    first = call.store.one("dataset", str(listed[0].get("pid"))) if listed else None
    body: Tree = {"type": told.get("type"), "jobParams": params, "ownerUser": user.name}
    body |= {"ownerGroup": (first or {}).get("ownerGroup", "")}
    body |= {"contactEmail": told.get("emailJobInitiator") or user.email}
    return _created(call, user, body)


def create(call: Call) -> Reply:
    """Not under the store's lock: the hook may ask us back."""
    user, body = call.signed_in(), call.body
    if faults := known_only(body, JOB):
        raise e1(400, faults)
    return _created(call, user, body)


def _created(call: Call, user: User, body: Tree) -> Reply:
    if body.get("type") not in TYPES:
        raise e4(400, f"Invalid job type: {body.get('type')}")
    listed = _datasets(call, user, body)
    tree: Tree = {
        "accessGroups": [],
        "isPublished": False,
        "ownerUser": body.get("ownerUser") or user.name,
        "ownerGroup": body.get("ownerGroup") or listed[0]["ownerGroup"],
        "type": body["type"],
        "statusCode": "jobSubmitted",
        "statusMessage": "Job submitted.",
        "jobParams": body["jobParams"],
        "contactEmail": body.get("contactEmail") or user.email,
        "configVersion": "v1.0",
        "jobResultObject": {},
        "createdBy": user.name,
        "updatedBy": user.name,
    }
    made = call.store.add("job", tree)
    made = {**made, "id": made["_id"]}
    _hook(call, made)
    return answer(201, made)


def _datasets(call: Call, user: User, body: Tree) -> list[Tree]:
    params = body.get("jobParams")
    listed = params.get("datasetList") if isinstance(params, dict) else None
    if not isinstance(listed, list):
        raise e4(400, "Invalid request. Requires 'jobParams.datasetList[*]'")
    if not listed:
        raise e1(422, "List of passed datasets is empty.")
    if not all(isinstance(d, dict) and isinstance(d.get("files"), list) for d in listed):
        found = orjson.dumps([{"property": "files", "reason": "is missing"}]).decode()
        raise Refused(422, {"message": "Invalid dataset list.", "error": found})
    pids = [d["pid"] for d in listed]
    if len(set(pids)) < len(pids):
        raise e1(404, f"Unable to get a dataset. ({orjson.dumps(pids).decode()})")
    rows = {pid: call.store.one("dataset", pid) for pid in pids}
    if missing := [pid for pid, row in rows.items() if row is None]:
        raise e1(422, f"Datasets with pid {', '.join(missing)} do not exist.")
    for told in listed:
        _files_there(call, told)
    if not user.admin:
        named = body.get("ownerUser") and body.get("ownerGroup")
        mine = all(row and row["ownerGroup"] in user.groups for row in rows.values())
        if not (named and mine):
            raise e1(403, _NO_OWNER)
    return [row for row in rows.values() if row is not None]


def _files_there(call: Call, told: Tree) -> None:
    if not told["files"]:
        return
    there = {f["path"] for b in call.store.all("block", told["pid"]) for f in b["dataFileList"]}
    if absent := [f for f in told["files"] if f not in there]:
        found = orjson.dumps([{"pid": told["pid"], "nonExistFiles": absent}]).decode()
        words = "At least one requested file could not be found."
        raise Refused(422, {"message": words, "error": found})


def _hook(call: Call, job: Tree) -> None:
    url = call.rules.hook_url
    if not url or "hook-lost" in call.faults:
        return
    body = orjson.dumps(bare(job), option=orjson.OPT_INDENT_2)
    headers = {"content-type": "application/json", "user-agent": "node", "accept": "*/*"}
    headers["authorization"] = f"Bearer {call.rules.hook_key}"
    asked = Out(url, body, headers, method="POST")  # noqa: S310 -- the operator's own address
    try:
        with urlopen(asked, timeout=_WAIT_S):  # noqa: S310
            return
    except HTTPError as error:
        status, words = error.code, error.read().decode("utf-8", "replace")
    except (URLError, OSError) as error:
        status, words = 500, str(error)
    if not call.rules.ignore_errors:
        raise e4(status, f"A remote URL call failed with response: {words}")


def _job(call: Call, id_: str) -> Tree:
    user, row = call.signed_in(), call.store.one("job", id_)
    if row is None:
        raise e4(400, "Invalid job id.")
    mine = row["ownerUser"] == user.name or row["ownerGroup"] in user.groups
    if not (mine or user.admin or user.jobs):
        raise e1(403, "Unauthorized to get this job.")
    return row


def get(call: Call, id_: str) -> Reply:
    return answer(200, {**_job(call, id_), "id": id_})


def listed(call: Call) -> Reply:
    """`limit` is applied before `skip`, as SciCat does it."""
    user, told = call.signed_in(), parsed(call.request.query)
    limits = told.get("limits") or {}
    if "order" in limits:
        raise e1(400, "Property limits.order should not exist in the filter object")
    rows = chosen(call.store.all("job"), told, KNOWN, v3=call.v3)
    mine = [
        r
        for r in rows
        if user.admin or user.jobs or r["ownerUser"] == user.name or r["ownerGroup"] in user.groups
    ]
    ascending = str(next(iter((limits.get("sort") or {"": "desc"}).values()))).startswith("asc")
    mine.sort(key=lambda r: r["_n"], reverse=not ascending)
    page = mine[: int(limits.get("limit") or 100)][int(limits.get("skip") or 0) :]
    return answer(200, [shown({**r, "id": r["_id"]}, told) for r in page])


def change(call: Call, id_: str) -> Reply:
    user = call.signed_in()
    row = call.store.one("job", id_)
    if row is None:
        raise e4(400, "Invalid job id.")
    if not (user.admin or user.jobs):
        raise e1(403, STRANGER)
    body = call.body
    faults = known_only(body, JOB_CHANGE)
    faults += texts_needed(body, ("statusCode", "statusMessage"), partly=False)
    if faults:
        raise e1(400, faults)
    if call.merging and "jobResultObject" in body:
        result = merged(row["jobResultObject"], body["jobResultObject"])
        body = {**body, "jobResultObject": result}
    return answer(200, {**call.store.change("job", id_, body, by=user.name), "id": id_})
