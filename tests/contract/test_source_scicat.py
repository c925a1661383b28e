"""The source `scicat` keeps the contract of sources: on the sandbox, and on a real SciCat when
EXCUDIT_TEST_SCICAT_URL, …_USER and …_PASSWORD are set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogues import REAL, SITE, file_list, ingest, scicat, source, written
from excudit.sandbox.scicat import SciCatSandbox
from excudit.scicat import Connection, SciCat
from excudit.sources.scicat import ScicatSource
from excudit.testing.sources import SourceCase, SourceContract

CONTENTS = {
    "a.b": b"sorts before the folder a",
    "a/one.csv": b"x,y\n1,2\n",
    "a/empty.csv": b"",
    "scan_1/master.h5": b"\x00" * 300_000,
    "été.nc": b"x" * 1000,
}
FOLDER = "/beamline/p00/2025/data/9"


def cased(settings: ScicatSource, catalogue: SciCat, tmp_path: Path) -> SourceCase:
    folder = tmp_path / "2025" / "data" / "9"
    written(folder, CONTENTS)
    sizes = {name: len(content) for name, content in CONTENTS.items()}
    first, second = dict(list(sizes.items())[:2]), dict(list(sizes.items())[2:])
    pid = ingest(catalogue, [file_list(first), file_list(second)], sourceFolder=FOLDER)

    def change() -> None:
        (folder / "a" / "one.csv").write_bytes(b"x,y\n1,3\n")
        catalogue.change_dataset(pid, {"comment": "measured again"})

    return SourceCase(
        source=settings,
        ref=pid,
        missing="20.500.12345/gone",
        contents=CONTENTS,
        change=change,
        words="drift BUOYS",
    )


class TestScicatOnTheSandbox(SourceContract):
    """With files at hand, with and without jobs."""

    @pytest.fixture(params=["", "publish"], ids=["silent", "jobs"])
    def case(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SourceCase]:
        rules = [{"prefix": "/beamline/p00", "folder": str(tmp_path)}]
        with SciCatSandbox() as sandbox:
            made = source(sandbox, folders=rules, job_type=request.param)
            catalogue = scicat(sandbox)
            yield cased(made, catalogue, tmp_path)
            made.close()
            catalogue.close()


@pytest.mark.skipif(not os.environ.get(REAL + "URL"), reason=f"{REAL}URL is not set")
class TestScicatOnARealOne(SourceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Iterator[SourceCase]:
        told = {
            "url": os.environ[REAL + "URL"],
            "username": os.environ[REAL + "USER"],
            "password": {"env": REAL + "PASSWORD"},
        }
        rules = [{"prefix": "/beamline/p00", "folder": str(tmp_path)}]
        settings = ScicatSource.Settings.model_validate({**told, "folders": rules})
        made = ScicatSource("real", settings, SITE)
        catalogue = SciCat("real", Connection.model_validate(told), SITE)
        case = cased(made, catalogue, tmp_path)
        yield case
        catalogue.remove_dataset(case.ref)
