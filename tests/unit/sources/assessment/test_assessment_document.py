"""What is understood of an assessment document, and how it is told what is wrong."""

from __future__ import annotations

import json

import pytest

from excudit.sources.assessment.document import criteria, read
from excudit.sources.assessment.scores import Criterion, Scored, compliance, ranking, result, value


@pytest.fixture
def large(shared):
    return json.loads((shared / "data" / "assessment" / "large-assessment.json").read_bytes())


def wrong(tree):
    found, problems = read(json.dumps(tree).encode())
    assert found is None
    return {p.where: p.message for p in problems}


def test_the_samples_are_understood_with_their_wrapper_and_without(shared):
    samples = shared / "data" / "assessment"
    for name, public in (
        ("large-assessment", True),
        ("private-assessment", False),
        ("cat-test-assessment-doc", None),
    ):
        found, problems = read((samples / f"{name}.json").read_bytes())
        assert problems == []
        assert found.public is public


def test_everything_that_is_wrong_is_told_at_once_at_its_place(large):
    doc = large["assessment_doc"]
    doc["result"]["compliance"] = "perhaps"
    doc["principles"][0]["criteria"][1]["imperative"] = "PERHAPS"
    doc["principles"][1]["criteria"][0]["metric"]["tests"][0]["evidence_url"] = [{"url": 7}]
    del doc["principles"][2]["criteria"][0]["metric"]
    base = "/assessment_doc/principles"
    assert sorted(wrong(large)) == [
        f"{base}/0/criteria/1/imperative",
        f"{base}/1/criteria/0/metric/tests/0/evidence_url/0/url",
        f"{base}/2/criteria/0/metric",
        "/assessment_doc/result/compliance",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"id": ', "not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"ranking": NaN}', "not JSON"),
        (b"[]", "JSON object"),
        (b"[" * 100_000, "not JSON"),
        (b'{"name": "a\\u0000b", "principles": []}', "NUL"),
    ],
)
def test_what_is_no_document_is_refused_in_words(content, words):
    found, problems = read(content)
    assert found is None
    assert words in problems[0].message


def test_a_break_in_the_text_is_told_with_line_and_column():
    _, problems = read(b'{\n  "id": "x",,\n}')
    assert (problems[0].line, problems[0].column) == (2, 13)


def test_a_result_that_does_not_follow_from_the_answers_is_a_warning(large):
    large["assessment_doc"]["result"]["ranking"] = 5
    found, problems = read(json.dumps(large).encode())
    assert problems == []
    (note,) = found.notes
    assert (note.where, note.severity) == ("/assessment_doc/result/ranking", "warning")
    assert "4 follows" in note.message


def scored(*tests, kind="Binary-Binary", algorithm="Simple Sum", benchmark=1):
    return Scored(kind, algorithm, benchmark, None, None, tests)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (scored(1, 1, benchmark=2), (2, 1)),
        (scored(1, 0, benchmark=2), (1, 0)),
        (scored(1, None), (None, None)),
        (scored(1, None, kind="Binary-OR"), (1, 1)),
        (scored(1, 3, algorithm="Simple Maximum", benchmark=3), (3, 1)),
        (scored(2, kind="Number-Inverse", benchmark=3), (2, 1)),
        (scored(0, benchmark=0), (0, 0)),
        (scored(), (None, None)),
    ],
)
def test_a_metric_is_scored_as_cat_does(metric, expected):
    assert (value(metric), result(metric)) == expected


def test_compliance_needs_every_must_and_the_ranking_counts_the_others():
    good, bad, open_ = scored(1), scored(0), scored(None)
    every = [Criterion("a", True, good), Criterion("b", False, bad), Criterion("c", False, good)]
    assert (compliance(every), ranking(every)) == (True, 1)
    assert compliance([*every, Criterion("d", True, bad)]) is False
    assert compliance([*every, Criterion("d", True, open_)]) is None
    assert ranking([*every, Criterion("d", False, open_)]) is None


def test_criteria_whose_ids_repeat_are_told_apart_by_their_place(shared):
    place = shared / "data" / "assessment" / "cat-test-assessment-doc.json"
    found, _ = read(place.read_bytes())
    places = [c.place for c in criteria(found.doc)]
    assert len(places) == len(set(places)) == 5
