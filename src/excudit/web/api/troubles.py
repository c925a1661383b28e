"""How each call can fail, and the headers of its answers, for the description of the API."""

from __future__ import annotations

from typing import Any

from excudit.web.api.models import Trouble

_WORDS = {
    400: "The body is not JSON.",
    401: "No token, or one that does not count.",
    403: "Your role does not allow it, or your token does not.",
    404: "It is not there, or not for you to see.",
    409: "Not possible in this state, or something else holds the place.",
    412: "It changed since you read it.",
    413: "The body is too large.",
    415: "The body must be JSON.",
    422: "Refused, with all problems to mend.",
    429: "Too many calls; wait as long as Retry-After says.",
    500: "A fault of the service, with the number of the incident.",
    501: "The other side cannot do this.",
    502: "The other side's answer was lost.",
    503: "Something does not answer; try again after Retry-After.",
}
_ALWAYS = (401, 403, 500, 503)


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {name: {"description": description, "schema": {"type": "string", **schema}}}


def troubles(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures of a call, those that every call can have included."""
    return {status: _trouble(status) for status in sorted({*statuses, *_ALWAYS})}


def _trouble(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": _WORDS[status],
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Trouble"}}
        },
    }
    if status == 401:
        told["headers"] = _header("WWW-Authenticate", "How to say who calls.")
    if status in (429, 503):
        told["headers"] = _header("Retry-After", "Seconds to wait.")
    return told


ETAG = {"headers": _header("ETag", "Begins with the edition, changes with everything shown.")}
LOCATION = {"headers": {**ETAG["headers"], **_header("Location", "Where it is.", format="uri")}}
NEXT = {"headers": _header("Link", 'The next page, rel="next".')}
NOT_MODIFIED = {"description": "You have it already.", "headers": ETAG["headers"]}


def components() -> dict[str, Any]:
    """The schemas that the failures refer to."""
    whole = Trouble.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = whole.pop("$defs")
    return {**parts, "Trouble": whole}
