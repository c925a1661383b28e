"""Scitacean, SciCat's own Python client, as an independent witness: it reads our stand-in as it
reads SciCat, sees in the copy what it saw in the original, and what it uploads our source reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from scitacean import PID, Client, Dataset
from scitacean.filesystem import RemotePath

from catalogues import source
from excudit.sandbox.scicat import SciCatSandbox
from mirrors import described, frozen, mirror, original

PAIR = tuple[SciCatSandbox, SciCatSandbox]
MAPPED = {"access_groups", "source_folder", "relationships", "created_at", "updated_at"}
MAPPED |= {"created_by", "updated_by", "is_published", "shared_with", "lifecycle"}


class Patient:
    def progress(self, done: int, total: int, unit: str) -> None: ...

    def stop(self) -> bool:
        return False


@pytest.fixture
def pair() -> Iterator[PAIR]:
    with SciCatSandbox() as private, SciCatSandbox(public=True) as public:
        yield private, public


def witness(sandbox: SciCatSandbox, who: str = "svc") -> Client:
    return Client.from_token(url=f"{sandbox.url}/api/v3", token=sandbox.token(who), allow_http=True)


def seen(dataset: Dataset) -> dict[str, Any]:
    fields = (f.name for f in dataset.fields() if f.name not in MAPPED)
    return {name: getattr(dataset, name) for name in fields}


def listed(dataset: Dataset) -> list[tuple[str, int]]:
    return sorted((f.remote_path.posix, f.size) for f in dataset.files)


def test_it_sees_in_the_copy_what_it_sees_in_the_original(pair: PAIR) -> None:
    private, public = pair
    pid = original(private)
    target = mirror(private, public)
    snapshot = frozen(described(private, pid))
    draft = target.reserve(snapshot, key=snapshot.key)
    target.publish(target.fill(draft, snapshot, Patient()), snapshot)
    target.close()
    there = witness(private).get_dataset(PID.parse(pid), attachments=True)
    copy = witness(public).get_dataset(PID.parse(pid), attachments=True)
    assert seen(copy) == seen(there)
    assert listed(copy) == listed(there)
    assert copy.access_groups == ["public-p00"]
    assert copy.source_folder == RemotePath("/public/p00/2025/data/9")
    assert [a.caption for a in copy.attachments or ()] == ["Picture 0"]


def test_it_reads_the_same_files_as_our_source(pair: PAIR) -> None:
    private, _ = pair
    pid = original(private)
    there = witness(private).get_dataset(PID.parse(pid))
    assert listed(there) == sorted((f.path, f.size) for f in described(private, pid).files)


def test_what_it_uploads_our_source_reads(pair: PAIR) -> None:
    private, _ = pair
    client = witness(private, "jane")
    made = Dataset(
        type="raw",
        name="Uploaded by a witness",
        owner_group="p20250001",
        owner="Doe, Jane",
        principal_investigators=["Doe, Jane"],
        contact_email="jane@example.org",
        creation_location="/EXAMPLE/P00",
        creation_time=datetime(2025, 8, 27, 18, 40, tzinfo=UTC),
        source_folder=RemotePath("/beamline/p00/upload"),
    )
    finalized = client.scicat.create_dataset_model(made.make_upload_model())
    assert finalized.pid is not None
    told = source(private)
    found = told.look(str(finalized.pid))
    assert found.title == "Uploaded by a witness"
    assert found.metadata["creators"][0]["familyName"] == "Doe"
    told.close()
