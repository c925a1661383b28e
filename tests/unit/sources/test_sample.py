"""The sample dataset that ships with excudit is one that could be published as it is."""

from __future__ import annotations

import csv
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

import pytest

from excudit.metadata.check import check_path
from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings


@pytest.fixture
def sample() -> Path:
    return Path(str(files("excudit.sandbox") / "samples" / "shelf-transect"))


def test_the_source_is_found_by_its_entry_point() -> None:
    (entry,) = entry_points(group="excudit.sources", name="folder")
    assert entry.load() is FolderSource


def test_the_sample_passes_every_check_without_a_warning(sample: Path) -> None:
    checked = check_path(sample)
    assert checked.record is not None
    assert checked.problems == ()


def test_every_other_sample_could_be_published(sample: Path) -> None:
    others = [place for place in sample.parent.iterdir() if place != sample]
    assert len(others) == 5
    wrong = {o.name: p for o in others for p in check_path(o).problems if p.severity == "error"}
    assert wrong == {}


def test_the_sample_is_described_without_a_note(sample: Path) -> None:
    source = FolderSource("sample", FolderSettings(roots=[sample]), Site())
    dataset = source.describe(str(sample))
    assert dataset.notes == ()
    assert dataset.title == "CTD and surface measurements across the Nordvik shelf, May 2024"
    assert len(dataset.files) == 13


def test_the_values_of_the_sample_are_plausible(sample: Path) -> None:
    profiles = sorted((sample / "data").glob("ctd_*.csv"))
    assert len(profiles) == 8
    for profile in profiles:
        with profile.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        pressures = [int(row["pressure_dbar"]) for row in rows]
        assert pressures == list(range(2, 2 + len(rows)))
        assert all(4 < float(row["temperature_degC"]) < 12 for row in rows)
        assert all(33 < float(row["salinity_psu"]) < 35.5 for row in rows)
        assert {row["flag"] for row in rows} <= {"2", "3", "4"}
