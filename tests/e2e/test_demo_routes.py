"""The demo of every route, from nothing to published, in one command; and killed on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from excudit.cli.demos import PLAYS

EXCUDIT = Path(sys.executable).with_name("excudit")
DEPOSITS = {
    "folder-doi": {"datacite": 1},
    "folder-reviewed": {"datacite": 1},
    "permanent-id": {"datacite": 1, "shelf": 1},
    "assessment-zenodo": {"datacite": 0, "zenodo": 1},
    "scicat-doi": {"datacite": 1, "scicat": 1},
    "scicat-mirror": {"datacite": 1, "public": 1},
    "quince-export": {"datacite": 1, "portal": 3},
}
KILLED = {
    "permanent-id": ("claim:effect", "files.shelf:effect", "publish.shelf", "publish.datacite"),
    "assessment-zenodo": ("reserve.zenodo", "files.zenodo:effect", "publish.zenodo"),
    "scicat-doi": ("reserve.scicat", "publish.scicat", "publish.datacite:effect"),
    "scicat-mirror": ("fill.public", "publish.public:effect"),
    "quince-export": ("claim:effect", "publish.portal", "publish.portal:before", "report"),
}


def played(folder: Path, *words: str) -> dict[str, Any]:
    """What a demo told at its end."""
    done = subprocess.run(
        [str(EXCUDIT), "demo", "--exit", "--json", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_play_has_its_row() -> None:
    assert set(DEPOSITS) == set(PLAYS)


@pytest.mark.parametrize(
    "route",
    [
        # The first is in other tests, the second has no more than the others have.
        pytest.param(r, marks=pytest.mark.slow if r == "folder-reviewed" else ())
        for r in PLAYS
        if r != "folder-doi"
    ],
)
def test_the_demo_of_a_route_ends_published_once(route: str, tmp_path: Path) -> None:
    told = played(tmp_path, "--route", route)
    assert (told["state"], told["health"]) == ("published", "idle")
    assert told["deposits"] == DEPOSITS[route]
    assert told["mails"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("route", "step"), [(route, step) for route, steps in KILLED.items() for step in steps]
)
def test_a_demo_that_is_killed_at_a_step_ends_published_once(
    route: str, step: str, tmp_path: Path
) -> None:
    told = played(tmp_path, "--route", route, "--crash-at", step)
    assert (told["state"], told["health"]) == ("published", "idle")
    assert told["deposits"] == DEPOSITS[route]
