"""The six stages of an assessment on its way to Zenodo, each ending as its rule says."""

from __future__ import annotations

import pytest
from assessment_house import ROUTE, house_for, plan

from excudit.sandbox.invenio import Invenio
from excudit.service import queries
from house import CURATOR


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    with Invenio(tmp_path_factory.mktemp("repository") / "state.db") as running:
        yield running


@pytest.fixture
def house(tmp_path, sqlite_url, registry, mailbox, repository, shared):
    made = house_for(tmp_path / "house", sqlite_url, registry, mailbox, repository, shared)
    yield made
    repository.switches.clear()
    made.close()


def test_an_assessment_becomes_one_record_with_its_pdf_and_its_json(house):
    house.serve()
    asked = house.ask()
    now = house.still(asked.id)
    assert (now.state, now.health) == ("published", "idle"), house.words(asked.id)
    record = house.deposits()[0]
    assert record["state"] == "published"
    assert sorted(record["files"]) == ["assessment.json", "assessment.pdf"]
    print(house.subjects(asked.id), queries.detail(house.parts, asked.id, CURATOR)["status"])
    print(record)
    print([s.title for s in plan("publish").steps], ROUTE)
