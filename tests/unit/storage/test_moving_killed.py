"""A move whose process dies before any one of its effects: the same call goes on, or it is taken
back; every file keeps its hash, and nothing stands in two places."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.storage.moves import SUMS, fill, found, go, leftovers, move

from excudit.storage.bucket import S3Access
from forked import Forked
from object_stores import BUCKET, s3, s3_url

__all__ = ["s3", "s3_url"]
SHM = Path("/dev/shm")
# Instants of a few moves for every day; every single one is for `make test-all`.
SOME = {"rename": (3, 9, 14), "copy": (12, 75, 190), "to S3": (24,), "from S3": (16,)}
EVERY = {"rename": 18, "copy": 202, "to S3": 60, "from S3": 60}
INSTANTS = [
    pytest.param(kind, n, marks=() if n in SOME[kind] else pytest.mark.slow)
    for kind, most in EVERY.items()
    for n in sorted({*range(1, most), *SOME[kind]})
]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    if not SHM.is_dir() or SHM.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    place = Path(tempfile.mkdtemp(dir=SHM))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def ends(tmp_path: Path, elsewhere: Path, s3: S3Access, request: pytest.FixtureRequest):
    kind = request.node.callspec.params["kind"]
    prefix = f"s3://{BUCKET}/{tmp_path.name}-{os.getpid()}"
    source = fill(tmp_path / "source")
    if kind == "from S3":
        move(tmp_path / "before", source, f"{prefix}/source", s3).go()
        return f"{prefix}/source", str(tmp_path / "there")
    to = {"rename": tmp_path / "there", "copy": elsewhere / "there", "to S3": f"{prefix}/there"}
    return str(source), str(to[kind])


@pytest.mark.parametrize(("kind", "instant"), INSTANTS)
def test_killed_at_any_instant_it_goes_on_and_stands_in_one_place(
    tmp_path: Path, elsewhere: Path, s3: S3Access, ends: tuple[str, str], kind: str, instant: int
) -> None:
    source, to = ends
    child = Forked(go, str(tmp_path / "journal"), source, to, instant, s3.endpoint)
    assert child.wait(60) in (-9, 0)
    whole = [there for there in (source, to) if found(there, s3) == SUMS]
    hidden = leftovers(tmp_path, elsewhere)
    assert whole or hidden, "the folder is nowhere"
    again = move(tmp_path / "journal", source, to, s3)
    if instant % 2:
        again.go()
        assert (found(source, s3), found(to, s3)) == (None, SUMS)
    else:
        again.back()
        assert (found(source, s3), found(to, s3)) == (SUMS, None)
    assert leftovers(tmp_path, elsewhere) == []
