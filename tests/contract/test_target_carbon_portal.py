"""The target `carbon_portal` on its sandbox: once, in order, whatever is lost on the way."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from excudit.domain.errors import Denied, NeedsPerson, Rejected, Retryable, Uncertain
from excudit.domain.model import Deposit, FileEntry, Snapshot
from excudit.metadata import datacite_json
from excudit.sandbox.carbon_portal import MAIL, PASSWORD, CarbonPortalSandbox
from excudit.settings import Site
from excudit.targets.carbon_portal import CarbonPortalTarget
from excudit.targets.carbon_portal.portal import object_id

STATION = "http://meta.icos-cp.eu/resources/stations/OS_26NA"
PERIOD = {"start": "2005-01-07T01:08:00.000Z", "end": "2005-01-08T00:08:00.000Z"}
RECORD = {
    "titles": [{"title": "26NA20050107"}],
    "creators": [{"name": "Nordmann, Ola"}],
    "publisher": {"name": "OTC"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Measurements"},
}


def table(*values: str) -> bytes:
    rows = "".join(f"2005-01-07T0{n}:00:00.000Z,{v}\n" for n, v in enumerate(values, 1))
    return f"Date/Time,fCO2\n{rows}".encode()


class Package:
    """Files in memory, and the snapshot that a source would freeze of them."""

    def __init__(self, *, level: str = "L2", name: str = "26NA20050107", raw: bytes = b"\xe5\r\n"):
        self.files = {f"dataset/ICOS OTC/{name}.csv": table("410.2", "411.0"), "raw/a b.txt": raw}
        self.facts: dict[str, Any] = {
            "kind": "surface-ocean-co2",
            "name": name,
            "level": level,
            "platform": {"code": "26NA", "category": "31", "station": STATION, "submitter": "OTC"},
            "period": PERIOD,
            "tables": [{"format": "ICOS OTC", "path": f"dataset/ICOS OTC/{name}.csv", "rows": 2}],
            "raw": [{"path": "raw/a b.txt", "period": PERIOD}],
            "comments": "ok",
            "software": "QuinCe",
        }

    def snapshot(self, key: str = "one") -> Snapshot:
        entries = [
            FileEntry(path, len(content), hashlib.sha256(content).hexdigest())
            for path, content in sorted(self.files.items())
        ]
        return Snapshot(
            key=key,
            source="quince",
            ref="1/26NA20050107",
            revision="1",
            record=datacite_json.from_rest(RECORD),
            files=tuple(entries),
            manifest_digest="",
            digest="",
            bytes=sum(map(len, self.files.values())),
            facts=self.facts,
        )

    def opened(self, file: FileEntry) -> io.BytesIO:
        return io.BytesIO(self.files[file.path])


class Quiet:
    def progress(self, done: int, total: int, unit: str) -> None: ...

    def stop(self) -> bool:
        return False


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[CarbonPortalSandbox]:
    with CarbonPortalSandbox(str(tmp_path / "portal.db")) as running:
        yield running


@pytest.fixture
def target(portal: CarbonPortalSandbox, tmp_path: Path) -> Iterator[CarbonPortalTarget]:
    made = named(portal, tmp_path)
    yield made
    made.close()


def named(portal: CarbonPortalSandbox, place: Path, password: str = PASSWORD) -> CarbonPortalTarget:
    secret = place / "password"
    secret.write_text(password)
    told = dict.fromkeys(("auth_url", "meta_url", "data_url"), portal.url)
    settings = CarbonPortalTarget.Settings.model_validate(
        {**told, "mail": MAIL, "password": {"file": str(secret)}}
    )
    return CarbonPortalTarget("portal", settings, Site())


def tried(target: CarbonPortalTarget, package: Package, key: str = "one") -> Deposit:
    """Reserved, and every file tried."""
    deposit = target.reserve(package.snapshot(key), key=key)
    for file in package.snapshot(key).files:
        target.put(deposit, file, package.opened(file))
    return deposit


def uploaded(target: CarbonPortalTarget, package: Package, key: str = "one") -> Deposit:
    snapshot = package.snapshot(key)
    return target.upload(tried(target, package, key), snapshot, package.opened, Quiet())


def test_a_package_is_there_once_with_its_raw_files_first(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox
) -> None:
    package = Package()
    assert target.check(package.snapshot()) == []
    assert target.find(package.snapshot()) is None
    deposit = tried(target, package)
    assert [w for w in portal.writes() if "/upload" in w or "/objects" in w] == []
    done = target.upload(deposit, package.snapshot(), package.opened, Quiet())
    raw, product = portal.objects()
    assert [r["body"]["fileName"] for r in (raw, product)] == ["a b.txt", "26NA20050107.csv"]
    assert product["body"]["specificInfo"]["production"]["sources"] == [raw["hash"]]
    assert done.data["pid"] == product["pid"] == f"11676/{product['id']}"
    assert (done.state, target.confirm(done, package.snapshot())) == ("published", [])
    before = portal.writes()
    again = target.upload(done, package.snapshot(), package.opened, Quiet())
    assert (again.remote_id, portal.writes()) == (done.remote_id, before)
    found = target.find(package.snapshot())
    assert found is not None
    assert (found.state, found.remote_id) == ("published", done.remote_id)


@pytest.mark.parametrize("path", ["/upload", "/objects/"])
@pytest.mark.parametrize("kind", ["drop-request", "lose-reply", "500-before", "500-after", "503"])
def test_after_any_fault_a_repeat_finishes_without_a_second_object(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox, kind: str, path: str
) -> None:
    package = Package()
    deposit = tried(target, package)
    portal.fault(kind, method="PUT" if path == "/objects/" else "POST", path=path)
    with pytest.raises((Retryable, Uncertain)):
        target.upload(deposit, package.snapshot(), package.opened, Quiet())
    done = target.upload(deposit, package.snapshot(), package.opened, Quiet())
    assert done.state == "published"
    assert [bool(row["pid"]) for row in portal.objects()] == [True, True]


def test_a_cookie_that_no_longer_counts_is_renewed_once(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox
) -> None:
    package = Package()
    deposit = tried(target, package)
    assert target.check(package.snapshot()) == []
    portal.expire()
    assert target.upload(deposit, package.snapshot(), package.opened, Quiet()).state == "published"
    logins = [w for w in portal.writes() if w == "POST /password/login"]
    assert len(logins) == 2


def test_bytes_that_do_not_fit_are_refused_before_anything_is_sent(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox
) -> None:
    package = Package()
    package.facts["tables"][0]["rows"] = 3
    with pytest.raises(Rejected) as refused:
        tried(target, package)
    assert "Got 2 rows while expected 3" in refused.value.remote
    assert portal.objects() == []


def test_a_newer_package_replaces_the_older_and_doubt_goes_to_a_person(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox
) -> None:
    first = uploaded(target, Package())
    newer = Package(raw=b"other\n")
    newer.files["dataset/ICOS OTC/26NA20050107.csv"] = table("410.3", "411.0")
    second = uploaded(target, newer, "two")
    bodies = {row["id"]: row["body"] for row in portal.objects()}
    assert bodies[second.remote_id]["isNextVersionOf"] == [first.remote_id]
    renamed = Package(name="26NA20050107-1", raw=b"third\n")
    renamed.files["dataset/ICOS OTC/26NA20050107-1.csv"] = table("1", "2")
    with pytest.raises(NeedsPerson):
        target.reserve(renamed.snapshot("three"), key="three")
    near = Package(level="L1", raw=b"fourth\n")
    near.files["dataset/ICOS OTC/26NA20050107.csv"] = table("5", "6")
    assert any(p.rule == "carbon-portal" for p in target.check(near.snapshot("four")))


def test_what_the_package_or_the_account_lacks_is_told_before(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox, tmp_path: Path
) -> None:
    package = Package()
    package.facts["platform"]["submitter"] = "ATC"
    told = [p.rule for p in target.check(package.snapshot())]
    assert told == ["carbon-portal.submitter"]
    package.facts["platform"]["station"] = ""
    assert [p.rule for p in target.check(package.snapshot())] == ["carbon-portal.package"]
    wrong = named(portal, tmp_path, "wrong")
    with pytest.raises(Denied) as denied:
        wrong.check(Package().snapshot())
    assert "Incorrect user name" in denied.value.remote
    wrong.close()


def test_a_long_comment_is_cut_visibly(
    target: CarbonPortalTarget, portal: CarbonPortalSandbox
) -> None:
    package = Package()
    package.facts["comments"] = "x" * 6000
    uploaded(target, package)
    said = portal.objects()[-1]["body"]["specificInfo"]["production"]["comment"]
    assert len(said) == 5000
    assert "cut" in said[-60:]


def test_nothing_is_withdrawn_by_a_program(target: CarbonPortalTarget) -> None:
    deposit = replace(uploaded(target, Package()), state="published")
    with pytest.raises(NeedsPerson):
        target.withdraw(deposit, Package().snapshot(), None)  # type: ignore[arg-type]
    assert object_id("00" * 32) == "AAAAAAAAAAAAAAAAAAAAAAAA"
