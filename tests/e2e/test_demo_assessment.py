"""`excudit demo --route assessment-zenodo`, as somebody who tries it runs it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("crash", [(), ("--crash-at", "publish.zenodo")], ids=["well", "killed"])
def test_the_demo_publishes_one_record_and_says_where(tmp_path, crash):
    words = ["demo", "--route", "assessment-zenodo", "--exit", "--json", *crash]
    done = subprocess.run(
        [sys.executable, "-m", "excudit.cli", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    closing = json.loads(done.stdout)
    assert (closing["state"], closing["health"]) == ("published", "idle")
    assert closing["deposits"]["zenodo"] == 1
    assert (closing["files"], closing["mails"]) == (2, 1)


def test_the_plan_is_shown_with_its_six_stages():
    done = subprocess.run(
        [sys.executable, "-m", "excudit.cli", "plan", "show", "assessment-zenodo", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    titles = [step["title"] for step in json.loads(done.stdout)["steps"]]
    at = titles.index("Create deposit")
    assert titles[at : at + 6] == [
        "Create deposit",
        "Upload PDF",
        "Store information",
        "Publish deposit",
        "Update database",
        "Send mail",
    ]
