"""Realistic datasets of a synchrotron, among them the one with every known fault in its list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from excudit.sandbox.scicat.datasets import LIFE, LISTS
from excudit.sandbox.scicat.shapes import Tree
from excudit.sandbox.scicat.store import Store

PREFIX = "20.500.12345"
LIPIDS = f"{PREFIX}/lipid-monolayers"
ALLOY = f"{PREFIX}/alloy-tomography"
OLDER = f"{PREFIX}/0bf11a0b-0000-4000-8000-000000000001"
NO_TYPE = f"{PREFIX}/no-type"
_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6"
    "kgAAAABJRU5ErkJggg=="
)
_TIME = "2025-09-18T08:22:03.188Z"


def load(store: Store) -> tuple[str, ...]:
    """Put all samples into a store, once."""
    if store.one("dataset", LIPIDS) is None:
        for pid, (tree, lists) in _ALL.items():
            _keep(store, pid, tree, lists)
    return tuple(_ALL)


def _keep(store: Store, pid: str, tree: Tree, lists: tuple[Tree, ...]) -> None:
    files = sum(len(one["dataFileList"]) for one in lists)
    size = sum(one["size"] for one in lists)
    server = {"createdBy": "ingestor", "updatedBy": "ingestor", "version": "4"}
    whole: Tree = {"pid": pid, "size": size, "numberOfFiles": files, "packedSize": 0, **server}
    store.add("dataset", {**_BLANK, **whole, **tree}, id_=pid)
    groups = {"ownerGroup": tree["ownerGroup"], "accessGroups": tree.get("accessGroups", [])}
    for one in lists:
        told = {**groups, "isPublished": False, **one, "datasetId": pid, **server}
        store.add("block", told, about=pid)
    if "keywords" in tree:
        link = {"targetId": pid, "targetType": "dataset", "relationType": "is attached to"}
        told = {"aid": f"{pid.rpartition('/')[2]}-preview", "caption": "Preview", **groups}
        told |= {"thumbnail": _PIXEL, "isPublished": False, "relationships": [link], **server}
        store.add("attachment", told, id_=told["aid"], about=pid)


_BLANK: Tree = {
    **{name: [] for name in LISTS},
    "packedSize": 0,
    "numberOfFilesArchived": 0,
    "classification": "IN=medium,AV=low,CO=low",
    "isPublished": False,
    "datasetlifecycle": LIFE,
}


def _scan(number: int) -> Iterator[Tree]:
    for ending, size in ((".fio", 3968), ("/detector/master.h5", 36_065_828)):
        path = f"scan_{number:05}{ending}"
        chk = hashlib.sha256(path.encode()).hexdigest()
        owner = {"uid": "p00user", "gid": "p00", "perm": "-rw-r--r--"}
        yield {"path": path, "size": size, "time": _TIME, "chk": chk, **owner}


def _list(*numbers: int) -> Tree:
    files = [file for n in numbers for file in _scan(n)]
    return {"size": sum(f["size"] for f in files), "chkAlg": "sha256", "dataFileList": files}


_RAW: Mapping[str, object] = {
    "ownerGroup": "p20250001",
    "accessGroups": ["beamline-p00"],
    "owner": "Doe, Jane",
    "ownerEmail": "jane@example.org",
    "orcidOfOwner": "https://orcid.org/0000-0002-1825-0097",
    "contactEmail": "jane@example.org",
    "creationLocation": "/EXAMPLE-FACILITY/P00",
    "creationTime": "2025-08-27T18:40:00.000Z",
    "principalInvestigators": ["Doe, Jane"],
    "proposalIds": ["20250001"],
    "instrumentIds": ["P00"],
    "license": "CC-BY-4.0",
}
_BAD: Tree = {
    "size": 0,
    "chkAlg": None,
    "dataFileList": [
        *(
            {"path": p, "size": s, "time": _TIME, "chk": "string", "uid": "p00user", "type": "raw"}
            for p, s in (("scan_00210.fio", 3968), ("scan_00210/detector/master.h5", 36_065_828))
        ),
        {"path": "/some/abs/file.fio", "size": 0, "time": "2025-09-18T13:09:11.360Z", "chk": "100"},
        {"path": "some/folder/", "size": 1120, "time": "2025-09-23T09:00:23.193Z", "type": "raw"},
        {"path": "scan_00210.fio", "size": 3968, "time": _TIME},
        {"path": "scan_00210.fio", "size": 3968, "time": _TIME},
        {"path": "/some/abs/file.fio", "size": 0, "time": "2025-09-18T13:09:11.360Z"},
        {"path": "/this/is/new/file1.fio", "size": 17000, "time": "2025-10-06T10:16:07.604Z"},
    ],
}
_ALL: Mapping[str, tuple[Tree, tuple[Tree, ...]]] = {
    LIPIDS: (
        {
            **_RAW,
            "datasetName": "Lipid monolayers at 20 °C, X-ray reflectivity",
            "description": "Reflectivity of DPPC monolayers on water at 20 °C, nine pressures.",
            "type": "raw",
            "sourceFolder": "/beamline/p00/2025/data/1",
            "keywords": ["reflectivity", "lipids", "monolayer"],
            "techniques": [{"pid": "PaNET01131", "name": "x-ray reflectivity"}],
            "startTime": "2025-08-27T18:40:00.000Z",
            "endTime": "2025-08-28T02:10:00.000Z",
            "scientificMetadata": {"energy": {"value": 18, "unit": "keV"}, "temperature_C": 20},
        },
        (_list(210, 211, 212), _list(213, 214)),
    ),
    ALLOY: (
        {
            **_RAW,
            "ownerGroup": "p20250002",
            "ownerEmail": "john@example.org",
            "contactEmail": "john@example.org; office@example.org",
            "owner": "Smith, John",
            "orcidOfOwner": "",
            "principalInvestigators": ["Smith, John"],
            "proposalIds": ["20250002"],
            "datasetName": "Cracks in an aluminium alloy, tomography",
            "description": "Reconstructed volumes of a notched sample under load, eleven steps.",
            "type": "derived",
            "sourceFolder": "/beamline/p05/2025/data/7",
            "keywords": ["tomography", "aluminium"],
            "inputDatasets": [LIPIDS, f"{PREFIX}/528e19dc23"],
            "usedSoftware": ["reconstruct 3.2"],
        },
        (_list(31, 32),),
    ),
    OLDER: (
        {
            **_RAW,
            "datasetName": "Combined Dataset",
            "description": "Several scans in one list, as they were ingested.",
            "type": "derived",
            "sourceFolder": "/beamline/p00/2025/data/2",
            "inputDatasets": [LIPIDS],
        },
        (_BAD, _list(220), _list(220)),
    ),
    NO_TYPE: (
        {
            **_RAW,
            "datasetName": "Calibration without a type",
            "description": "Empty beam.",
            "sourceFolder": "/beamline/p00/2025/data/3",
        },
        (_list(1),),
    ),
}
