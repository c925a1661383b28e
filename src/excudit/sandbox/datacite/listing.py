"""GET /dois from the search index."""

from __future__ import annotations

from excudit.sandbox.datacite.call import Call, Reply, json_reply
from excudit.sandbox.datacite.reads import Reader


def dois(call: Call, reader: Reader) -> Reply:
    """The DOIs that the caller may see, as the index knows them."""
    return json_reply(200, {"data": [], "meta": {"total": 0, "totalPages": 0, "page": 1}})
