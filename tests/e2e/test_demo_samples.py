"""A demo that stays up shows a living service: sample publications, and who looks at them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

EXCUDIT = Path(sys.executable).with_name("excudit")
READY = "until you press Ctrl-C"


def told(*words: str, folder: Path) -> list[dict[str, str]]:
    """What `excudit list` tells of the demo in this folder."""
    config = folder / "demo-data" / "excudit.toml"
    command = [str(EXCUDIT), "--config", str(config), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def test_a_demo_that_stays_shows_publications_in_several_states(tmp_path: Path) -> None:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    running = subprocess.Popen([str(EXCUDIT), "demo"], cwd=tmp_path, text=True, **pipes)
    assert running.stdout is not None
    lines = []
    try:
        for line in running.stdout:
            lines.append(line)
            if READY in line:
                break
        shown = told("list", folder=tmp_path)
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    text = "".join(lines)
    assert running.returncode == 0, text
    states = sorted(p["state"] for p in shown)
    assert states == ["changes_requested", "draft", "in_review", "published"], text
    assert "at DataCite    1 DOI" in text
    for address, name in (("/desk", "Ada"), ("/queue", "Rhea"), ("/operations", "Adele")):
        assert any(address in line and f"as {name}," in line for line in lines), text
