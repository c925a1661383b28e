"""Content negotiation: which formats there are, and who makes them."""

from __future__ import annotations

from excudit.sandbox.datacite.call import Call, Reply, json_reply, refuse
from excudit.sandbox.datacite.store import Doi

_API = ("", "*/*", "application/*", "application/json", "application/vnd.api+json", "text/html")


def accepted(accept: str) -> str:
    """The first format of an `Accept` header that is known, "" for the API's own JSON.

    Refuses with 406 when none is.
    """
    for part in accept.split(","):
        mime = part.partition(";")[0].strip().lower()
        if mime in _API:
            return ""
    raise refuse(406)


def known(mime: str) -> str:
    """The format `mime`; refuses with 406 what is not one."""
    raise refuse(406)


def render(mime: str, doi: Doi, call: Call) -> Reply:
    """The DOI in this format."""
    return json_reply(200, {})
