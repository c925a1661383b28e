"""Two SciCats, a private one and a public one, and what is copied from the one to the other."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from catalogues import SITE, file_list, ingest, login, scicat, source
from excudit.domain.model import Dataset, Snapshot
from excudit.domain.record import Record
from excudit.sandbox.scicat import SciCatSandbox
from excudit.targets.scicat_mirror import ScicatMirrorTarget
from registries import RECORD

LISTS = (
    file_list({"scan_1.fio": 3968, "scan_1/master.h5": 36_065_828}, chk="ab" * 32),
    file_list({"scan_2.fio": 3968}),
)


def mirror(private: SciCatSandbox, public: SciCatSandbox, **more: Any) -> ScicatMirrorTarget:
    """The target that copies from one sandbox to the other."""
    told: dict[str, Any] = {
        "url": public.url,
        **login(),
        "origin": {"url": private.url, **login()},
        "access_groups": [{"match": "beamline-(.*)", "to": r"public-\1"}],
        "source_folders": [{"match": "/beamline/(.*)", "to": r"/public/\1"}],
        **more,
    }
    settings = ScicatMirrorTarget.Settings.model_validate(told)
    return ScicatMirrorTarget("public", settings, SITE)


def original(private: SciCatSandbox, lists: Any = LISTS, **more: Any) -> str:
    """A dataset at the private one; its PID."""
    catalogue = scicat(private)
    try:
        return ingest(catalogue, lists, **more)
    finally:
        catalogue.close()


def described(private: SciCatSandbox, pid: str) -> Dataset:
    """The dataset as the source tells it."""
    made = source(private)
    try:
        return made.describe(pid)
    finally:
        made.close()


def frozen(dataset: Dataset, **more: Any) -> Snapshot:
    """What was approved of a dataset, with a fresh key."""
    key = str(uuid.uuid4())
    told: Mapping[str, Any] = {**RECORD, **dataset.metadata, "types": RECORD["types"]}
    values: dict[str, Any] = {
        "key": key,
        "source": dataset.source,
        "ref": dataset.ref,
        "revision": dataset.revision,
        "record": Record.model_validate({**told, "publisher": RECORD["publisher"]}),
        "files": dataset.files,
        "manifest_digest": "m",
        "digest": f"d-{key}",
        "bytes": dataset.bytes or 0,
        "landing_url": f"https://data.example.org/d/{key}",
        "refs": (dataset.ref,),
        "facts": dataset.facts,
        **more,
    }
    return Snapshot(**values)
