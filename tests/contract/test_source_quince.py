"""The source `quince` keeps the contract of sources."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from excudit.sandbox.quince import Cruise, QuinCe
from excudit.sandbox.quince.packing import build
from excudit.testing.sources import SourceCase, SourceContract
from quince_house import source_of

NAME = "26NA20050107"


class TestQuince(SourceContract):
    """At the sandbox, with a plain dataset and one full of traps."""

    @pytest.fixture(params=[False, True], ids=["plain", "traps"])
    def case(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SourceCase]:
        cruise = Cruise(NAME, rows=320, traps=request.param)
        with QuinCe() as quince:
            ref = quince.add(cruise)
            yield SourceCase(
                source=source_of(quince, tmp_path),
                ref=ref,
                missing="7/26NA19990101",
                contents=_contents(build(cruise, datetime.now(UTC))),
                change=lambda: quince.recalculate(),
                words="nuka arctica",
            )


def _contents(package: bytes) -> dict[str, bytes]:
    """The files below the root folder, the manifest left out."""
    with zipfile.ZipFile(io.BytesIO(package)) as held:
        below = {n.removeprefix(f"{NAME}/"): held.read(n) for n in held.namelist()}
    return {path: content for path, content in below.items() if path != "manifest.json"}
