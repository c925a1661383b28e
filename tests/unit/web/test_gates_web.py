"""Questions that a run waits with: by the API, by the address with a secret, and on a page."""

from __future__ import annotations

import pytest

from excudit.engine.plan import Plan
from excudit.engine.step import Gate, Step
from excudit.service import acts, gates
from excudit.store import gates as stored
from excudit.store import intakes, publications, runs
from web_house import House

PLAN = Plan(
    "publish",
    (
        Step("reserve.registry", "Open a draft", do="reserve", undo="discard", target="registry"),
        Gate("quality", "Quality control"),
        Step("publish.registry", "Publish", do="publish", final="it is public", target="registry"),
    ),
)


class Waiting:
    """A publication whose run stands at its gate."""

    def __init__(self, house: House) -> None:
        self.house, self.parts = house, house.parts
        self.id = house.opened(state="publishing", published_at=None, page_open=False).id
        with self.parts.database.write() as connection:
            run = runs.begin(connection, self.id, "publish", acts.shown(PLAN), actor="ada")
            row = runs.get(connection, run)
            _, self.token = gates.promise(connection, row, "quality", "Quality control", {"a": 1})
            runs.change(connection, run, status="waiting", position="quality")
            found = publications.get(connection, self.id)
            gates.stand(connection, self.parts, found, runs.get(connection, run), "quality")

    @property
    def verdict(self) -> str:
        with self.parts.database.read() as connection:
            return stored.of(connection, self.id)[-1].verdict


@pytest.fixture
def waiting(house):
    return Waiting(house)


def test_the_api_tells_what_is_asked_and_takes_an_answer_of_a_curator(web, house, waiting):
    path = f"/api/v1/publications/{waiting.id}/gates"
    carl, ada = house.token("carl", "curator"), house.token("ada")
    (gate,) = web.get(path, headers=ada).json()["gates"]
    assert (gate["key"], gate["waits"], gate["verdict"]) == ("quality", True, "")
    yes = {"verdict": "accepted"}
    assert web.post(f"{path}/quality", json=yes, headers=ada).status_code == 403
    assert web.post(f"{path}/nothing", json=yes, headers=carl).status_code == 409
    assert (
        web.post(f"{path}/quality", json={"verdict": "rejected"}, headers=carl).status_code == 422
    )
    for _ in range(2):
        assert web.post(f"{path}/quality", json=yes, headers=carl).status_code == 202
    no = {"verdict": "rejected", "reason": "No."}
    assert web.post(f"{path}/quality", json=no, headers=carl).status_code == 409
    (gate,) = web.get(path, headers=ada).json()["gates"]
    assert (gate["verdict"], gate["by"], gate["waits"]) == ("accepted", "carl", False)


def test_owners_who_are_curators_answer_not_for_the_quality_of_their_own(web, house, waiting):
    path = f"/api/v1/publications/{waiting.id}/gates/quality"
    ada = house.token("ada", "curator")
    assert web.post(path, json={"verdict": "accepted"}, headers=ada).status_code == 403


def test_the_address_with_the_secret_answers_without_an_account(web, waiting):
    said = {"verdict": "rejected", "reasons": ["No units."], "problems": [{"message": "Units?"}]}
    assert web.post(f"/api/v1/gates/{waiting.token[:-1]}x", json=said).status_code == 404
    assert web.post(f"/api/v1/gates/{waiting.token}", json={"verdict": "?"}).status_code == 422
    answer = web.post(f"/api/v1/gates/{waiting.token}", json=said)
    assert answer.json() == {"status": "recorded", "verdict": "rejected"}
    assert waiting.verdict == "no"
    repeated = web.post(f"/api/v1/gates/{waiting.token}", json=said)
    assert repeated.status_code == 200
    other = web.post(f"/api/v1/gates/{waiting.token}", json={"verdict": "accepted"})
    assert other.status_code == 409


def test_a_curator_answers_on_the_page_and_a_no_keeps_what_was_typed(web, house, waiting):
    headers, mark = house.signed_in("carl", "curator")
    path = f"/publications/{waiting.id}/gates/quality"
    shown = web.get(path, headers=headers)
    assert (shown.status_code, "Quality control" in shown.text) == (200, True)
    form = {"csrf": mark, "verdict": "rejected", "reason": " "}
    again = web.post(path, data=form, headers=headers)
    assert again.status_code == 422
    assert "Error: " in again.text
    done = web.post(
        path, data={**form, "reason": "No units."}, headers=headers, follow_redirects=False
    )
    assert done.status_code == 303
    assert waiting.verdict == "no"
    assert web.get(path, headers=headers).status_code == 409


def test_the_publications_page_says_for_whom_it_waits_and_leads_to_the_answer(web, house, waiting):
    carl, _ = house.signed_in("carl", "curator")
    page = web.get(f"/publications/{waiting.id}", headers=carl).text
    assert "waits for an answer" in page
    assert f"/publications/{waiting.id}/gates/quality" in page
    ada, _ = house.signed_in("ada")
    page = web.get(f"/publications/{waiting.id}", headers=ada).text
    assert "waits for an answer" in page
    assert f"/publications/{waiting.id}/gates/quality" not in page
    desk = web.get("/desk", headers=ada).text
    assert "Quality control" in desk


def test_operators_see_all_open_questions(web, house, waiting):
    adam, _ = house.signed_in("adam", "admin")
    page = web.get("/operations/questions", headers=adam).text
    assert "Quality control" in page
    listed = web.get("/api/v1/operations/gates", headers=house.token("adam", "admin")).json()
    assert [g["publication"] for g in listed["gates"]] == [waiting.id]


def test_operators_see_what_was_not_begun_and_have_it_looked_at_again(web, house):
    headers, mark = house.signed_in("adam", "admin")
    taken = intakes.Taken(
        route="to-doi",
        source="shelf",
        ref="alpha",
        revision="r1",
        title="Station Alpha",
        status="failed",
        publication=None,
        error={"kind": "Unavailable", "message": "Not now."},
        seen_at=publications.now(),
    )
    with house.parts.database.write() as connection:
        intakes.put(connection, taken)
    page = web.get("/operations/intake", headers=headers).text
    assert ("Station Alpha" in page, "Not now." in page) == (True, True)
    form = {"csrf": mark, "route": "to-doi", "ref": "alpha"}
    for action, left in (("quarantine", ["quarantined"]), ("look_again", [])):
        done = web.post(
            "/operations/intake",
            data={**form, "action": action},
            headers=headers,
            follow_redirects=False,
        )
        assert done.status_code == 303
        told = web.get("/api/v1/operations/intake", headers=house.token("adam")).json()
        assert [d["status"] for d in told["datasets"]] == left
    gone = {"route": "to-doi", "ref": "alpha", "action": "look_again"}
    answer = web.post("/api/v1/operations/intake", json=gone, headers=house.token("adam"))
    assert answer.status_code == 404
