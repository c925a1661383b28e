"""The shapes of SciCat's errors, and which members its bodies may have."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

Tree = dict[str, Any]
_NAMES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
_NAMES |= {409: "Conflict", 412: "Precondition Failed", 422: "Unprocessable Entity"}
_MAIL = re.compile(r"^[^@\s;]+@[^@\s;]+\.[^@\s;]+$")


class Refused(Exception):
    """An answer instead of what was asked."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def e1(status: int, message: str | list[str]) -> Refused:
    """Most errors; with a list it is a body that is not valid."""
    told = {"message": message, "error": _NAMES.get(status, "Error"), "statusCode": status}
    return Refused(status, told)


def e4(status: int, message: str) -> Refused:
    """Jobs."""
    return Refused(status, {"status": status, "message": message})


def e6(status: int, message: str) -> Refused:
    """Published data: a bare text."""
    return Refused(status, message)


STRANGER = "Forbidden resource"
NOT_YOURS = "Unauthorized access"


def stamp() -> str:
    """The time now, as SciCat writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


DATASET = frozenset(
    [
        *("ownerGroup", "accessGroups", "instrumentGroup", "owner", "ownerEmail", "orcidOfOwner"),
        *("contactEmail", "sourceFolder", "sourceFolderHost", "size", "packedSize"),
        *("numberOfFiles", "numberOfFilesArchived", "creationTime", "validationStatus"),
        *("keywords", "description", "datasetName", "classification", "license", "isPublished"),
        *("techniques", "sharedWith", "relationships", "datasetlifecycle", "scientificMetadata"),
        *("scientificMetadataSchema", "scientificMetadataValid", "comment", "dataQualityMetrics"),
        *("principalInvestigators", "startTime", "endTime", "creationLocation", "dataFormat"),
        *("proposalIds", "sampleIds", "instrumentIds", "inputDatasets", "usedSoftware"),
        *("jobParameters", "jobLogData", "runNumber", "pid", "type"),
    ]
)
DATASET_REQUIRED = (
    *("ownerGroup", "contactEmail", "sourceFolder", "creationTime", "datasetName", "type"),
)
BLOCK = frozenset(
    [
        *("ownerGroup", "accessGroups", "instrumentGroup", "size", "chkAlg", "dataFileList"),
        *("isPublished", "datasetId"),
    ]
)
FILE = frozenset(["path", "size", "time", "chk", "uid", "gid", "perm", "type", "metadata"])
ATTACHMENT = frozenset(
    [
        *("ownerGroup", "accessGroups", "instrumentGroup", "thumbnail", "caption"),
        *("relationships", "isPublished", "aid"),
    ]
)
JOB = frozenset(["type", "jobParams", "ownerUser", "ownerGroup", "contactEmail"])
JOB_CHANGE = frozenset(["statusCode", "statusMessage", "jobResultObject"])
PUBLISHED = frozenset(["title", "abstract", "datasetPids", "metadata", "status", "registeredTime"])
PUBLISHED_V3 = frozenset(
    [
        *("doi", "affiliation", "creator", "publisher", "publicationYear", "title", "url"),
        *("abstract", "dataDescription", "resourceType", "numberOfFiles", "sizeOfArchive"),
        *("pidArray", "authors", "registeredTime", "status", "scicatUser", "thumbnail"),
        *("relatedPublications", "downloadLink"),
    ]
)


def known_only(body: Mapping[str, Any], known: Collection[str], *, below: str = "") -> list[str]:
    """Complaints about members that SciCat does not know."""
    return [f"{below}property {name} should not exist" for name in body if name not in known]


def texts_needed(body: Mapping[str, Any], names: Collection[str], *, partly: bool) -> list[str]:
    """Complaints about texts that are missing or none."""
    found: list[str] = []
    for name in names:
        if name not in body and partly:
            continue
        if not body.get(name):
            found.append(f"{name} should not be empty")
        if not isinstance(body.get(name), str):
            found.append(f"{name} must be a string")
    return found


def dataset_faults(body: Mapping[str, Any], *, partly: bool) -> list[str]:
    """Everything that SciCat refuses in the body of a dataset."""
    known = DATASET - {"pid", "type"} if partly else DATASET
    found = known_only(body, known) + texts_needed(body, DATASET_REQUIRED, partly=partly)
    mail = body.get("contactEmail")
    if isinstance(mail, str) and mail and not all(_MAIL.match(m.strip()) for m in mail.split(";")):
        found.append(f"Expected an email or a list of semicolon separated emails, got {mail}")
    for name in ("creationTime", "startTime", "endTime"):
        if isinstance(body.get(name), str) and body[name] and not _is_time(body[name]):
            found.append(f"{name} must be a valid ISO 8601 date string")
    for name in ("keywords", "accessGroups", "inputDatasets", "proposalIds", "sharedWith"):
        if name in body and not isinstance(body[name], list):
            found.append(f"{name} must be an array")
    return found


def block_faults(body: Mapping[str, Any], *, partly: bool) -> list[str]:
    """Everything that SciCat refuses in the body of a block."""
    known = BLOCK - {"datasetId"} if partly else BLOCK
    found = known_only(body, known)
    files = body.get("dataFileList")
    if "dataFileList" in body or not partly:
        found += [] if files else ["dataFileList should not be empty"]
    if ("size" in body or not partly) and not _is_number(body.get("size")):
        found.append("size must be a number conforming to the specified constraints")
    for at, file in enumerate(files if isinstance(files, list) else []):
        below = f"dataFileList.{at}."
        found += known_only(file, FILE, below=below)
        if not isinstance(file.get("path"), str):
            found.append(f"{below}path must be a string")
        if not _is_number(file.get("size")):
            found.append(f"{below}size must be a number conforming to the specified constraints")
        if not _is_time(str(file.get("time", ""))):
            found.append(f"{below}time must be a valid ISO 8601 date string")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False
