"""SciCats to test against: the sandbox, its accounts, and datasets with files."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from excudit.sandbox.scicat import SciCatSandbox
from excudit.scicat import Connection, SciCat
from excudit.settings import Site
from excudit.sources.scicat import ScicatSource

SITE = Site(base_url="https://data.example.org", contact="data@example.org")
VARIABLE = "EXCUDIT_TEST_SCICAT_SECRET"
TIME = "2025-09-18T08:22:03.188Z"
REAL = "EXCUDIT_TEST_SCICAT_"


def login(name: str = "svc") -> dict[str, Any]:
    """The account in settings; its password is in a variable of its own."""
    variable = f"{VARIABLE}_{name.upper()}"
    os.environ[variable] = name
    return {"username": name, "password": {"env": variable}}


def scicat(sandbox: SciCatSandbox, name: str = "svc") -> SciCat:
    """The client, as one of the accounts."""
    settings = Connection.model_validate({"url": sandbox.url, **login(name)})
    return SciCat("catalogue", settings, SITE)


def source(sandbox: SciCatSandbox, name: str = "svc", **more: Any) -> ScicatSource:
    """The source, as one of the accounts."""
    told = {"url": sandbox.url, **login(name), **more}
    return ScicatSource("catalogue", ScicatSource.Settings.model_validate(told), SITE)


def dataset(**more: Any) -> dict[str, Any]:
    """A body for a new dataset, with a PID of its own."""
    return {
        "pid": f"20.500.12345/{uuid.uuid4()}",
        "ownerGroup": "p20250001",
        "accessGroups": ["beamline-p00"],
        "owner": "Doe, Jane",
        "ownerEmail": "jane@example.org",
        "contactEmail": "jane@example.org",
        "principalInvestigators": ["Doe, Jane"],
        "sourceFolder": "/beamline/p00/2025/data/9",
        "creationTime": "2025-08-27T18:40:00.000Z",
        "datasetName": "Drift buoys in the Skagerrak",
        "description": "Positions of nine buoys.",
        "keywords": ["buoys", "drift"],
        "proposalIds": ["20250001"],
        "inputDatasets": ["20.500.12345/one", "20.500.12345/two"],
        "license": "CC-BY-4.0",
        "scientificMetadata": {"energy": {"value": 18, "unit": "keV"}, "note": "x"},
        "type": "raw",
        **more,
    }


def file_list(sizes: Mapping[str, int], **more: Any) -> dict[str, Any]:
    """A body for a new file list, without its dataset."""
    files = [{"path": p, "size": s, "time": TIME, **more} for p, s in sizes.items()]
    return {"size": sum(sizes.values()), "dataFileList": files}


def ingest(
    catalogue: SciCat,
    lists: Sequence[Mapping[str, Any]] = (),
    *,
    pictures: int = 1,
    **more: Any,
) -> str:
    """A new dataset with its file lists and pictures; its PID."""
    row = catalogue.create_dataset(dataset(**more))
    pid = str(row["pid"])
    for one in lists:
        body = {"datasetId": pid, "isPublished": False, **one}
        catalogue.api.call("POST", "/api/v4/origdatablocks", json=body)
    for number in range(pictures):
        link = {"targetId": pid, "targetType": "dataset", "relationType": "is attached to"}
        body = {
            "caption": f"Picture {number}",
            "thumbnail": "data:image/png;base64,iVBORw0KGgo=",
            "isPublished": False,
            "ownerGroup": row["ownerGroup"],
            "relationships": [link],
        }
        catalogue.add_attachment(body)
    return pid


def written(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Files below a folder."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
