"""Reviewing by the API; every answer is held against the API's own description."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reviewing_house import now, told, waiting, with_help_of
from web_house import House

API = "/api/v1"
EVERYBODY = {
    "ada": (),
    "bob": (),
    "rita": ("reviewer",),
    "carl": ("curator",),
    "adam": ("admin",),
    "vera": ("curator:to-doi",),
    "olga": ("curator:other",),
    "eve": (),
}
# Who gets which answer: ada owns it, bob works on it with her, olga curates another route.
JUDGES = {"rita": 200, "carl": 200, "adam": 200, "vera": 200}
AUTHORS = {"ada": 403, "bob": 403}
STRANGERS = {"eve": 404, "olga": 404}


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("claim", None),
        ("assign", {"reviewer": ""}),
        ("label", {"label": ""}),
        ("suggestions", {"field": "/version", "after": "2"}),
    ],
)
def test_each_role_gets_its_answer(house: House, web: TestClient, call: str, body: Any) -> None:
    house.token("bob")
    for name, due in {**JUDGES, **AUTHORS, **STRANGERS}.items():
        made = waiting(house)
        with_help_of(house, made, "bob")
        headers = house.token(name, *EVERYBODY[name])
        due = 201 if call == "suggestions" and due == 200 else due
        answer = web.post(f"{API}/publications/{made.id}/{call}", headers=headers, json=body)
        assert answer.status_code == due, (name, answer.text)


def test_the_queue_is_for_those_who_review(house: House, web: TestClient) -> None:
    made = waiting(house)
    for name, roles in EVERYBODY.items():
        headers = house.token(name, *roles)
        answer = web.get(f"{API}/queue", headers=headers)
        assert answer.status_code == (200 if roles else 403)
        if roles:
            ids = [p["id"] for p in answer.json()["publications"]]
            assert ids == ([] if name == "olga" else [made.id])


def test_the_queue_is_filtered_and_read_page_by_page(house: House, web: TestClient) -> None:
    rita = house.token("rita", "reviewer")
    made = [waiting(house, label="Late").id for _ in range(5)]
    waiting(house)
    waiting(house, state="published", approved_by="rita")
    read, address = [], f"{API}/queue?label=Late&limit=2&reviewer=nobody&older=0"
    while address:
        page = web.get(address, headers=rita)
        assert page.json()["total"] == 5
        read += [p["id"] for p in page.json()["publications"]]
        address = page.json()["next"]
    assert read == made
    every = web.get(f"{API}/queue?every=true&limit=1&reviewer=anyone", headers=rita).json()
    assert every["total"] == 7
    assert "every=true" in every["next"]
    row = every["publications"][0]
    assert (row["standing"], row["next"], row["reviewer"]) == (
        "Submitted, not taken yet",
        "claim",
        "",
    )
    done = web.get(f"{API}/queue?state=published", headers=rita).json()["publications"]
    assert [p["approved_by"] for p in done] == ["rita"]
    for wrong in ("state=x", "older=x", "limit=0", "cursor=x", "title=%00"):
        assert web.get(f"{API}/queue?{wrong}", headers=rita).status_code == 422


def test_reviews_are_claimed_given_away_and_given_back(house: House, web: TestClient) -> None:
    made = waiting(house)
    rita, carl = house.token("rita", "reviewer"), house.token("carl", "curator")
    here = f"{API}/publications/{made.id}"
    assert web.post(f"{here}/claim", headers=rita).status_code == 200
    assert web.post(f"{here}/claim", headers=rita).status_code == 200
    late = web.post(f"{here}/claim", headers=carl)
    assert late.status_code == 409
    assert "rita" in late.json()["detail"]
    seen = {"reviewer": "carl", "seen": ""}
    assert web.post(f"{here}/assign", headers=carl, json=seen).status_code == 409
    assert web.post(f"{here}/assign", headers=carl, json={"reviewer": "ada"}).status_code == 422
    seen = {"reviewer": "carl", "seen": "rita"}
    assert web.post(f"{here}/assign", headers=carl, json=seen).status_code == 200
    assert web.post(f"{here}/assign", headers=carl, json={"reviewer": ""}).status_code == 200
    assert [e.details["reviewer"] for e in told(house, made, "assign")] == ["rita", "carl", ""]


def test_labels_are_defined_set_retired_and_deleted(house: House, web: TestClient) -> None:
    made = waiting(house)
    rita, carl = house.token("rita", "reviewer"), house.token("carl", "curator")
    late = {"name": "Late/lost", "meaning": "Waits for the station."}
    assert web.post(f"{API}/labels", headers=rita, json=late).status_code == 403
    assert web.post(f"{API}/labels", headers=carl, json=late).status_code == 201
    assert web.post(f"{API}/labels", headers=carl, json=late).status_code == 409
    for wrong in ({"name": "draft"}, {"name": "x" * 61}, {"name": "a\x00"}, {"x": 1}):
        assert web.post(f"{API}/labels", headers=carl, json=wrong).status_code == 422
    here = f"{API}/publications/{made.id}"
    asked = {"label": "late/LOST", "comment": "Asked."}
    assert web.post(f"{here}/label", headers=rita, json=asked).status_code == 200
    assert web.post(f"{here}/label", headers=rita, json={"label": "none"}).status_code == 404
    history = web.get(f"{here}/labels", headers=rita).json()["labelings"]
    assert [(h["label"], h["comment"], h["actor"]) for h in history] == [
        ("Late/lost", "Asked.", "rita")
    ]
    change = {"name": "late/lost", "meaning": "New.", "retired": True}
    changed = web.put(f"{API}/labels", headers=carl, json=change).json()
    assert (changed["meaning"], bool(changed["retired_at"]), changed["used"]) == ("New.", True, 1)
    other = waiting(house)
    again = web.post(f"{API}/publications/{other.id}/label", headers=rita, json=asked)
    assert again.status_code == 409
    gone = web.delete(f"{API}/labels", headers=carl, params={"name": "Late/lost"})
    assert gone.status_code == 409
    web.post(f"{API}/labels", headers=carl, json={"name": "Unused"})
    assert web.delete(f"{API}/labels?name=unused", headers=carl).status_code == 204
    assert web.delete(f"{API}/labels?name=unused", headers=carl).status_code == 404
    names = [la["name"] for la in web.get(f"{API}/labels", headers=rita).json()["labels"]]
    assert names == ["Late/lost"]


def test_suggestions_are_made_accepted_declined_and_taken_back(
    house: House, web: TestClient
) -> None:
    made = waiting(house, state="changes_requested")
    rita, ada = house.token("rita", "reviewer"), house.token("ada")
    here = f"{API}/publications/{made.id}/suggestions"
    ids = []
    for field, after in (("/version", "2"), ("/language", "de"), ("/titles/0/title", "New")):
        sent = web.post(here, headers=rita, json={"field": field, "after": after, "note": "So."})
        assert sent.status_code == 201
        ids.append(sent.json()["id"])
    for wrong in ("version", "/x", "/" * 301, "/titles/9/title"):
        sent = web.post(here, headers=rita, json={"field": wrong, "after": "2"})
        assert sent.status_code == 422
    assert web.post(f"{here}/{ids[0]}/accept", headers=rita).status_code == 403
    assert web.post(f"{here}/{ids[0]}/accept", headers=ada).json()["status"] == "accepted"
    assert web.post(f"{here}/{ids[0]}/accept", headers=ada).status_code == 409
    assert web.post(f"{here}/{ids[1]}/decline", headers=ada).json()["status"] == "declined"
    assert web.post(f"{here}/{ids[2]}/take-back", headers=ada).status_code == 403
    assert web.post(f"{here}/{ids[2]}/take-back", headers=rita).json()["status"] == "taken_back"
    assert web.post(f"{here}/{made.id}/accept", headers=ada).status_code == 404
    shown = web.get(here, headers=ada).json()["suggestions"]
    assert [s["status"] for s in shown] == ["accepted", "declined", "taken_back"]
    assert now(house, made).record["version"] == "2"


def test_many_are_decided_on_once_each(house: House, web: TestClient) -> None:
    carl, rita = house.token("carl", "curator"), house.token("rita", "reviewer")
    made = [waiting(house) for _ in range(3)]
    done = waiting(house, state="rejected")
    ask = {"action": "reject", "publications": [p.id for p in (*made, done)]}
    plan = web.post(f"{API}/bulks", headers=carl, json=ask).json()
    assert plan["count"] == 3
    assert "this is Rejected" in plan["rows"][3]["words"]
    here = f"{API}/bulks/{plan['id']}"
    assert web.get(here, headers=rita).status_code == 404
    for wrong in ({"count": 4, "reason": "x"}, {"count": 3}, {"count": 3, "reason": "x" * 10_001}):
        assert web.post(f"{here}/carry-out", headers=carl, json=wrong).status_code == 422
    for _ in range(2):
        given = {"count": 3, "reason": "Published elsewhere."}
        result = web.post(f"{here}/carry-out", headers=carl, json=given).json()
        assert [r["status"] for r in result["rows"]] == ["done"] * 3 + ["impossible"]
    assert [len(told(house, p, "reject")) for p in made] == [1, 1, 1]
    assert web.post(f"{API}/bulks", headers=carl, json={**ask, "publications": []}).status_code in (
        422,
    )
    eve = house.token("eve")
    assert web.post(f"{API}/bulks", headers=eve, json=ask).status_code == 403
