"""The files themselves go along, where a rule says where they stand: to a shelf of our own, while
the public SciCat gets the lists."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from mirror_house import house_for

from catalogues import file_list, written
from excudit.sandbox.scicat import SciCatSandbox
from excudit.service import handing_in
from house import CURATOR, until

CONTENTS = {"scan_1.fio": b"1 2 3\n", "scan_1/master.h5": b"\x89HDF" * 5000}
ROUTE = """
[targets.shelf]
kind = "shelf"
root = {shelf}
[routes.with-files]
source = "scicat"
targets = ["shelf", "public", "datacite"]
review = "auto"
"""


@pytest.fixture
def house(tmp_path, sqlite_url, registry, mailbox):
    with (
        SciCatSandbox() as private,
        SciCatSandbox(public=True) as public,
        TemporaryDirectory() as place,
    ):
        Path(place).chmod(0o755)  # a stranger has to reach the shelf
        made = house_for(
            tmp_path / "house",
            sqlite_url,
            registry,
            mailbox,
            private,
            public,
            extra=ROUTE.format(shelf=json.dumps(f"{place}/shelf")),
            folders=[{"prefix": "/beamline/p00", "folder": str(tmp_path / "beamline")}],
        )
        made.shelf = Path(place, "shelf")
        yield made
        made.stranger.stop()
        made.close()


def test_files_are_copied_and_compared_with_their_checksums(house, tmp_path):
    written(tmp_path / "beamline" / "2025" / "data" / "9", CONTENTS)
    listed = file_list({name: len(content) for name, content in CONTENTS.items()})
    for entry in listed["dataFileList"]:
        entry["chk"] = hashlib.sha256(CONTENTS[entry["path"]]).hexdigest()
    lists = ({**listed, "chkAlg": "sha256"},)
    house.serve()
    dois, pid = house.dois(), house.original(lists)
    asked = handing_in.put_forward(house.parts, CURATOR, "with-files", pid)
    house.published_once(asked.id, dois_before=dois)
    house.is_whole(pid, lists)
    (folder,) = [p for p in house.shelf.iterdir() if not p.name.startswith(".")]
    for name, content in CONTENTS.items():
        assert (folder / name).read_bytes() == content


def test_a_file_that_is_not_as_listed_keeps_all_of_it_private(house, tmp_path):
    written(tmp_path / "beamline" / "2025" / "data" / "9", CONTENTS)
    lists = (file_list({"scan_1.fio": 7}),)
    house.serve()
    pid = house.original(lists)
    asked = handing_in.put_forward(house.parts, CURATOR, "with-files", pid)
    until(lambda: house.get(asked.id).state == "changes_requested", house.words(asked.id))
    assert "has 6 bytes, not 7 as listed" in house.words(asked.id)
    house.nothing_there(pid)
