"""The plug-in of the how-to page installs, keeps the promises of a target, and is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import DOCS

SOURCE = DOCS / "examples" / "card-catalogue"

WIRE = """
from pathlib import Path
import sys
from excudit import app
from excudit.settings import Settings
here = Path(sys.argv[1])
parts = app.build(Settings.model_validate({
    "service": {"data_dir": str(here / "state")},
    "targets": {"cards": {"kind": "card-catalogue", "folder": str(here)}},
}))
print(type(parts.targets["cards"]).__name__, list(parts.targets["cards"].probe()))
parts.database.close()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the example, without its dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    how = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    _python("-m", "pip", "install", *how, str(SOURCE))
    return folder


def test_an_out_of_tree_target_is_one_folder_and_one_entry_point(
    installed: Path, tmp_path: Path
) -> None:
    assert _python("-c", WIRE, str(tmp_path), path=installed) == "CardCatalogue []\n"


def test_an_out_of_tree_target_keeps_the_promises(installed: Path, tmp_path: Path) -> None:
    suite = tmp_path / "test_card_catalogue.py"
    suite.write_text((SOURCE / suite.name).read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    answer = _python("-m", "pytest", "-q", "-p", "no:cacheprovider", str(suite), path=installed)
    assert " passed" in answer
    assert "failed" not in answer


def _python(*command: str, path: Path | None = None) -> str:
    env = {**os.environ, "PYTHONPATH": str(path) if path else ""}
    done = subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
