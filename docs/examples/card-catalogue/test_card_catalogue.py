"""The catalogue keeps the promises of every target."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from card_catalogue import CardCatalogue, CardSettings

from excudit.domain.model import Snapshot
from excudit.metadata import datacite_json
from excudit.settings import Site
from excudit.testing.targets import TargetContract

RECORD = {
    "titles": [{"title": "Wind on the pier"}],
    "creators": [{"name": "Demo, Ingrid"}],
    "publisher": {"name": "My Data Centre"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset"},
}


class TestCardCatalogue(TargetContract):
    @pytest.fixture
    def target(self, tmp_path: Path) -> CardCatalogue:
        return CardCatalogue("cards", CardSettings(folder=tmp_path), Site())

    @pytest.fixture
    def snapshot(self, target: CardCatalogue) -> Snapshot:
        return Snapshot(
            key=str(uuid.uuid4()),
            source="folders",
            ref="/srv/datasets/wind",
            revision="1",
            record=datacite_json.from_rest(RECORD),
            files=(),
            manifest_digest="",
            digest="1",
            bytes=0,
            landing_url="https://data.example.org/d/1",
        )
