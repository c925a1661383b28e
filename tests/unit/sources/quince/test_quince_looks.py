"""What an expert is shown of a dataset, and of what changed since the last export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from excudit.domain.looks import Looks, from_data
from excudit.sandbox.quince import Cruise, QuinCe
from excudit.sources.quince import QuinceSource
from excudit.web.drawing import drawn
from quince_house import source_of

NAME = "26NA20050107"


@pytest.fixture
def quince() -> Iterator[QuinCe]:
    with QuinCe() as running:
        yield running


def _looks(source: QuinceSource, ref: str, *, before: str = "") -> Looks:
    found = source.looks(ref, source.describe(ref).revision, before=before)
    assert found is not None
    return found


def test_track_and_quantities_are_shown_with_their_flags(quince: QuinCe, tmp_path: Path) -> None:
    seen = _looks(source_of(quince, tmp_path), quince.add(Cruise(NAME, rows=400, traps=True)))
    assert [p.key for p in seen.plots] == ["track", "fco2", "temperature", "salinity"]
    fco2 = next(p for p in seen.plots if p.key == "fco2")
    assert {s.mark: s.total for s in fco2.series} == {"good": 378, "questionable": 5, "bad": 5}
    flags = next(t for t in seen.tables if t.key == "flags")
    row = next(r for r in flags.rows if r[0] == "fCO₂ in sea water")
    assert row[1:] == ("378 (94.5 %)", "5 (1.2 %)", "5 (1.2 %)", "0", "12 (3.0 %)")
    assert {t.behind for t in seen.tables} == {p.key for p in seen.plots}


def test_no_outlier_is_lost_among_many_rows(quince: QuinCe, tmp_path: Path) -> None:
    ref = quince.add(Cruise(NAME, rows=5000, step_s=60, bad=0, tweak=500))
    fco2 = next(p for p in _looks(source_of(quince, tmp_path), ref).plots if p.key == "fco2")
    good = next(s for s in fco2.series if s.mark == "good")
    assert len(good.y) <= 1200 < good.total
    assert max(good.y) > 800


def test_the_version_exported_before_is_compared(quince: QuinCe, tmp_path: Path) -> None:
    source = source_of(quince, tmp_path)
    ref = quince.add(Cruise(NAME, rows=400))
    before = source.describe(ref).revision
    quince.add(Cruise(NAME, rows=410, tweak=30, doubtful=7))
    compared = next(t for t in _looks(source, ref, before=before).tables if t.key == "compared")
    told = {row[0]: row[1:] for row in compared.rows}
    assert told["Rows"] == ("400", "410")
    assert told["Rows of times that the other has not"] == ("0", "10")
    assert told["fCO₂ in sea water: Questionable (3)"] == ("5", "7")
    assert f"File dataset/ICOS OTC/{NAME}.csv" in told


def test_looks_are_calculated_once_and_are_plain(quince: QuinCe, tmp_path: Path) -> None:
    source = source_of(quince, tmp_path)
    ref = quince.add(Cruise(NAME, rows=60))
    first = _looks(source, ref)
    kept = next((tmp_path / "packages").rglob("looks-1.json"))
    before = kept.stat().st_mtime_ns
    assert from_data(first.as_data()).as_data() == _looks(source, ref).as_data()
    assert kept.stat().st_mtime_ns == before


def test_a_package_without_rows_says_so(quince: QuinCe, tmp_path: Path, shared: Path) -> None:
    source = source_of(quince, tmp_path)
    assert source.looks(f"99/{NAME}", "0" * 64) is None
    package = (shared / "data" / "quince" / f"{NAME}-awkward.zip").read_bytes()
    seen = _looks(source, quince.add_package(package, NAME))
    assert seen.plots
    assert seen.about == "526 rows of the format ICOS OTC"


def test_a_plot_is_an_svg_with_words_as_text(quince: QuinCe, tmp_path: Path) -> None:
    seen = _looks(source_of(quince, tmp_path), quince.add(Cruise(NAME, rows=400)))
    picture = drawn(seen.plots[1], "one")
    root = ElementTree.fromstring(picture)
    words = "".join(root.itertext())
    assert "Questionable (3): 5" in words
    assert "fCO₂ (µatm)" in words
    assert drawn(seen.plots[1], "one") is picture
