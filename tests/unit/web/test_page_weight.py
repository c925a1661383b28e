"""No page grows with what a publication holds: each weighs under 150 kB, whatever is in it."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape
from sqlalchemy import insert

from excudit.domain.model import FileEntry
from excudit.store import publications, snapshots, suggestions
from excudit.store import tables as t
from excudit.store import tables_review as tr
from excudit.store.database import Connection, Database, sqlite_url
from excudit.web import create_app
from permission_calls import EVERY, Call
from web_house import RECORD, House, furnished, prepare

WEIGHT = 150_000
CPU_S = 3.0
"""Ten times what a page may take: the machine of a test is slow and busy."""
PEOPLE = 10_000
TEXT = 'Ünd <b>so</b> weiter & "so" fort. ' * 280
"""Near the 10,000 characters that a reason or a comment may have."""


def person(number: int) -> dict[str, Any]:
    return {
        "name": f"Nobody{number}, Nora <b>",
        "nameType": "Personal",
        "givenName": "Nora",
        "familyName": f"Nobody{number}",
        "affiliation": [{"name": f"Institute of Everything No. {number % 50}"}],
    }


def heavy(house: House) -> str:
    """A publication of which there is much of everything."""
    record = {
        **RECORD,
        "creators": [person(n) for n in range(PEOPLE)],
        "contributors": [{**person(n), "contributorType": "Other"} for n in range(PEOPLE)],
        "subjects": [{"subject": f"Keyword {n}"} for n in range(2_000)],
        "descriptions": [{"description": TEXT, "descriptionType": "Abstract"}] * 3,
        "titles": [{"title": TEXT}],
        "fundingReferences": [{"funderName": TEXT * 20}],
    }
    files = [FileEntry(f"{'d' * 150}/{n:05}.csv", n, "ab" * 32, "text/csv") for n in range(2_000)]
    for name in ("ada", "anna", "cora"):
        house.token(name, *(["admin", "curator", "reviewer"] if name == "anna" else ["curator"]))
    made = house.opened(files=files, doi="")
    parts = house.parts
    with parts.database.write() as connection:
        frozen = snapshots.get(connection, str(made.snapshot))
        before = {**record, "creators": [person(n + 1) for n in range(PEOPLE)]}
        first = snapshots.refreeze(connection, frozen, before)
        publications.change(
            connection,
            made.id,
            state="changes_requested",
            page_open=False,
            published_at=None,
            record=record,
            title=TEXT[:500],
            reviewed_snapshot=first.id,
            reviewer="cora",
            round=2,
        )
        for number in range(40):
            people = [person(n + number) for n in range(PEOPLE if number > 37 else 50)]
            values = {"record": {**record, "creators": people}, "edition": number + 2}
            row = {"publication": made.id, "author": "ada", "at": publications.now(), **values}
            connection.execute(insert(tr.editions), row)
        _talked(connection, made.id, record)
    return made.id


def _talked(connection: Connection, publication: str, record: dict[str, Any]) -> None:
    """Events, mails, comments, suggestions and labels, many of each."""
    moment = publications.now()
    shared = {"publication": publication, "at": moment, "details": {}}
    events = [
        {
            **shared,
            "actor": "cora",
            "action": "return",
            "reason": TEXT,
            "before": "",
            "after": "",
        }
        for _ in range(30)
    ]
    events += [
        {**e, "action": "comment", "reason": "", "details": {"comment": TEXT}} for e in events
    ]
    connection.execute(insert(t.events), events)
    numbers = connection.execute(t.events.select().with_only_columns(t.events.c.id)).scalars()
    mail = {
        "publication": publication,
        "kind": "comment",
        "text": TEXT,
        "html": "",
        "status": "sent",
    }
    connection.execute(
        insert(t.mails),
        [
            {**mail, "event": n, "recipient": f"{w}@example.org", "subject": TEXT[:900]}
            for n in list(numbers)[:60]
            for w in ("ada", "bea")
        ],
    )
    said = {"publication": publication, "at": moment, "author": "cora", "text": TEXT, "round": 1}
    connection.execute(
        insert(tr.comments), [{**said, "id": publications.new_id()} for _ in range(40)]
    )
    for number in range(120):
        suggestions.add(
            connection,
            publication,
            author="cora",
            field="/descriptions/0/description" if number % 2 else f"/subjects/{number}/subject",
            before=record["descriptions"][0]["description"] if number % 2 else "Keyword",
            after=TEXT if number % 2 else f"Better keyword {number}",
            note=TEXT if number % 3 == 0 else "",
        )
    made_by = {"publication": publication, "actor": "cora", "at": moment, "label": "Waiting"}
    connection.execute(insert(tr.labelings), [{**made_by, "comment": TEXT}] * 100)


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    database = Database(sqlite_url(tmp_path_factory.mktemp("heavy") / "excudit.db"))
    prepare(database)
    house = furnished(database)
    yield house, heavy(house)
    database.close()


def pages() -> list[Call]:
    """Every page that people look at."""
    found = [c for c in EVERY if c.method == "GET" and not c.is_api and c.needs]
    files = (".json", ".xml", ".{form}", "/export/package", "/export/file")
    return [c for c in found if not c.path.endswith(files)]


@pytest.mark.parametrize("call", pages(), ids=str)
def test_every_page_is_light(weighed: tuple[House, str], call: Call) -> None:
    house, made = weighed
    app = create_app(house.parts)
    for name in ("ada", "anna"):
        headers, _ = house.signed_in(name, *(["admin", "curator", "reviewer"] * (name == "anna")))
        with TestClient(app, base_url="https://data.example.org") as web:
            web.get("/desk", headers=headers)
            begun = time.process_time()
            answer = web.get(call.address(made), headers=headers, follow_redirects=False)
            took = time.process_time() - begun
        print(f"WEIGHT {call} {name} {answer.status_code} {len(answer.content)} {took:.2f}")
        assert answer.status_code < 500 or answer.status_code in call.statuses
        assert len(answer.content) < WEIGHT
        assert took < CPU_S


def walked(web: TestClient, headers: dict[str, str], first: str) -> list[str]:
    """Every page from the first on, by the links to the next ones."""
    seen, ahead = {}, [first]
    while ahead:
        path = ahead.pop()
        if path not in seen:
            answer = web.get(path, headers=headers)
            assert answer.status_code == 200
            assert len(answer.content) < WEIGHT
            seen[path] = answer.text
            ahead += [
                html.unescape(h) for h in re.findall(r'href="([^"]*)" rel="next"', answer.text)
            ]
    return list(seen.values())


@pytest.mark.parametrize(
    ("path", "pattern", "count"),
    [
        pytest.param(
            *("/metadata?field=creators", r"Nobody(\d+), Nora", PEOPLE), marks=pytest.mark.slow
        ),
        ("/mails", r'<th scope="row"><bdi>(Ünd)', 120),
        ("/suggestions", r'id="suggestion-([0-9a-f-]+)"', 120),
        ("/discussion", r'id="comment-([0-9a-f-]+)"', 40),
        pytest.param(*("/history", r"<strong>Edition (\d+)</strong>", 40), marks=pytest.mark.slow),
        ("/history", r'<li class="event ?\w*">', 61),
    ],
    ids=str,
)
def test_all_pages_of_a_list_together_show_everything_once(
    weighed: tuple[House, str], path: str, pattern: str, count: int
) -> None:
    house, made = weighed
    headers, _ = house.signed_in("ada")
    with TestClient(create_app(house.parts), base_url="https://data.example.org") as web:
        pages = walked(web, headers, f"/publications/{made}{path}")
    found = [m for page in pages for m in re.findall(pattern, page)]
    if "(" in pattern and "Ünd" not in pattern:
        # A first page may come again below other links; nothing on it is shown twice.
        assert len(set(found)) == count
    else:
        assert len(found) >= count


def test_what_an_edition_changed_is_compared_when_it_is_asked_for(
    weighed: tuple[House, str],
) -> None:
    house, made = weighed
    headers, _ = house.signed_in("ada")
    with TestClient(create_app(house.parts), base_url="https://data.example.org") as web:
        page = web.get(f"/publications/{made}/history?edition=41", headers=headers)
        first = web.get(f"/publications/{made}/history?edition=2&older=4", headers=headers)
    assert len(page.content) < WEIGHT
    assert 'id="changed"' in page.text
    assert "Nobody" in page.text
    assert "Nothing in the record changed." in first.text


def test_what_is_too_long_for_a_page_leads_to_the_whole_of_it(weighed: tuple[House, str]) -> None:
    house, made = weighed
    headers, _ = house.signed_in("ada")
    here = f"/publications/{made}"
    with TestClient(create_app(house.parts), base_url="https://data.example.org") as web:
        front = web.get(here, headers=headers).text
        to = re.search(rf'href="({here}/history\?before=\d+)#events-title">The whole text', front)
        assert to
        whole = web.get(to[1], headers=headers).text
        assert str(escape(TEXT.strip())) in whole
        fields = web.get(f"{here}/metadata", headers=headers).text
        assert "Show all 10000" in fields
        one = web.get(f"{here}/metadata?field=fundingReferences", headers=headers).text
        assert f'href="{here}/edit/preview.json"' in one
        nothing = web.get(f"{here}/metadata?field=nothing&after=7", headers=headers)
        assert nothing.status_code == 200


def test_events_and_mails_of_the_api_come_in_pages(weighed: tuple[House, str]) -> None:
    house, made = weighed
    headers = house.token("ada")
    with TestClient(create_app(house.parts), base_url="https://data.example.org") as web:
        for what, count in (("events", 61), ("mails", 120)):
            address = f"/api/v1/publications/{made}/{what}?limit=25"
            ids: list[int] = []
            while address:
                body = web.get(address, headers=headers).json()
                assert len(body[what]) <= 25
                ids += [one["id"] for one in body[what]]
                address = body["next"]
            assert len(ids) == count
            assert ids == sorted(set(ids))
        wrong = web.get(f"/api/v1/publications/{made}/events?cursor=WyJ4Il0", headers=headers)
        assert wrong.status_code == 422
