"""Figures for Prometheus and the heartbeat in /health: right, and nothing for strangers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from deciding_house import approved
from excudit.domain.model import Actor
from excudit.engine import standing
from excudit.service import talk, verbs
from excudit.store import publications, users
from excudit.store import tables as t
from excudit.store.database import Database
from excudit.web import create_app
from web_house import House, furnished, prepare

BASE = "https://data.example.org"
LINE = re.compile(r'(excudit_[a-z_]+)(?:\{((?:[a-z]+="[^"]*",?)*)\})? ([0-9.e+-]+)')


@pytest.fixture
def home(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


def browser(house: House, metrics: str = "admin") -> TestClient:
    service = house.parts.settings.service.model_copy(update={"metrics": metrics})
    settings = house.parts.settings.model_copy(update={"service": service})
    app = create_app(replace(house.parts, settings=settings))
    return TestClient(app, base_url=BASE, raise_server_exceptions=False)


def read(web: TestClient, headers: dict[str, str] | None = None) -> dict[str, float]:
    answer = web.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [one for one in answer.text.splitlines() if not one.startswith("#")]
    found = [LINE.fullmatch(one) for one in lines]
    assert all(found), answer.text
    return {f"{m[1]}{{{m[2] or ''}}}": float(m[3]) for m in found if m}


def test_the_figures_are_those_of_the_database(home: House) -> None:
    made = approved(home)
    verbs.publish(home.parts, Actor("ada", frozenset(), "ada@example.org"), made.id)
    verbs.create(home.parts, Actor("ada", frozenset()), "to-doi", "beta")
    talk.comment(home.parts, Actor("ria", frozenset({"curator"})), made.id, "Which sensor?")
    moment = publications.now()
    with home.parts.database.write() as connection:
        tried = {"step": "check", "undoing": False, "begun_at": moment}
        run = connection.execute(t.runs.select()).mappings().one()["id"]
        for number, (status, ended) in enumerate((("ok", 1), ("ok", 5), ("failed", 2), ("ok", 90))):
            row = {"run": run, "attempt": number, "status": status, **tried}
            at = moment - timedelta(minutes=ended)
            connection.execute(t.attempts.insert(), {**row, "ended_at": at})
        due = moment - timedelta(minutes=10)
        connection.execute(update(t.mails).values(status="due", next_try_at=due))
        mails = len(connection.execute(t.mails.select()).all())
        if home.parts.database.is_sqlite:
            standing.beat(connection, "local", standing.LOCAL_S)
    found = read(browser(home), home.token("anna", "admin"))
    assert found['excudit_publications{state="publishing",health="running"}'] == 1
    assert found['excudit_publications{state="draft",health="idle"}'] == 1
    assert found['excudit_runs{status="queued"}'] == 1
    assert found['excudit_attempts_last_hour{status="ok"}'] == 2
    assert found['excudit_attempts_last_hour{status="failed"}'] == 1
    assert found['excudit_mails{status="due"}'] == mails > 0
    assert 600 <= found["excudit_outbox_age_seconds{}"] < 900
    assert sum(n for name, n in found.items() if name.startswith("excudit_queue_runs")) == 1
    if home.parts.database.is_sqlite:
        assert found["excudit_workers_alive{}"] == 1
        assert found["excudit_worker_heard_seconds{}"] < 60


def test_strangers_and_other_roles_read_nothing(house: House) -> None:
    web = browser(house)
    assert web.get("/metrics").status_code == 401
    for role in ("reviewer", "curator"):
        assert web.get("/metrics", headers=house.token(role, role)).status_code == 403
    cookie, _ = house.signed_in("anna", "admin")
    assert web.get("/metrics", headers=cookie).status_code == 401
    with house.parts.database.write() as connection:
        _, narrow = users.issue_token(connection, "anna", "narrow", None, ("read",))
    answer = web.get("/metrics", headers={"Authorization": f"Bearer {narrow}"})
    assert answer.status_code == 403
    assert "excudit_" not in answer.text


def test_the_settings_open_it_to_everybody_or_close_it(house: House) -> None:
    assert "excudit_info{" in str(read(browser(house, "public")))
    assert browser(house, "off").get("/metrics").status_code == 404
    closed = browser(house, "off").get("/metrics", headers=house.token("anna", "admin"))
    assert closed.status_code == 404


def test_health_says_when_a_worker_was_heard(house: House, web: TestClient) -> None:
    assert web.get("/health").json()["workers"] == {"alive": 0, "heard_at": None}
    with house.parts.database.write() as connection:
        standing.beat(connection, "local", standing.LOCAL_S - 20)
    told = web.get("/health").json()
    assert told["workers"]["alive"] == 1
    heard = datetime.now(UTC) - datetime.fromisoformat(told["workers"]["heard_at"])
    assert timedelta(seconds=19) < heard < timedelta(seconds=40)
    with house.parts.database.write() as connection:
        standing.beat(connection, "local", -600)
    told = web.get("/health").json()
    assert told["workers"]["alive"] == 0
    assert told["checks"]["workers"]["status"] == "warning"
    assert "The last one was heard at" in told["checks"]["workers"]["detail"]
