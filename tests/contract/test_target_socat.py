"""The target `socat` keeps the contract of targets, and builds what SOCAT's dashboard reads."""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from lxml import etree

from excudit.domain.errors import Rejected
from excudit.domain.model import FileEntry, Snapshot
from excudit.sandbox.quince import Cruise
from excudit.sandbox.quince.formats import OTC, SOCAT
from excudit.settings import Site
from excudit.targets.socat import SocatTarget
from excudit.targets.socat.settings import SocatSettings
from excudit.testing.targets import TargetContract
from repositories import deposit_snapshot

NAME = "26NA20050107"
CRUISE = Cruise(NAME, rows=320)
CONTENTS = {
    f"dataset/ICOS OTC/{NAME}.csv": "".join(OTC.lines(CRUISE)).encode(),
    f"dataset/SOCAT/{NAME}.tsv": "".join(SOCAT.lines(CRUISE)).encode(),
}
FACTS: dict[str, Any] = {
    "expocode": NAME,
    "platform": {
        "code": "26NA",
        "name": "Nuka Arctica",
        "type": "Ship",
        "authors": [
            {"name": "Nordmann, Ola", "affiliation": "Example Institute"},
            {"name": "Hansen, Kari", "affiliation": "Example Institute"},
        ],
    },
    "period": {"start": "2005-01-07T01:08:00.000Z", "end": "2005-01-08T00:08:00.000Z"},
    "bounds": {"south": 59.1, "west": -43.0, "east": -31.3, "north": 60.1},
    "tables": [{"format": "SOCAT", "path": f"dataset/SOCAT/{NAME}.tsv", "rows": 315}],
    "comments": "Salinity <interpolated> & checked",
}


def _content(file: FileEntry) -> BinaryIO:
    return io.BytesIO(CONTENTS[file.path])


@pytest.fixture
def target(tmp_path: Path) -> SocatTarget:
    return SocatTarget("socat", SocatSettings(folder=tmp_path / "socat"), Site())


@pytest.fixture
def snapshot() -> Snapshot:
    files = tuple(
        FileEntry(path, len(content), hashlib.sha256(content).hexdigest())
        for path, content in sorted(CONTENTS.items())
    )
    made = deposit_snapshot()
    return replace(
        made, key=str(uuid.uuid4()), files=files, facts=FACTS, reader=_content, doi="10.5072/x"
    )


class TestSocat(TargetContract):
    """In a folder of its own."""

    @pytest.fixture
    def target(self, tmp_path: Path) -> SocatTarget:  # type: ignore[override]
        return SocatTarget("socat", SocatSettings(folder=tmp_path / "socat"), Site())

    @pytest.fixture
    def snapshot(self, snapshot: Snapshot) -> Snapshot:  # type: ignore[override]
        return snapshot

    def content(self, file: FileEntry) -> BinaryIO:
        return _content(file)


def test_the_package_holds_what_the_dashboard_reads(
    target: SocatTarget, snapshot: Snapshot
) -> None:
    deposit = target.reserve(snapshot, key=snapshot.key)
    place = Path(deposit.data["folder"])
    lines = (place / f"{NAME}.tsv").read_text().splitlines()
    assert lines[:5] == [
        f"Expocode: {NAME}",
        "Vessel Name: Nuka Arctica",
        "PIs: Nordmann, Ola; Hansen, Kari",
        "Org: Example Institute",
        "Vessel type: Ship",
    ]
    headings = lines[5].split("\t")
    assert headings[:3] == ["timestamp", "longitude [ deg E ]", "latitude  [ deg N ]"]
    assert headings[-3:] == [
        "fCO2_water_SST_wet [ uatm ]",
        "WOCE CO2 water",
        "Comment WOCE CO2 water",
    ]
    assert not any(h.endswith((" QC Flag", " Type")) for h in headings)
    assert {len(line.split("\t")) for line in lines[5:]} == {len(headings)}
    assert len(lines) == 6 + 315
    root = etree.fromstring((place / f"{NAME}.xml").read_bytes())
    assert root.findtext("expocode") == NAME
    assert root.findtext("northbd") == "60.1"
    links = {e.get("type"): e.text for e in root.findall("link")}
    assert links["pid"].startswith("11676/")
    assert links["page"].rpartition("/")[2] == links["pid"].rpartition("/")[2]
    assert links["doi"] == snapshot.doi
    told = (place / "checklist.txt").read_text()
    assert links["pid"] in told
    assert "315 rows" in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expocode": ""}, "expocode"),
        ({"expocode": "26NA20050107_v2"}, "expocode"),
        ({"platform": {"name": "", "authors": FACTS["platform"]["authors"]}}, "no name"),
        ({"platform": {"name": "Nuka", "authors": []}}, "investigator"),
        ({"tables": []}, "no file"),
    ],
)
def test_what_the_dashboard_would_refuse_is_told_before(
    target: SocatTarget, snapshot: Snapshot, change: dict[str, Any], words: str
) -> None:
    wrong = replace(snapshot, facts={**FACTS, **change})
    assert any(words in p.message for p in target.check(wrong))
    with pytest.raises(Rejected):
        target.reserve(wrong, key=wrong.key)


def test_a_sound_package_has_no_problems(target: SocatTarget, snapshot: Snapshot) -> None:
    assert list(target.check(snapshot)) == []


def test_the_flag_two_is_no_flag_to_suggest(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="suggested_qc"):
        SocatSettings.model_validate({"folder": str(tmp_path), "suggested_qc": "2"})
