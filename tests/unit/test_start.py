"""What a start does without."""

from __future__ import annotations

import subprocess
import sys

UNREAD = {"fastapi", "starlette", "uvicorn", "alembic", "excudit.web"}


def test_a_worker_alone_reads_neither_the_web_nor_the_migrations() -> None:
    code = "import sys, excudit.app, excudit.cli.service; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    read = set(done.stdout.split())
    assert "excudit.engine.worker" in read
    assert not read & UNREAD
