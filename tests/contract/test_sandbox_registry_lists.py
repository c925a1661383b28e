"""Lists of the sandbox registry: who sees what, pages, cursors, filters, queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from excudit.sandbox.datacite import Registry

OWNER = ("DEMO.REPO", "sandbox")
OTHER = ("DEMO.OTHER", "sandbox")
COUNT = 30


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """Thirty drafts of DEMO.REPO and one findable DOI of DEMO.OTHER."""
    with Registry(mode="thread", index_lag_s=0) as registry:
        for number in range(COUNT):
            title = {"titles": [{"title": f"Cruise {number}"}], "publicationYear": 2000 + number}
            name = f"{registry.api_url}/dois/10.14454/n{number:02d}"
            sent = {"data": {"attributes": title}}
            assert httpx2.put(name, json=sent, auth=OWNER).status_code == 201
        findable = {
            "event": "publish",
            "url": "https://example.org/x",
            "creators": [{"name": "A, B"}],
            "titles": [{"title": "A glacier"}],
            "publisher": "P",
            "publicationYear": 1999,
            "types": {"resourceTypeGeneral": "Dataset"},
        }
        name = f"{registry.api_url}/dois/10.5438/seen"
        assert httpx2.put(name, json={"data": {"attributes": findable}}, auth=OTHER).is_success
        yield registry


def listed(registry: Registry, query: str = "", auth: Any = OWNER) -> Any:
    answer = httpx2.get(f"{registry.api_url}/dois{query}", auth=auth)
    assert answer.status_code == 200, answer.text
    return answer.json()


def dois(body: Any) -> list[str]:
    return [one["id"] for one in body["data"]]


def test_a_stranger_sees_findable_dois_only(registry: Registry) -> None:
    assert dois(listed(registry, auth=None)) == ["10.5438/seen"]
    assert listed(registry)["meta"]["total"] == COUNT + 1


def test_pages_hold_twenty_five_and_link_to_the_next(registry: Registry) -> None:
    first = listed(registry)
    assert len(first["data"]) == 25
    assert first["meta"]["totalPages"] == 2
    second = httpx2.get(first["links"]["next"], auth=OWNER).json()
    assert len(second["data"]) == COUNT + 1 - 25
    assert "next" not in second["links"]
    assert not set(dois(first)) & set(dois(second))


def test_a_cursor_walks_through_all_and_ends(registry: Registry) -> None:
    url, seen, steps = f"{registry.api_url}/dois?page[cursor]=1&page[size]=7", [], 0
    while url:
        body = httpx2.get(url, auth=OWNER).json()
        seen += dois(body)
        url, steps = body["links"].get("next"), steps + 1
    assert len(seen) == len(set(seen)) == COUNT + 1
    assert steps == 5


def test_the_newest_change_comes_first_unless_sorted(registry: Registry) -> None:
    assert dois(listed(registry))[0] == "10.5438/seen"
    assert dois(listed(registry, "?sort=name"))[0] == "10.14454/n00"
    assert dois(listed(registry, "?sort=-published"))[0] == "10.14454/n29"


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("client-id=demo.repo", COUNT),
        ("client_id=DEMO.OTHER", 1),
        ("provider-id=demo", COUNT + 1),
        ("prefix=10.5438", 1),
        ("state=draft", COUNT),
        ("state=draft,findable", COUNT + 1),
        ("created=1999", 0),
        ("query=glacier", 1),
        ('query=titles.title:"Cruise 7"', 1),
        ("query=doi:10.14454\\/n0*", 10),
        ("query=cruise AND NOT publicationYear:2003", COUNT - 1),
        ("query=(glacier OR publicationYear:2003)", 2),
        ("query=publication_year:2003", 1),
        ("query=nowhere", 0),
    ],
)
def test_a_list_is_narrowed(registry: Registry, query: str, total: int) -> None:
    assert listed(registry, f"?{query}")["meta"]["total"] == total


@pytest.mark.parametrize("query", ["titles.title:", "(glacier", '"glacier', "OR glacier", "a)"])
def test_a_broken_query_is_an_error_whose_errors_are_an_object(
    registry: Registry, query: str
) -> None:
    answer = httpx2.get(f"{registry.api_url}/dois", params={"query": query})
    assert answer.status_code == 400
    assert "Failed to parse query" in answer.json()["errors"]["title"]


def test_entries_are_lean_unless_detail_is_asked_for(registry: Registry) -> None:
    lean = listed(registry)["data"][0]["attributes"]
    full = listed(registry, "?detail=true")["data"][0]["attributes"]
    assert not {"xml", "prefix", "suffix", "alternateIdentifiers", "viewsOverTime"} & set(lean)
    assert full["xml"]
    named = listed(registry, "?fields[dois]=doi,state")["data"][0]["attributes"]
    assert set(named) == {"doi", "state"}


def test_facets_count_and_can_be_left_out(registry: Registry) -> None:
    states = {f["id"]: f["count"] for f in listed(registry)["meta"]["states"]}
    assert states == {"draft": COUNT, "findable": 1}
    assert "states" not in listed(registry, "?disable-facets=true")["meta"]


def test_a_page_is_never_beyond_ten_thousand(registry: Registry) -> None:
    body = listed(registry, "?page[size]=5000&page[number]=400")
    assert (body["meta"]["page"], body["data"]) == (10, [])


def test_a_deleted_draft_leaves_the_list(registry: Registry) -> None:
    url = f"{registry.api_url}/dois/10.14454/passing"
    httpx2.put(url, json={"data": {}}, auth=OWNER)
    assert "10.14454/passing" in dois(listed(registry))
    httpx2.delete(url, auth=OWNER)
    assert "10.14454/passing" not in dois(listed(registry))


def test_activities_tell_values_on_create_and_pairs_on_update(registry: Registry) -> None:
    url = f"{registry.api_url}/dois/10.14454/told"
    httpx2.put(url, json={"data": {"attributes": {"version": "1"}}}, auth=OWNER)
    httpx2.put(url, json={"data": {"attributes": {"version": "2"}}}, auth=OWNER)
    told = httpx2.get(f"{url}/activities", auth=OWNER).json()["data"]
    update, create = (one["attributes"] for one in told)
    assert (create["action"], create["changes"]["version"]) == ("create", "1")
    assert (update["action"], update["version"], update["changes"]) == (
        "update",
        2,
        {"version": ["1", "2"]},
    )
    assert httpx2.get(f"{url}/activities").status_code == 404
    httpx2.delete(url, auth=OWNER)


def test_random_suffixes_come_in_the_number_asked_for(registry: Registry) -> None:
    url = f"{registry.api_url}/dois/random"
    drawn = httpx2.get(url, params={"prefix": "10.14454", "size": 5}).json()["dois"]
    assert len(set(drawn)) == 5


def test_a_repository_tells_its_domains_and_prefixes(registry: Registry) -> None:
    shown = httpx2.get(f"{registry.api_url}/repositories/demo.other").json()["data"]
    assert shown["attributes"]["domains"] == "example.org,*.example.org"
    assert shown["relationships"]["prefixes"]["data"] == [{"id": "10.5438", "type": "prefixes"}]
    assert httpx2.get(f"{registry.api_url}/repositories/none").status_code == 404
