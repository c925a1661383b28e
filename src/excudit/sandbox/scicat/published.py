"""Published data, v4 and v3: a state machine that is not atomic."""

from __future__ import annotations

import base64
import sqlite3
import uuid
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request as Out
from urllib.request import urlopen

import orjson

from excudit.sandbox.scicat.exchange import Call, answer
from excudit.sandbox.scicat.filters import chosen, ordered, parsed, shown
from excudit.sandbox.scicat.people import User
from excudit.sandbox.scicat.schema import METADATA, UI, complaints
from excudit.sandbox.scicat.shapes import PUBLISHED, Refused, Tree, e1, e6, known_only, stamp
from excudit.sandbox.serving import Reply, json_reply

KNOWN = PUBLISHED | {"_id", "id", "doi", "pid", "createdBy", "updatedBy", "createdAt", "updatedAt"}
OPEN = ("public", "registered", "amended")
_WAIT_S = 5
PASSED = (
    *("creators", "contributors", "relatedIdentifiers", "language", "dates", "sizes", "formats"),
    *("rightsList", "relatedItems", "geoLocations", "fundingReferences", "publicationYear"),
    *("subjects", "publisher"),
)


def create(call: Call) -> Reply:
    user, body = call.signed_in(), call.body
    faults = known_only(body, PUBLISHED)
    faults += [f"{n} must be a string" for n in ("title", "abstract") if not _text(body.get(n))]
    pids = body.get("datasetPids")
    if not isinstance(pids, list):
        faults.append("each value in datasetPids must be a string")
        faults.append("datasetPids must be an array")
    if faults:
        raise e1(400, faults)
    doi = f"{call.rules.prefix}/{uuid.uuid4()}"
    tree = {"metadata": {}, "status": "private", **body, "doi": doi}
    return answer(201, add(call, user, tree, doi))


def add(call: Call, user: User, tree: Tree, doi: str) -> Tree:
    """A new record. Raises Refused for a DOI that is taken."""
    tree = {**tree, "pid": f"{call.rules.pid_prefix}/{uuid.uuid4()}"}
    tree |= {"createdBy": user.name, "updatedBy": user.name}
    try:
        made = call.store.add("published", tree, id_=doi)
    except sqlite3.IntegrityError:
        raise Refused(500, "Internal server error") from None
    return {**made, "id": doi}


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _mine(call: Call, row: Tree) -> bool:
    user = call.user
    return user is not None and (user.admin or row["createdBy"] == user.name)


def record(call: Call, doi: str, words: str) -> Tree:
    """The record, if the asker may see it. Raises Refused."""
    row = call.store.one("published", doi)
    if row is None or not (row["status"] in OPEN or _mine(call, row)):
        raise e1(404, words)
    return row


def get(call: Call, doi: str) -> Reply:
    row = record(call, doi, f"Published data with doi {doi} not found.")
    return answer(200, {**row, "id": doi})


def listed(call: Call) -> Reply:
    told = parsed(call.request.query)
    rows = chosen(call.store.all("published"), told, KNOWN, v3=False)
    seen = [r for r in rows if r["status"] == "registered" or _mine(call, r)]
    return answer(200, [shown({**r, "id": r["_id"]}, told) for r in ordered(seen, told, 100)])


def _acted(call: Call, doi: str) -> tuple[User, Tree]:
    user = call.user
    if user is None:
        raise e1(401, "Unauthenticated")
    row = call.store.one("published", doi)
    if row is None or not (row["status"] in OPEN or _mine(call, row)):
        raise e1(404, f"Published data with id {doi} not found.")
    return user, row


def change(call: Call, doi: str) -> Reply:
    user, row = _acted(call, doi)
    if not _mine(call, row):
        raise e1(404, f"Published data with id {doi} not found.")
    if faults := known_only(call.body, PUBLISHED):
        raise e1(400, faults)
    _editable(user, row, "updated")
    return answer(200, {**call.store.change("published", doi, call.body, by=user.name), "id": doi})


def _editable(user: User, row: Tree, how: str) -> None:
    if row["status"] in ("registered", "amended"):
        words = f"Published data with id {row['_id']} is already registered or amended."
        raise e6(400, f"{words} It cannot be {how}.")
    if row["status"] != "private" and not user.admin:
        raise e6(400, "Published data can only be resynced if it is in private state.")


def resync(call: Call, doi: str) -> Reply:
    user, row = _acted(call, doi)
    _editable(user, row, "resynced")
    known = {k: v for k, v in call.body.items() if k in PUBLISHED}
    call.store.change("published", doi, known, by=user.name)
    return Reply(201)


def publish(call: Call, doi: str) -> Reply:
    user, row = _acted(call, doi)
    if row["status"] != "private":
        raise e6(400, "Published data can only be published if it is in private state.")
    _valid(row)
    _open_datasets(call, user, row, {})
    return answer(
        201, {**call.store.change("published", doi, {"status": "public"}, by=user.name), "id": doi}
    )


def _valid(row: Tree) -> None:
    if found := complaints(row.get("metadata") or {}):
        raise Refused(400, found)


def _open_datasets(call: Call, user: User, row: Tree, more: Tree) -> None:
    """One after the other, with no way back: what breaks in the middle leaves some public."""
    pids = row["datasetPids"]
    rows = [call.store.one("dataset", pid) for pid in pids]
    half = len(pids) // 2 if "partial-publish" in call.faults else len(pids)
    for at, dataset in enumerate(rows):
        if at == half:
            raise Refused(500, "Internal server error")
        if dataset is None:
            raise e1(404, "Dataset not found")
        if not user.may_update(dataset):
            raise e1(403, "Unauthorized access")
        life = {**dataset["datasetlifecycle"], **more}
        changes = {"isPublished": True, "datasetlifecycle": life}
        call.store.change("dataset", dataset["pid"], changes, by=user.name)


def register(call: Call, doi: str) -> Reply:
    """Datasets first, then the registry; not under the store's lock."""
    user, row = _acted(call, doi)
    _valid(row)
    _open_datasets(call, user, row, {"publishedOn": stamp()})
    if call.rules.register_url:
        tell_registry(call, row)
    if "crash-after-register" in call.faults:
        raise Refused(500, "Internal server error")
    changes: Tree = {"status": "registered", "registeredTime": stamp()}
    return answer(201, {**call.store.change("published", doi, changes, by=user.name), "id": doi})


def tell_registry(call: Call, row: Tree) -> None:
    """The POST to DataCite; its reason is lost on the way. Raises Refused (424)."""
    body = orjson.dumps({"data": {"type": "dois", "attributes": attributes(call, row)}})
    login = base64.b64encode(":".join(call.rules.register_login).encode()).decode()
    headers = {"content-type": "application/json", "accept": "application/vnd.api+json"}
    headers["authorization"] = f"Basic {login}"
    asked = Out(call.rules.register_url, body, headers, method="POST")  # noqa: S310
    try:
        with urlopen(asked, timeout=_WAIT_S):  # noqa: S310
            return
    except HTTPError as error:
        words = f"AxiosError: Request failed with status code {error.code}"
    except (URLError, OSError) as error:
        words = f"AxiosError: {error}"
    raise e6(424, f"Error occurred: {words}")


def attributes(call: Call, row: Tree) -> Tree:
    """What SciCat sends to DataCite."""
    told = row.get("metadata") or {}
    base = str(told.get("landingPage") or call.rules.landing_url)
    base = base if "://" in base else f"https://{base}"
    abstract = {"description": row["abstract"], "descriptionType": "Abstract", "lang": "en"}
    kind = {"resourceTypeGeneral": "Dataset", "resourceType": told.get("resourceType", "")}
    return {
        **{k: told[k] for k in PASSED if k in told},
        "event": "publish",
        "doi": row["_id"],
        "titles": [{"lang": "en", "title": row["title"]}],
        "descriptions": [abstract, *told.get("descriptions", ())],
        "types": kind,
        "url": f"{base.rstrip('/')}/{quote(row['_id'], safe='')}",
    }


def amend(call: Call, doi: str) -> Reply:
    user, row = _acted(call, doi)
    if not user.admin:
        raise e6(403, "Only admin users can amend published data.")
    if row["status"] != "registered":
        raise e6(400, "Published data can only be amended if it is in registered state.")
    changed = call.store.change("published", doi, {"status": "amended"}, by=user.name)
    return answer(201, {**changed, "id": doi})


def remove(call: Call, doi: str) -> Reply:
    user, row = _acted(call, doi)
    if not user.deletes:
        raise e1(403, "Forbidden resource")
    if not (row["status"] == "private" or (row["status"] == "public" and user.admin)):
        raise e6(400, "Published data can only be removed if it is in private state.")
    call.store.drop("published", doi)
    return answer(200, row)


def populated(call: Call) -> Reply:
    pid = call.request.query.get("pid", "")
    row = call.store.one("dataset", pid)
    if row is None:
        raise e1(404, f"dataset: {pid} not found")
    told: Tree = {"resourceType": row.get("type", ""), "description": row.get("description", "")}
    return answer(200, {**told, "thumbnail": "", "metadata": {"publicationYear": 2026}})


def count(call: Call) -> Reply:
    return answer(200, {"count": call.store.count("published")})


def config(call: Call) -> Reply:
    """The site's schema and form, for everybody."""
    return json_reply(200, {"metadataSchema": METADATA, "uiSchema": UI})
