"""What the documentation shows is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import DOCS, ROOT, blocks, every, pages

RUNNING = [page for page in pages() if any(b.mark == "run" for b in blocks(page))]


def test_every_console_block_is_run_or_says_why_not() -> None:
    silent = [b for b in every("console") if not re.fullmatch(r"run|shown: .+", b.mark)]
    assert silent == []
    assert RUNNING


@pytest.mark.parametrize(
    "page",
    [
        # The explanations run the same commands as the tutorial.
        pytest.param(p, id=name, marks=pytest.mark.slow if name.startswith("explanation") else ())
        for p in RUNNING
        for name in (str(p.relative_to(DOCS)),)
    ],
)
def test_the_examples_of_the_page_answer_as_shown(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.mark.startswith("file: "):
            (tmp_path / block.mark.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
        elif block.mark == "run":
            for command, shown in block.commands:
                _answers(command, shown, tmp_path)


def test_the_links_of_the_readme_lead_somewhere() -> None:
    for name in ("README.md", "ARCHITECTURE.md"):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
        assert links
        assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_shows_the_commands_that_the_makefile_has() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    there = set(re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text()))
    assert named <= there
    assert {"demo", "test", "test-all", "check", "fix", "docs", "bench"} <= named


def _answers(command: str, shown: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}"
    if shown:
        pattern = ".*".join(re.escape(" ".join(p.split())) for p in shown.split("…"))
        assert re.search(pattern, " ".join(done.stdout.split())), f"$ {command}\n{done.stdout}"


def _environment() -> dict[str, str]:
    """No configuration from outside, and the project's own commands first."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("EXCUDIT")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {**kept, "PATH": path, "COLUMNS": "100"}
