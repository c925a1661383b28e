"""The source `assessment` keeps the contract of sources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from excudit.domain.model import SERVICE
from excudit.settings import Site
from excudit.sources.assessment import AssessmentSource
from excudit.sources.assessment.settings import AssessmentSettings
from excudit.testing.sources import SourceCase, SourceContract

DOCUMENT = {
    "id": "assessment-1",
    "name": "Drift buoys of the Skagerrak",
    "organisation": {"id": "", "name": "Institute of the Sea"},
    "actor": {"id": "a", "name": "Provider"},
    "result": {"compliance": None, "ranking": None},
    "principles": [{"id": "P1", "name": "Findable", "criteria": []}],
}


class TestAssessment(SourceContract):
    """With a PDF that was handed in, and with one that was made."""

    @pytest.fixture(params=["given", "made"])
    def case(self, tmp_path: Path, request: pytest.FixtureRequest, shared: Path) -> SourceCase:
        source = AssessmentSource("assessments", AssessmentSettings(folder=tmp_path), Site())
        document = json.dumps(DOCUMENT).encode()
        pdf = (shared / "data" / "assessment" / "valid.pdf").read_bytes()
        given = {"rendering": pdf} if request.param == "given" else {}
        source.receive({"document": document, **given}, actor=SERVICE)
        files = source.describe("assessment-1").files
        contents = {}
        for file in files:
            with source.open("assessment-1", file) as stream:
                contents[file.path] = stream.read()

        def change() -> None:
            changed = json.dumps({**DOCUMENT, "version": "2"}).encode()
            source.receive({"document": changed, **given}, actor=SERVICE)

        return SourceCase(
            source=source,
            ref="assessment-1",
            missing="gone",
            contents=contents,
            change=change,
            words="drift BUOYS",
        )
