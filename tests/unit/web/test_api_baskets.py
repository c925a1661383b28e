"""The basket, the search of a source and publications of several datasets, by the API."""

from __future__ import annotations

import pytest

API = "/api/v1"


def chosen(*refs):
    return {"datasets": [{"source": "shelf", "ref": ref} for ref in refs]}


@pytest.fixture
def ada(house):
    return house.token("ada")


def refs_of(answer):
    return [d["ref"] for d in answer.json()["datasets"]]


def test_a_basket_is_filled_read_and_emptied(web, ada):
    assert web.post(f"{API}/basket", json=chosen("alpha"), headers=ada).json()["new"] == 1
    again = web.post(f"{API}/basket", json=chosen("alpha", "beta"), headers=ada).json()
    assert (again["new"], again["known"]) == (1, 1)
    held = web.get(f"{API}/basket", headers=ada)
    assert refs_of(held) == ["alpha", "beta"]
    assert held.json()["totals"][0]["datasets"] == 2
    assert web.put(f"{API}/basket", json=chosen("beta"), headers=ada).status_code == 200
    assert refs_of(web.get(f"{API}/basket", headers=ada)) == ["beta"]
    assert web.delete(f"{API}/basket", headers=ada).status_code == 204
    assert refs_of(web.get(f"{API}/basket", headers=ada)) == []


def test_one_dataset_is_taken_out_and_twice_is_once(web, ada):
    web.post(f"{API}/basket", json=chosen("alpha", "beta"), headers=ada)
    one = {"source": "shelf", "ref": "alpha"}
    for _ in range(2):
        assert web.delete(f"{API}/basket", params=one, headers=ada).status_code == 204
    assert refs_of(web.get(f"{API}/basket", headers=ada)) == ["beta"]
    assert web.delete(f"{API}/basket", params={"ref": "beta"}, headers=ada).status_code == 422
    assert refs_of(web.get(f"{API}/basket", headers=ada)) == ["beta"]


def test_a_wish_that_cannot_be_had_leaves_the_basket_as_it_was(web, ada):
    web.post(f"{API}/basket", json=chosen("alpha"), headers=ada)
    refused = web.put(f"{API}/basket", json=chosen("beta", "../etc"), headers=ada)
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["where"] == "../etc"
    assert refs_of(web.get(f"{API}/basket", headers=ada)) == ["alpha"]
    told = web.post(f"{API}/basket", json=chosen("beta", "../etc"), headers=ada).json()
    assert told["new"] == 1
    assert told["problems"][0]["where"] == "../etc"


def test_baskets_are_paged_and_nobody_sees_that_of_another(web, house, ada):
    house.shelf.titles = {f"d{i}": f"Dataset {i}" for i in range(5)}
    web.post(f"{API}/basket", json=chosen(*house.shelf.titles), headers=ada)
    page = web.get(f"{API}/basket?limit=2", headers=ada)
    found = refs_of(page)
    while following := page.json()["next"]:
        page = web.get(following, headers=ada)
        found += refs_of(page)
    assert found == [f"d{i}" for i in range(5)]
    assert refs_of(web.get(f"{API}/basket", headers=house.token("eve"))) == []
    assert web.get(f"{API}/basket?cursor=zzz", headers=ada).status_code == 422


@pytest.mark.parametrize("ref", ["", "a\0b", "x" * 4097])
def test_references_that_cannot_be_are_refused_with_a_sentence(web, ada, ref):
    refused = web.post(f"{API}/basket", json=chosen(ref), headers=ada)
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["where"] == "/datasets/0/ref"


def test_a_source_is_searched_with_what_is_published_already(web, house, ada):
    found = web.get(f"{API}/sources/shelf/datasets?text=alpha", headers=ada).json()
    assert [d["ref"] for d in found["datasets"]] == ["alpha"]
    assert found["complete"] is True
    part = web.get(f"{API}/sources/shelf/datasets?limit=1", headers=ada).json()
    assert part["complete"] is False
    assert web.get(f"{API}/sources/none/datasets", headers=ada).status_code == 404
    house.shelf.is_down = True
    assert web.get(f"{API}/sources/shelf/datasets?text=b", headers=ada).status_code == 503


def test_the_check_by_program_tells_what_the_page_tells(web, house, ada):
    web.post(f"{API}/basket", json=chosen("alpha", "beta"), headers=ada)
    del house.shelf.titles["beta"]
    told = web.get(f"{API}/basket/check?route=to-doi", headers=ada).json()
    assert told["blockers"] == 1
    assert [len(d["problems"]) for d in told["datasets"]] == [0, 1]
    assert told["places"][0]["final"] == "a findable DOI is never deleted"
    assert web.get(f"{API}/basket/check?route=none", headers=ada).status_code == 404


def test_several_datasets_become_one_publication_and_leave_the_basket(web, ada):
    web.post(f"{API}/basket", json=chosen("alpha", "beta"), headers=ada)
    ask = {"route": "to-doi", "refs": ["beta", "alpha"], "from_basket": True}
    made = web.post(f"{API}/publications", json=ask, headers=ada)
    assert made.status_code == 201
    assert refs_of(made) == ["beta", "alpha"]
    assert made.json()["title"] == "Station Beta and 1 more"
    assert refs_of(web.get(f"{API}/basket", headers=ada)) == []


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"ref": "alpha", "refs": ["beta"]},
        {"refs": []},
        {"refs": ["alpha", "alpha"]},
        {"refs": ["alpha", "gone"]},
        {"refs": [f"r{i}" for i in range(1001)]},
    ],
)
def test_wishes_for_no_or_impossible_datasets_are_refused(web, ada, wish):
    answer = web.post(f"{API}/publications", json={"route": "to-doi", **wish}, headers=ada)
    assert answer.status_code == 422
    assert web.get(f"{API}/publications", headers=ada).json()["publications"] == []


def test_a_copy_is_a_work_of_its_own_without_the_names_of_the_original(web, house, ada):
    record = {"titles": [{"title": "Alpha"}], "doi": "10.5072/x", "version": "3"}
    ask = {"route": "to-doi", "ref": "alpha", "record": record}
    old = web.post(f"{API}/publications", json=ask, headers=ada).json()
    copied = web.post(f"{API}/publications/{old['id']}/copy", headers=ada)
    assert copied.status_code == 201
    made = copied.json()
    assert made["record"]["titles"] == record["titles"]
    assert "doi" not in made["record"]
    assert "version" not in made["record"]
    assert made["versions"] == [{"id": made["id"], "version": 1, "state": "draft"}]
    other = {"refs": ["beta"]}
    path = f"{API}/publications/{old['id']}/copy"
    assert refs_of(web.post(path, json=other, headers=ada)) == ["beta"]
    assert web.post(path, headers=house.token("eve")).status_code == 404
    assert web.post(path, headers=house.token("rita", "reviewer")).status_code == 403
