"""The resolver: what doi.org and the handle server answer for the sandbox's DOIs."""

from __future__ import annotations

from urllib.parse import quote

from excudit.sandbox.datacite.call import Call, Reply, json_reply
from excudit.sandbox.datacite.store import Store

_API = ("", "*/*", "text/html", "application/xhtml+xml")
_RESERVED = ":/?#[]@!$&'()*+,;=%~"


def answer(store: Store, call: Call, api: str) -> Reply:
    """`GET /api/handles/{doi}` tells the handle, `GET /{doi}` redirects to its URL.

    With an `Accept` for a metadata format, `GET /{doi}` redirects to the API's content
    negotiation, as doi.org does.
    """
    name = call.path.strip("/")
    if name.startswith("api/handles/"):
        return _handle(store, name.removeprefix("api/handles/"))
    url = store.handle(name)
    if url is None:
        return Reply(404, b"<h1>DOI Not Found</h1>", {"Content-Type": "text/html; charset=utf-8"})
    mime = call.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    target = url if mime in _API else f"{api}/dois/{mime}/{name.lower()}"
    return Reply(302, b"", {"Location": quote(target, safe=_RESERVED), "Vary": "Accept"})


def _handle(store: Store, name: str) -> Reply:
    url = store.handle(name)
    if url is None:
        return json_reply(404, {"responseCode": 100, "handle": name})
    value = {"index": 1, "type": "URL", "data": {"format": "string", "value": url}}
    return json_reply(200, {"responseCode": 1, "handle": name, "values": [value]})
