"""Documents of the metadata template: what is wrong with them, and the record that they make."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from excudit.domain.errors import Rejected
from excudit.domain.problem import blocking
from excudit.metadata import datacite_json
from excudit.metadata.check import check_record
from excudit.metadata.template.crosswalk import record
from excudit.metadata.template.document import read
from excudit.metadata.template.judge import judged
from excudit.metadata.template.template import datacite, load

YEAR = 2026
DOI = "10.5072/ab12"


def wrong_with(made: dict) -> list:
    """What is wrong with the record beside warnings."""
    parsed, problems = datacite_json.read_tree({**made, "publicationYear": YEAR, "doi": DOI})
    assert parsed is not None, problems
    return blocking([*problems, *check_record(parsed)])


def avu(name: str, value: str = "", *children: dict) -> dict:
    return {"attr": name, "value": value, "unit": "", "avus": list(children)}


SOUND = {
    "avus": [
        avu("title", "Leaves under drought"),
        avu("creator", "Carberry, Josiah", avu("affiliation", "Example Institute")),
        avu("publisher", "CyVerse Data Commons"),
        avu("resourceType", "Spectra", avu("resourceTypeGeneral", "Dataset")),
        avu("description", "Spectra of leaves.", avu("descriptionType", "Abstract")),
        *(avu("subject", s) for s in ("sorghum", "drought", "reflectance")),
        avu("rights", "CC0"),
    ]
}


def with_more(*more: dict) -> dict:
    return {"avus": [*copy.deepcopy(SOUND["avus"]), *more]}


def told(document: dict, **options: str) -> list[tuple[str, str, str]]:
    found = judged(read(document), datacite(), year=YEAR, **options)
    return [(f.problem.where, f.attribute, f.problem.rule) for f in found]


def test_a_document_with_what_is_required_has_no_problem_and_makes_a_sound_record() -> None:
    assert told(SOUND) == []
    made = record(read(SOUND), datacite())
    assert wrong_with(made) == []
    assert made["rightsList"][0]["rightsIdentifier"] == "CC0-1.0"


def test_an_empty_document_tells_everything_that_lacks_at_once() -> None:
    lacking = {attribute for where, attribute, rule in told({"avus": []}) if rule == "required"}
    assert lacking == {
        *("title", "creator", "publisher", "resourceType", "description", "subject", "rights")
    }


@pytest.mark.parametrize(
    ("more", "where", "rule"),
    [
        (avu("contributor", "A", avu("contributorType", "Funder")), "/avus/0/value", "vocabulary"),
        (avu("contributor", "A"), "", "required-child"),
        (avu("version", "1"), None, None),
        (avu("analysis_tool", "not a place"), "/value", "url"),
        (avu("compressed_data", "perhaps"), "/value", "boolean"),
        (avu("publicationYear", "26"), "/value", "year"),
        (avu("publicationYear", "1999"), "/value", "publication-year"),
        (avu("identifier", "10.5072/other", avu("identifierType", "DOI")), "/value", "identifier"),
        (avu("identifier", "", avu("identifierType", "DOI")), None, None),
        (avu("subject", "one, two"), "/value", "subject-list"),
        (avu("colour", "red"), "", "unknown"),
        (avu("geoLocation"), None, None),
        (
            avu("geoLocation", "", avu("geoLocationPoint", "", avu("pointLatitude", "12"))),
            "/avus/0",
            "required-child",
        ),
        (
            avu(
                "geoLocation",
                "",
                avu(
                    "geoLocationBox",
                    "",
                    avu("northBoundLatitude", "1"),
                    avu("southBoundLatitude", "2"),
                    avu("eastBoundLongitude", "3"),
                    avu("westBoundLongitude", "4"),
                ),
            ),
            "/avus/0",
            "box",
        ),
    ],
)
def test_one_mistake_gives_one_finding_at_its_place(more: dict, where: str, rule: str) -> None:
    found = told(with_more(more))
    if rule is None:
        assert found == []
        return
    assert [(w, r) for w, _, r in found] == [(f"/avus/{len(SOUND['avus'])}{where}", rule)]


def test_our_own_identifier_is_no_conflict() -> None:
    document = with_more(avu("identifier", "doi:10.5072/AB12", avu("identifierType", "DOI")))
    assert told(document, own="10.5072/ab12") == []


def test_older_names_and_flat_attributes_are_read_like_the_others() -> None:
    document = with_more()
    document["avus"][0]["attr"] = "datacite.Title"
    document["irods-avus"] = [
        {"attr": "subject", "value": "sorghum", "unit": ""},
        {"attr": "Subject", "value": "maize", "unit": None},
    ]
    assert told(document) == []
    subjects = [s["subject"] for s in record(read(document), datacite())["subjects"]]
    assert subjects == ["sorghum", "drought", "reflectance", "maize"]


def test_what_is_no_document_is_refused_with_all_places() -> None:
    with pytest.raises(Rejected) as refused:
        read({"avus": [{"attr": ""}, {"attr": "title", "value": 3}, avu("a")], "irods-avus": {}})
    assert [p.where for p in refused.value.problems] == ["/avus/0", "/avus/1", "/irods-avus"]
    deep: dict = avu("a")
    for _ in range(10):
        deep = avu("a", "", deep)
    with pytest.raises(Rejected):
        read({"avus": [deep]})


def test_a_deployment_brings_its_own_template(tmp_path: Path) -> None:
    own = datacite().as_data()
    own["attributes"] = [{"name": "title", "type": "text", "required": True}]
    place = tmp_path / "own.json"
    place.write_text(json.dumps(own))
    assert [a.name for a in load(place).root.attributes] == ["title"]
    place.write_text('{"id": "1", "name": "x", "attributes": [{"name": "a", "type": "colour"}]}')
    with pytest.raises(Rejected, match="colour"):
        load(place)


def test_the_examples_of_the_data_commons_are_judged_as_they_should_be(shared: Path) -> None:
    examples = shared / "data" / "permanent-id"
    for name in ("minimal", "full"):
        document = read(json.loads((examples / f"{name}.json").read_text()))
        found = judged(document, datacite(), year=YEAR)
        assert not blocking([f.problem for f in found]), name
        assert wrong_with(record(document, datacite())) == [], name
    expected = json.loads((examples / "expected-problems.json").read_text())["problems"]
    document = read(json.loads((examples / "invalid.json").read_text()))
    found = judged(document, datacite(), year=YEAR)
    errors = {
        (f.problem.where, f.attribute, f.problem.rule)
        for f in found
        if f.problem.severity == "error"
    }
    assert errors == {(p["pointer"], p["attribute"], p["rule"]) for p in expected}
