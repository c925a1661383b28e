"""What of a dataset is its own, and what SciCat adds: only the first is compared and copied."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

# Members of CreateDatasetDto (SciCat 5.2) that describe the dataset. Sizes are left out: file
# lists add theirs. So are the life cycle, which belongs to one site, and jobs' own notes.
DATASET_FIELDS = frozenset(
    [
        "ownerGroup",
        "accessGroups",
        "instrumentGroup",
        "owner",
        "ownerEmail",
        "orcidOfOwner",
        "contactEmail",
        "sourceFolder",
        "sourceFolderHost",
        "creationTime",
        "validationStatus",
        "keywords",
        "description",
        "datasetName",
        "classification",
        "license",
        "techniques",
        "sharedWith",
        "relationships",
        "scientificMetadata",
        "scientificMetadataSchema",
        "scientificMetadataValid",
        "comment",
        "dataQualityMetrics",
        "principalInvestigators",
        "startTime",
        "endTime",
        "creationLocation",
        "dataFormat",
        "proposalIds",
        "sampleIds",
        "instrumentIds",
        "inputDatasets",
        "usedSoftware",
        "runNumber",
        "pid",
        "type",
    ]
)
REQUIRED = ("ownerGroup", "contactEmail", "sourceFolder", "creationTime", "datasetName", "type")
_SINGULAR = {
    "principalInvestigator": "principalInvestigators",
    "investigator": "principalInvestigators",
    "proposalId": "proposalIds",
    "sampleId": "sampleIds",
    "instrumentId": "instrumentIds",
}
_ADDED = frozenset({"_id", "id", "__v", "valueSI", "unitSI"})
_TIMES = frozenset({"creationTime", "startTime", "endTime", "time"})


def plain(value: Any) -> Any:
    """A value without what the server adds inside it; whole numbers as integers."""
    if isinstance(value, Mapping):
        kept = {k: plain(v) for k, v in value.items() if k not in _ADDED and v is not None}
        return {k: moment(v) if k in _TIMES else v for k, v in kept.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def plain_dataset(row: Mapping[str, Any]) -> dict[str, Any]:
    """The dataset's own members, as v4 names them; empty lists and texts count as absent."""
    told = {**row}
    for single, several in _SINGULAR.items():
        one = told.pop(single, None)
        if one and not told.get(several):
            told[several] = [one]
    kept = {k: plain(v) for k, v in told.items() if k in DATASET_FIELDS}
    return {k: v for k, v in kept.items() if v not in ("", [], {}, None)}


def postable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A body that may be posted: nothing that the server refuses as unknown (400)."""
    return {**plain_dataset(row), "isPublished": False}


def moment(value: Any) -> Any:
    """A time as SciCat writes it, in UTC with milliseconds; what is none stays."""
    if not isinstance(value, str):
        return value
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return value
    read = read if read.tzinfo else read.replace(tzinfo=UTC)
    return read.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def content_digest(value: Any) -> str:
    """SHA-256 (hex) of plain JSON with sorted keys."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
