"""Packages: those of the reference data through the source, and those that are refused."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from excudit.domain.errors import Rejected
from excudit.metadata import datacite_json
from excudit.sandbox.quince import Cruise, QuinCe
from excudit.sources.quince.unpack import Limits, unpack
from quince_house import source_of

NAME = "26NA20050107"
MANIFEST = b'{"manifest": {}}'
LIMITS = Limits(files=50, bytes=50_000_000, ratio=200.0)
Write = Callable[[zipfile.ZipFile], None]


@pytest.fixture
def quince() -> Iterator[QuinCe]:
    with QuinCe() as running:
        yield running


@pytest.mark.parametrize("generation", ["", "-2022-manifest", "-old-manifest"])
def test_all_generations_of_manifests_give_one_record(
    quince: QuinCe, tmp_path: Path, shared: Path, generation: str
) -> None:
    package = (shared / "data" / "quince" / f"{NAME}{generation}.zip").read_bytes()
    dataset = source_of(quince, tmp_path).describe(quince.add_package(package, NAME))
    assert [f.path for f in dataset.files] == [
        f"dataset/ICOS OTC/{NAME}.csv",
        f"dataset/SOCAT/{NAME}.tsv",
        "raw/26NA_2005-01-07a.csv",
        "raw/26NA_2005-01-07b.csv",
    ]
    assert dataset.notes == ()
    assert dataset.metadata["titles"] == [
        {
            "title": "Surface ocean CO2 measurements from Nuka Arctica, 2005-01-07 to 2005-01-08 "
            "(26NA20050107)"
        }
    ]
    facts = dataset.facts
    assert facts["platform"]["name"] == "Nuka Arctica"
    assert facts["period"] == {
        "start": "2005-01-07T01:08:00.000Z",
        "end": "2005-01-08T00:08:00.000Z",
    }
    assert [(t["format"], t["rows"]) for t in facts["tables"]] == [
        ("ICOS OTC", 526),
        ("SOCAT", 526),
    ]
    assert facts["raw"][0]["period"]["end"] == "2005-01-07T11:58:00.000Z"
    assert facts["expocode"] == NAME


def test_three_generations_are_the_same_to_the_byte(
    quince: QuinCe, tmp_path: Path, shared: Path
) -> None:
    source = source_of(quince, tmp_path)
    seen = []
    for generation in ("", "-2022-manifest", "-old-manifest"):
        package = (shared / "data" / "quince" / f"{NAME}{generation}.zip").read_bytes()
        dataset = source.describe(quince.add_package(package, NAME))
        seen.append((dataset.revision, dataset.metadata))
    assert seen[0] == seen[1] == seen[2]


def test_the_awkward_package_is_published_with_its_warnings(
    quince: QuinCe, tmp_path: Path, shared: Path
) -> None:
    package = (shared / "data" / "quince" / f"{NAME}-awkward.zip").read_bytes()
    dataset = source_of(quince, tmp_path).describe(quince.add_package(package, NAME))
    assert {n.severity for n in dataset.notes} == {"warning"}
    told = [(n.rule, n.where, n.line) for n in dataset.notes]
    assert ("quince.clock", "raw/26NA latin1 CRLF.txt", None) in told
    assert ("quince.clock", "raw/Måling_b.csv", None) in told
    assert ("quince.empty", f"dataset/Copernicus/{NAME}.csv", None) in told
    assert ("quince.position-missing", f"dataset/ICOS OTC/{NAME}.csv", 402) in told
    assert "raw/CO2_2005-01-08" in [f.path for f in dataset.files]
    rows = {t["format"]: t["rows"] for t in dataset.facts["tables"]}
    assert rows == {"Copernicus": 0, "ICOS OTC": 526, "SOCAT": 521}
    raw = {r["path"]: r for r in dataset.facts["raw"]}
    assert raw["raw/Måling_b.csv"]["period"]["start"] == "2005-01-07T12:01:00.000Z"
    assert raw["raw/Måling_b.csv"]["said"]["start"].endswith("(-)")
    assert len(dataset.facts["comments"]) == 5480


def test_the_record_of_a_package_is_complete_but_for_the_publisher(
    quince: QuinCe, tmp_path: Path
) -> None:
    dataset = source_of(quince, tmp_path).describe(quince.add(Cruise(NAME)))
    whole = {**dataset.metadata, "publisher": {"name": "Centre"}, "publicationYear": 2026}
    _, problems = datacite_json.read_tree(whole)
    assert [p for p in problems if p.severity == "error"] == []


def test_a_platform_that_is_not_configured_is_told_to_whoever_looks(
    quince: QuinCe, tmp_path: Path
) -> None:
    source = source_of(quince, tmp_path, platforms={})
    ref = quince.add(Cruise(NAME))
    assert [d.ref for d in source.ready()] == [ref]
    for call in (source.look, source.describe):
        with pytest.raises(Rejected) as refused:
            call(ref)
        assert refused.value.problems[0].rule == "quince.platform"
        assert "platforms.26NA" in refused.value.hint


@pytest.mark.parametrize("announced", [1, -1])
def test_rows_that_the_manifest_does_not_announce_stop_the_export(
    quince: QuinCe, tmp_path: Path, announced: int
) -> None:
    ref = quince.add(Cruise(NAME, announced=announced))
    notes = source_of(quince, tmp_path).describe(ref).notes
    errors = [n for n in notes if n.severity == "error"]
    assert {n.rule for n in errors} == {"quince.rows"}
    assert len(errors) == 2


def test_a_name_that_is_no_expocode_stops_the_export(quince: QuinCe, tmp_path: Path) -> None:
    dataset = source_of(quince, tmp_path).describe(quince.add(Cruise("26NA20050107_v2")))
    assert [n.rule for n in dataset.notes] == ["quince.expocode"]
    assert dataset.facts["expocode"] == ""


def _plain(held: zipfile.ZipFile) -> None:
    held.writestr(f"{NAME}/manifest.json", MANIFEST)


def _entry(name: str, content: bytes = b"x", mode: int = 0) -> Write:
    def write(held: zipfile.ZipFile) -> None:
        _plain(held)
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        held.writestr(info, content)

    return write


def _twice(held: zipfile.ZipFile) -> None:
    _plain(held)
    held.writestr(f"{NAME}/raw/A.csv", b"1")
    held.writestr(f"{NAME}/raw/a.csv", b"2")


def _many(held: zipfile.ZipFile) -> None:
    _plain(held)
    for number in range(60):
        held.writestr(f"{NAME}/raw/{number}", b"")


REFUSED: dict[str, tuple[Write, str]] = {
    "climbing": (_entry(f"{NAME}/../../outside"), "climbs out"),
    "absolute": (_entry("/etc/passwd"), "absolute path"),
    "drive": (_entry("C:/windows"), "absolute path"),
    "backslash": (_entry(f"{NAME}\\..\\outside"), "backslash"),
    "link": (_entry(f"{NAME}/raw/link", b"/etc/passwd", stat.S_IFLNK | 0o777), "link"),
    "device": (_entry(f"{NAME}/raw/dev", b"", stat.S_IFCHR | 0o666), "link or a device"),
    "other root": (_entry("26NA19990101/raw/a.csv"), f"not in the folder {NAME}"),
    "two names": (_twice, "taken already"),
    "many": (_many, "more than 50"),
    "bomb": (_entry(f"{NAME}/raw/zeros", b"\0" * 40_000_000), "unpacks"),
    "control": (_entry(f"{NAME}/raw/a\x07b"), "control characters"),
    "no manifest": (lambda held: held.writestr(f"{NAME}/raw/a", b"1"), "no manifest"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_package_is_refused_and_nothing_is_written_outside(
    tmp_path: Path, kind: str
) -> None:
    write, words = REFUSED[kind]
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as held:
        write(held)
    into = tmp_path / "a" / "b"
    into.mkdir(parents=True)
    with pytest.raises(Rejected) as refused:
        unpack(tmp_path / "p.zip", NAME, into, LIMITS, lambda count: None)
    assert any(words in p.message for p in refused.value.problems), refused.value.problems
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "p.zip"]
    assert list(into.rglob("*")) == []


def test_all_problems_of_a_package_are_told_at_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as held:
        held.writestr("/one", b"")
        held.writestr(f"{NAME}/../two", b"")
    with pytest.raises(Rejected) as refused:
        unpack(tmp_path / "p.zip", NAME, tmp_path, LIMITS, lambda count: None)
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("cut", [0, 10, 60, -30])
def test_a_package_that_is_cut_off_is_no_package(tmp_path: Path, cut: int) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as held:
        _plain(held)
    (tmp_path / "p.zip").write_bytes(whole.getvalue()[:cut])
    with pytest.raises(Rejected) as refused:
        unpack(tmp_path / "p.zip", NAME, tmp_path, LIMITS, lambda count: None)
    assert "broken" in str(refused.value.problems[0])


def test_a_file_that_is_not_what_its_checksum_says_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as held:
        _plain(held)
        held.writestr(f"{NAME}/raw/a.csv", b"measured values")
    spoilt = whole.getvalue().replace(b"measured values", b"measured valueZ", 1)
    (tmp_path / "p.zip").write_bytes(spoilt)
    with pytest.raises(Rejected, match="ZIP"):
        unpack(tmp_path / "p.zip", NAME, tmp_path / "into", LIMITS, lambda count: None)


def test_problems_in_rows_name_file_row_and_column(quince: QuinCe, tmp_path: Path) -> None:
    package = _with_rows(
        "2005-01-07T01:00:00.000Z,200,2,10,2,400,2,,5,2,35,2",
        "2005-01-07T00:00:00.000Z,-40,2,10,2,400,3,,5,2,35,2",
        "yesterday,-40,2,10,2,4000,2,,5,2,35,7",
    )
    notes = source_of(quince, tmp_path).describe(quince.add_package(package, NAME)).notes
    told = {(n.rule, n.line, n.column, n.severity) for n in notes if n.line}
    assert told == {
        ("quince.position", 2, 2, "error"),
        ("quince.time-order", 3, 1, "error"),
        ("quince.comment", 3, 7, "warning"),
        ("quince.time", 4, 1, "error"),
        ("quince.range", 4, 6, "warning"),
        ("quince.flag", 4, 12, "error"),
    }
    assert all(n.where == f"dataset/ICOS OTC/{NAME}.csv" for n in notes if n.line)
    assert "quince.bounds" in {n.rule for n in notes}
    assert "quince.format-missing" in {n.rule for n in notes}


def _with_rows(*rows: str) -> bytes:
    head = (
        "Date/Time,Longitude,Longitude QC Flag,Latitude,Latitude QC Flag,fCO2 [uatm],"
        "fCO2 [uatm] QC Flag,fCO2 [uatm] QC Comment,Temp [degC],Temp [degC] QC Flag,P_sal [psu],"
        "P_sal [psu] QC Flag"
    )
    table = "\n".join([head, *rows, ""])
    manifest = {
        "manifest": {
            "metadata": {
                "name": NAME,
                "platformCode": "26NA",
                "start": "2005-01-07T00:00:00.000Z",
                "end": "2005-01-07T01:00:00.000Z",
            },
            "exportFiles": {
                "ICOS OTC": {
                    "filename": f"{NAME}.csv",
                    "records": len(rows),
                    "validBounds": {"south": 10, "north": 10, "west": -41, "east": -40},
                }
            },
        }
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        held.writestr(f"{NAME}/dataset/ICOS OTC/{NAME}.csv", table)
        held.writestr(f"{NAME}/manifest.json", orjson.dumps(manifest))
    return out.getvalue()
