"""A repository to test against: the sandbox, and snapshots with files to publish there."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Mapping
from typing import Any, BinaryIO

from excudit.domain.model import FileEntry, Snapshot
from excudit.domain.record import Record
from excudit.sandbox.invenio import Invenio
from excudit.targets.invenio import InvenioSettings, InvenioTarget
from registries import RECORD, SITE

TOKEN = f"loopback-{uuid.uuid4()}"
VARIABLE = "EXCUDIT_TEST_INVENIO_SECRET"
DIALECTS = ("rdm", "zenodo-legacy")
CONTENTS: Mapping[str, bytes] = {
    "a.csv": b"time,co2\n1,410.2\n",
    "data/Überfahrt 7.csv": "Länge;Breite\n".encode() * 50,
}


def files(contents: Mapping[str, bytes] = CONTENTS) -> tuple[FileEntry, ...]:
    """The files of a snapshot, in order."""
    return tuple(
        FileEntry(path, len(content), hashlib.sha256(content).hexdigest())
        for path, content in sorted(contents.items(), key=lambda c: c[0].encode())
    )


def opened(file: FileEntry, contents: Mapping[str, bytes] = CONTENTS) -> BinaryIO:
    """The bytes of one of them."""
    return io.BytesIO(contents[file.path])


def deposit_snapshot(contents: Mapping[str, bytes] = CONTENTS, **changes: Any) -> Snapshot:
    """A complete snapshot with a fresh key; `changes` are attributes of the record."""
    key = str(uuid.uuid4())
    return Snapshot(
        key=key,
        source="folder",
        ref="cruise-7",
        revision="1",
        record=Record.model_validate({**RECORD, **changes}),
        files=files(contents),
        manifest_digest="m",
        digest=f"d-{key}",
        bytes=sum(map(len, contents.values())),
        landing_url=f"https://data.example.org/p/{key}",
    )


def repository_target(sandbox: Invenio, **settings: Any) -> InvenioTarget:
    """The target that speaks to the sandbox; its token is in the variable `VARIABLE`."""
    told = {
        "url": sandbox.url,
        "dialect": "zenodo-legacy" if sandbox.zenodo else "rdm",
        "token": {"env": VARIABLE},
        "doi_url": sandbox.url,
        "per_second": 0,
        "timeout_s": 5,
        "find_lag_s": 0,
        "publish_lag_s": 0,
        **settings,
    }
    return InvenioTarget("repository", InvenioSettings.model_validate(told), SITE)
