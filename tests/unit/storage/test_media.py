"""Media types depend on the name alone, never on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from excudit.storage.media import media_type


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/b.CSV", "text/csv"),
        ("x.nc", "application/x-netcdf"),
        ("scan.h5", "application/x-hdf5"),
        ("socat.tab", "text/tab-separated-values"),
        ("data.csv.gz", "application/gzip"),
        ("README.md", "text/markdown"),
        ("datacite.yaml", "application/yaml"),
        ("picture.png", "image/png"),
        ("LICENSE", ""),
        ("a.csv/readme", ""),
        (".csv", ""),
        ("run.unheardof", ""),
    ],
)
def test_the_extension_tells_the_media_type(path: str, kind: str) -> None:
    assert media_type(path) == kind


def test_the_machines_own_table_has_no_say(tmp_path: Path) -> None:
    table = tmp_path / "mime.types"
    table.write_text("text/wrong csv png unheardof\n")
    script = (
        f"import mimetypes; mimetypes.knownfiles = [{str(table)!r}]\n"
        "from excudit.storage.media import media_type\n"
        "assert mimetypes.guess_type('x.unheardof')[0] == 'text/wrong'\n"
        "print(media_type('x.csv'), media_type('x.png'), repr(media_type('x.unheardof')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "text/csv image/png ''\n"
