"""Names on the command line: imported, told what is wrong, forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from excudit.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "excudit.toml").write_text('[service]\ndata_dir = "kept"\n')

    def command(*words: str) -> Result:
        return CliRunner().invoke(main, ["names", *words])

    return command


def test_people_are_imported_once_and_forgotten_for_good(run, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text('name,orcid,affiliation\n"Carberry, Josiah",0000-0002-1825-0097,Brown\n')
    assert "1 people read, 1 new or changed" in run("import", "people", str(table)).output
    again = json.loads(run("import", "people", str(table), "--json").stdout)
    assert again == {"read": 1, "changed": 0, "gone": 0}
    assert "is forgotten" in run("forget", "0000-0002-1825-0097").output
    assert "was not known" in run("forget", "0000-0002-1825-0097").output


def test_wrong_lines_are_all_told_with_their_numbers(run, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("name,orcid\n,0000-0002-1825-0097\nX,1\n")
    answer = run("import", "people", str(table))
    assert answer.exit_code == 1
    assert "line 2" in answer.output
    assert "line 3" in answer.output
    refused = run("import", "ror", str(table))
    assert refused.exit_code == 1
    assert "no list of organisations" in refused.output


def test_what_is_no_identifier_is_not_forgotten(run) -> None:
    answer = run("forget", "Josiah")
    assert answer.exit_code == 1
    assert "neither an ORCID iD nor a ROR id" in answer.output
