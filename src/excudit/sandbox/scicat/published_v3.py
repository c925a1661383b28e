"""Published data v3: the same records under their older names."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request as Out
from urllib.request import urlopen

from excudit.sandbox.scicat.exchange import Call, answer
from excudit.sandbox.scicat.filters import ordered, parsed
from excudit.sandbox.scicat.published import add, record
from excudit.sandbox.scicat.shapes import (
    PUBLISHED_V3,
    Refused,
    Tree,
    e1,
    e6,
    known_only,
    stamp,
)
from excudit.sandbox.serving import Reply

_TEXTS = ("publisher", "title", "abstract", "dataDescription", "resourceType")
_WAIT_S = 5


def create(call: Call) -> Reply:
    user, body = call.signed_in(), call.body
    faults = known_only(body, PUBLISHED_V3)
    faults += [f"{n} must be a string" for n in _TEXTS if not isinstance(body.get(n), str)]
    lists = ("creator", "pidArray")
    faults += [f"{n} must be an array" for n in lists if not isinstance(body.get(n), list)]
    if faults:
        raise e1(400, faults)
    doi = str(body.get("doi") or f"{call.rules.prefix}/{user.id}-{stamp()}")
    return answer(201, view(add(call, user, tree_of(body), doi)))


def tree_of(body: Tree) -> Tree:
    """The record as v4 sees it."""
    metadata: Tree = {
        "creators": [{"name": n} for n in body["creator"]],
        "contributors": [{"name": n} for n in body.get("authors") or ()],
        "publisher": {"name": body["publisher"]},
        "publicationYear": body.get("publicationYear"),
        "resourceType": body["resourceType"],
        "dataDescription": body["dataDescription"],
    }
    more = ("affiliation", "url", "thumbnail", "relatedPublications", "downloadLink")
    metadata |= {name: body[name] for name in more if name in body}
    return {
        "title": body["title"],
        "abstract": body["abstract"],
        "datasetPids": body["pidArray"],
        "metadata": metadata,
        "status": "private",
    }


def view(row: Tree) -> Tree:
    """The record under the names of v3."""
    metadata = row.get("metadata") or {}
    kept = {k: v for k, v in metadata.items() if k not in ("creators", "contributors")}
    registered = row["status"] in ("registered", "amended")
    return {
        **kept,
        "doi": row["_id"],
        "_id": row["_id"],
        "title": row["title"],
        "abstract": row["abstract"],
        "pidArray": row["datasetPids"],
        "creator": [c.get("name", "") for c in metadata.get("creators") or ()],
        "authors": [c.get("name", "") for c in metadata.get("contributors") or ()],
        "publisher": (metadata.get("publisher") or {}).get("name", ""),
        "status": "registered" if registered else "pending_registration",
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        **({"registeredTime": row["registeredTime"]} if row.get("registeredTime") else {}),
    }


def get(call: Call, doi: str) -> Reply:
    words = f"No PublishedData with the id '{doi}' exists"
    row = record(call, doi, words)
    if call.user is None and row["status"] not in ("registered", "amended"):
        raise e1(404, words)
    return answer(200, view(row))


def listed(call: Call) -> Reply:
    told = parsed(call.request.query)
    rows = [view(r) for r in call.store.all("published")]
    wanted = told.get("where") or {}
    rows = [r for r in rows if all(_has(r, k, v) for k, v in wanted.items())]
    public = [r for r in rows if call.user is not None or r["status"] == "registered"]
    return answer(200, ordered(public, told, 100))


def _has(row: Tree, name: str, wanted: object) -> bool:
    have = row.get(name)
    return wanted in have if isinstance(have, list) else have == wanted


def change(call: Call, doi: str) -> Reply:
    user, body = call.signed_in(), call.body
    row = record(call, doi, f"No PublishedData with the id '{doi}' exists")
    if faults := known_only(body, PUBLISHED_V3):
        raise e1(400, faults)
    told = tree_of({**view(row), "dataDescription": "", **body})
    told.pop("status")
    return answer(200, view(call.store.change("published", doi, told, by=user.name)))


def register(call: Call, doi: str) -> Reply:
    """Datasets public, then PUT of XML and of the URL; not under the store's lock."""
    user = call.signed_in()
    row = record(call, doi, f"No PublishedData with the id '{doi}' exists")
    for pid in row["datasetPids"]:
        dataset = call.store.one("dataset", pid)
        if dataset is None:
            raise e1(404, "Dataset not found")
        if not user.may_update(dataset):
            raise e1(403, "Unauthorized access")
        call.store.change("dataset", pid, {"isPublished": True}, by=user.name)
    if call.rules.register_url:
        url = f"{call.rules.landing_url.rstrip('/')}/{quote(doi, safe='')}"
        text = f"#Content-Type:text/plain;charset=UTF-8\ndoi= {doi}\nurl={url}"
        _put(f"{call.rules.register_url}/{quote(quote(doi, safe=''), safe='')}", text)
    changes = {"status": "registered", "registeredTime": stamp()}
    call.store.change("published", doi, changes, by=user.name)
    return answer(201, {"doi": "OK"})


def _put(url: str, text: str) -> None:
    asked = Out(url, text.encode(), {"content-type": "text/plain"}, method="PUT")  # noqa: S310
    try:
        with urlopen(asked, timeout=_WAIT_S):  # noqa: S310
            return
    except (HTTPError, URLError, OSError) as error:
        raise e6(424, f"Error occurred: AxiosError: {error}") from error


def resync(call: Call, doi: str) -> Reply:
    user, body = call.signed_in(), call.body
    row = record(call, doi, f"No PublishedData with the id '{doi}' exists")
    known = {k: v for k, v in body.items() if k in PUBLISHED_V3}
    told = tree_of({**view(row), "dataDescription": "", **known})
    told.pop("status")
    call.store.change("published", doi, told, by=user.name)
    return Reply(201)


def remove(call: Call, doi: str) -> Reply:
    if not call.signed_in().deletes:
        raise e1(403, "Forbidden resource")
    row = call.store.one("published", doi)
    if row is None:
        raise Refused(404, {"message": "Not Found", "statusCode": 404})
    call.store.drop("published", doi)
    return answer(200, view(row))
