"""An outside quality control is asked over HTTP before anything is public, and answers so, too."""

from __future__ import annotations

import socket
from dataclasses import replace

import httpx2
import pytest

from excudit.sandbox.quality import Quality
from excudit.sandbox.quality.server import PROBLEM, REASON
from excudit.service import gates, verbs
from excudit.web import create_app, serve_in_thread
from waiting_house import CARL, WaitingHouse, settings, until

TOKEN = "a-long-bearer-token-1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def desk():
    with Quality(token=TOKEN) as running:
        yield running


@pytest.fixture
def house(tmp_path, desk):
    (tmp_path / "token").write_text(TOKEN)
    asked = {
        "title": "Data desk",
        "url": f"{desk.url}/questions",
        "token": {"file": str(tmp_path / "token")},
    }
    known = settings(tmp_path, "sqlite", quality=asked)
    port = free_port()
    site = known.site.model_copy(update={"base_url": f"http://127.0.0.1:{port}"})
    house = WaitingHouse(known.model_copy(update={"site": site}))
    running = serve_in_thread(create_app(house.parts), "127.0.0.1", port)
    house.work()
    yield house
    running.stop()
    house.close()


def asked(desk):
    (question,) = until(desk.questions)
    return question


def test_a_yes_that_comes_later_is_heard_and_it_is_published(house, desk):
    key = house.ask()
    house.reaches(key, "publishing", "waiting")
    question = asked(desk)
    assert question["publication"] == key
    assert question["record"]["titles"][0]["title"]
    assert question["landing_url"].endswith(house.get(key).slug)
    assert not house.get(key).page_open
    assert desk.answer(question["key"], "accepted") == 200
    house.reaches(key, "published", "idle")
    assert desk.answer(question["key"], "accepted") == 200, "the same answer twice is one"
    assert desk.answer(question["key"], "rejected") == 409


def test_a_yes_at_once_lets_it_go_on_at_once(house, desk):
    desk.mode = "accept"
    key = house.ask()
    house.reaches(key, "published", "idle")
    assert "gate_opened" not in house.told(key)
    (gate,) = gates.of(house.parts, key)
    assert (gate.verdict, gate.by) == ("yes", "Data desk")


@pytest.mark.parametrize("mode", ["later", "reject"])
def test_a_no_returns_it_to_its_owner_with_reasons_and_places(house, desk, mode):
    desk.mode = mode
    key = house.ask()
    if mode == "later":
        house.reaches(key, "publishing", "waiting")
        desk.answer(asked(desk)["key"], "rejected")
    house.reaches(key, "changes_requested", "needs_attention")
    error = house.details(key, "refuse")["error"]
    assert (error["remote"], error["problems"][0]["where"]) == (REASON, PROBLEM["where"])
    assert not house.targets["first"].there
    assert "publish" not in house.targets["first"].calls
    verbs.submit(house.parts, replace(CARL, name="ada"), key)
    until(lambda: len(desk.questions()) == 2 or None) if mode == "later" else None


def test_a_lost_answer_is_asked_for_again_under_the_same_key(house, desk):
    desk.fault("lose-reply", method="POST", path="/questions")
    key = house.ask()
    house.reaches(key, "publishing", "waiting")
    asks = until(lambda: [c for c in desk.calls if c["status"] == 202])
    assert len(asks) == 1
    question = asked(desk)
    assert desk.answer(question["key"], "accepted") == 200
    house.reaches(key, "published", "idle")


def test_a_quality_control_that_refuses_the_question_needs_a_person(house, desk, tmp_path):
    (tmp_path / "token").write_text("wrong-token-000000000")
    key = house.ask()
    house.reaches(key, "publishing", "needs_attention")
    assert "publish" not in house.targets["first"].calls
    (tmp_path / "token").write_text(TOKEN)
    verbs.retry(house.parts, CARL, key)
    house.reaches(key, "publishing", "waiting")


def test_the_address_answers_only_who_has_its_secret(house, desk):
    key = house.ask()
    house.reaches(key, "publishing", "waiting")
    callback = asked(desk)["callback"]
    base = house.parts.settings.site.base_url
    good = {"Authorization": f"Bearer {TOKEN}"}
    yes = {"verdict": "accepted"}
    gate, _, _ = callback.rpartition(".")
    tries = [
        (f"{gate}.{'x' * 43}", yes, good, 404),
        (f"{base}/api/v1/gates/nothing", yes, good, 404),
        (callback, yes, {}, 403),
        (callback, yes, {"Authorization": "Bearer nonsense"}, 403),
        (callback, {"verdict": "perhaps"}, good, 422),
        (callback, {"verdict": "rejected", "reasons": ["x" * 10_001]}, good, 422),
        (callback, {"verdict": "rejected", "reasons": ["\x00"]}, good, 422),
        (callback, yes, good, 200),
    ]
    for url, body, headers, status in tries:
        answer = httpx2.post(url, json=body, headers=headers)
        assert answer.status_code == status, answer.text
    house.reaches(key, "published", "idle")
    with house.parts.database.read() as connection:
        stored = connection.exec_driver_sql("SELECT digests, asked FROM gates").all()
    assert callback.rpartition(".")[2] not in str(stored)


def test_the_page_of_the_desk_shows_questions_and_takes_answers(house, desk):
    key = house.ask()
    house.reaches(key, "publishing", "waiting")
    question = asked(desk)
    assert question["record"]["titles"][0]["title"] in httpx2.get(desk.url).text
    form = {"key": question["key"], "verdict": "accepted"}
    assert httpx2.post(f"{desk.url}/answers", data=form).status_code == 303
    house.reaches(key, "published", "idle")
