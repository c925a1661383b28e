"""Each answer of the registry becomes the right error, with the words and fields it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from excudit.domain.errors import Conflict, Denied, ExcuditError, RateLimited, Rejected
from excudit.http import Answer
from excudit.targets.datacite.answers import is_taken, judge, pointer


def answer(status: int, body: Any, kind: str = "application/json", **headers: str) -> Answer:
    is_json = kind.endswith("json")
    return Answer(
        "datacite",
        "PUT /dois/10.14454%2Fx",
        False,
        status,
        {"content-type": kind, **headers},
        orjson.dumps(body) if is_json else str(body).encode(),
        body if is_json else None,
        is_json,
        frozenset(),
    )


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("creators", "/creators"),
        ("publication_year", "/publicationYear"),
        ("version_info", "/version"),
        ("rights_list", "/rightsList"),
        ("geo_locations", "/geoLocations"),
        ("funding_references", "/fundingReferences"),
        ("related_identifiers", "/relatedIdentifiers"),
        ("creatorName', attribute 'nameType", "/creators"),
        ("relatedIdentifier', attribute 'relationType", "/relatedIdentifiers"),
        ("resourceType', attribute 'resourceTypeGeneral", "/types"),
        ("url", "/url"),
        ("doi", "/doi"),
        ("xml", ""),
        ("metadata", ""),
        ("", ""),
    ],
)
def test_a_source_points_into_our_record(source: str, place: str) -> None:
    assert pointer(source) == place


def test_findings_keep_the_registrys_words_and_lines() -> None:
    title = (
        "DOI 10.14454/x: Missing child element(s). Expected is"
        " ( {http://datacite.org/schema/kernel-4}creator ). at line 4, column 0"
    )
    errors = [{"source": "creators", "title": title}, {"source": "url", "title": "Can't be blank"}]
    error = judge(answer(422, {"errors": errors}))
    assert isinstance(error, Rejected)
    assert [(p.where, p.message) for p in error.problems] == [
        ("/creators", title),
        ("/url", "Can't be blank"),
    ]
    assert error.remote == f"creators: {title}\nurl: Can't be blank"


def test_every_refusal_of_the_acceptance_cases_is_told_word_for_word(shared: Path) -> None:
    cases = json.loads((shared / "data/datacite/rest/cases.json").read_text())["cases"]
    seen = 0
    for case in cases:
        expect = case["expect"]
        errors = expect.get("errors")
        if not errors or expect["status"] not in (400, 401, 403, 405, 422):
            continue
        error = judge(answer(expect["status"], {"errors": errors}))
        assert error is not None, case["id"]
        assert all(e["title"] in error.remote for e in errors), case["id"]
        seen += 1
    assert seen >= 15


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (answer(401, {"errors": [{"status": "401", "title": "Bad credentials."}]}), Denied),
        (answer(403, {"errors": [{"status": "403", "title": "No."}]}), Denied),
        (answer(403, "<h1>Forbidden</h1>", "text/html"), RateLimited),
        (answer(405, {"errors": [{"status": "405", "title": "Method not allowed"}]}), Conflict),
        (answer(400, {"errors": {"title": "an object, not a list"}}), Rejected),
        (answer(422, ["nonsense"]), Rejected),
        (answer(422, {"errors": [{"source": None, "title": None}, 7]}), Rejected),
        (answer(422, "<p>odd</p>", "text/html"), type(None)),
        (answer(503, "<h1>503</h1>", "text/html"), type(None)),
        (answer(404, {"errors": [{"status": 404, "title": "Not found"}]}), type(None)),
    ],
)
def test_each_answer_has_its_class(got: Answer, kind: type[ExcuditError]) -> None:
    assert type(judge(got)) is kind


def test_throttling_at_the_edge_waits_as_long_as_it_says() -> None:
    error = judge(answer(403, "<p>slow down</p>", "text/html", **{"retry-after": "9"}))
    assert isinstance(error, RateLimited)
    assert (error.delay_s, error.remote) == (9, "slow down")


def test_only_a_taken_name_is_taken() -> None:
    taken = {"source": "doi", "title": "This DOI has already been taken", "uid": "10.14454/x"}
    assert is_taken(answer(422, {"errors": [taken]}))
    assert is_taken(answer(409, {"errors": [{"status": "409"}]}))
    assert not is_taken(answer(422, {"errors": [{"source": "doi", "title": "Is invalid"}]}))
    assert not is_taken(answer(500, {"errors": [taken]}))
