"""What the portal refuses, in its order and with its words (upload API of `meta`, 2026)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Row = Mapping[str, Any]
Look = Callable[[str], Row | None]
STATIONS = "http://meta.icos-cp.eu/resources/stations/OS_"
ORGANIZATIONS = "http://meta.icos-cp.eu/resources/organizations/"
LONGEST = 5000
_HEX = re.compile(r"[0-9a-fA-F]{64}")


class Refused(Exception):
    """A request that is answered with a status and plain words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def object_id(hash_sum: str) -> str:
    """The portal's name for a hash in hex or base64. Raises Refused."""
    try:
        raw = (
            bytes.fromhex(hash_sum)
            if _HEX.fullmatch(hash_sum)
            else base64.urlsafe_b64decode(hash_sum.replace("+", "-").replace("/", "_") + "==")
        )
    except ValueError:
        raw = b""
    if len(raw) not in (18, 32):
        words = (
            "Attempts to parse the request resulted in the following errors:\n"
            "Alternative 1: Expected base64Url- or hex-encoded SHA-256 hash\n"
            "Alternative 2: Object is missing required member 'members'"
        )
        raise Refused(400, words)
    return base64.urlsafe_b64encode(raw[:18]).decode()


def level(spec: str) -> int:
    """The data level of an object specification."""
    found = re.search(r"(?:Fos)?L([0-3])", spec)
    return int(found[1]) if found else 2


def check(body: Row, submitters: tuple[str, ...], look: Look, newer: Look, names: Any) -> None:
    """Raises Refused for the first rule that is broken."""
    submitter, station = body.get("submitterId"), str(_specific(body).get("station", ""))
    if submitter not in submitters:
        raise Refused(400, f"Unknown submitter: {submitter}")
    if not station.startswith(STATIONS):
        told = f"Data producer '{station}' does not belong to class 'OS'"
        raise Refused(400, told)
    for rule in (_texts, _needs, _people, _times):
        for words in rule(body):
            raise Refused(400, words)
    _predecessors(body, look, newer)
    _name(body, names)
    known = look(object_id(str(body["hashSum"])))
    if known and known["body"]["submitterId"] != submitter:
        raise Refused(
            401,
            f"Object exists and was submitted by {known['body']['submitterId']}. "
            f"Upload on behalf of {submitter} is therefore impossible.",
        )
    if known and known["body"]["objectSpecification"] != body["objectSpecification"]:
        raise Refused(
            401,
            f"Object exists and has format {known['body']['objectSpecification']}. Upload with "
            f"format {body['objectSpecification']} is therefore impossible.",
        )


def _specific(body: Row) -> Row:
    found = body.get("specificInfo")
    return found if isinstance(found, Mapping) else {}


def _texts(body: Row) -> Iterator[str]:
    production = _specific(body).get("production") or {}
    if len(str(production.get("comment", ""))) > LONGEST:
        yield f"Description is too long, maximum {LONGEST} characters"


def _needs(body: Row) -> Iterator[str]:
    specific, spec = _specific(body), str(body.get("objectSpecification", ""))
    if level(spec) == 0:
        if specific.get("production"):
            yield "Level 0 data object cannot contain production provenance"
        if not specific.get("acquisitionInterval"):
            yield "Must provide 'acquisitionInterval' with start and stop timestamps."
    elif not isinstance(specific.get("nRows"), int):
        yield "Must provide 'nRows' with number of rows in the uploaded data file."


def _people(body: Row) -> Iterator[str]:
    production = _specific(body).get("production") or {}
    creator = production.get("creator")
    if production and not str(creator).startswith("http"):
        yield f"Invalid creator URL {creator}"
    if production and not isinstance(production.get("contributors"), list):
        yield "Attempts to parse the request resulted in the following errors:\nAlternative 1: "


def _times(body: Row) -> Iterator[str]:
    interval = _specific(body).get("acquisitionInterval")
    if not interval:
        return
    start, stop = (_moment(interval.get(end)) for end in ("start", "stop"))
    if start is None or stop is None or start > stop:
        yield "Start date must come before end date in temporal coverage"
    elif stop > datetime.now(UTC):
        yield "Temporal coverage cannot extend into the future"


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _predecessors(body: Row, look: Look, newer: Look) -> None:
    before = body.get("isNextVersionOf") or []
    before = [before] if isinstance(before, str) else before
    own = object_id(str(body["hashSum"]))
    if len(before) > 1 and (body.get("references") or {}).get("partialUpload"):
        raise Refused(400, "Cannot deprecate multiple objects with partial upload")
    for one in before:
        key = one if len(one) == 24 else object_id(one)
        if key == own:
            raise Refused(400, "Data/doc object cannot be a next version of itself")
        row = look(key)
        if row is None or not row["pid"]:
            raise Refused(400, f"Item {key} was not found or has not been successfully uploaded")
        other = newer(key)
        if other is not None and other["id"] != own:
            raise Refused(
                400,
                f"Item {key} already has a newer version {other['id']}. You may want to upload "
                f"your object as a new version of {other['id']}",
            )


def _name(body: Row, names: Callable[[str], list[str]]) -> None:
    references = body.get("references") or {}
    free = ("duplicateFilenameAllowed", "autodeprecateSameFilenameObjects")
    own = object_id(str(body["hashSum"]))
    others = [key for key in names(str(body.get("fileName"))) if key != own]
    if others and not any(references.get(flag) for flag in free):
        raise Refused(
            400,
            f"File name is already taken by other object(s) ({', '.join(others)}). Please "
            "deprecate older version(s) or set either 'duplicateFilenameAllowed' or "
            "'autodeprecateSameFilenameObjects' flag in 'references' to 'true'",
        )
