"""Preview links: what their readers see, what they must never see, and how links end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from deciding_house import approved
from excudit.domain import permissions
from excudit.domain.lifecycle import STATES
from excudit.domain.model import Actor, FileEntry
from excudit.service import previews, verbs
from excudit.store import publications
from excudit.store import tables_review as t
from web_house import RECORD, House

ADA = Actor("ada", frozenset(), "ada@example.org")
TELLING: dict[str, Any] = {
    **RECORD,
    "titles": [{"title": "Salt in the Carberry basin"}],
    "creators": [
        *RECORD["creators"],
        {"name": "Müller-Øst, Zoë", "affiliation": [{"name": "Institut für Salz"}]},
    ],
    "contributors": [
        {
            "name": "Lehmann, Karl",
            "contributorType": "DataCollector",
            "nameIdentifiers": [
                {"nameIdentifier": "0000-0001-5109-3700", "nameIdentifierScheme": "ORCID"}
            ],
            "affiliation": [{"name": "Deep Sea Group"}],
        }
    ],
    "publisher": {"name": "Institut für Salz"},
    "fundingReferences": [
        {
            "funderName": "Salt Foundation",
            "awardNumber": "SF-4711",
            "awardTitle": "Brine for all",
            "awardUri": "https://awards.example.org/SF-4711",
        }
    ],
    "relatedIdentifiers": [
        {
            "relatedIdentifier": "10.5072/earlier-work",
            "relatedIdentifierType": "DOI",
            "relationType": "IsSupplementTo",
        }
    ],
    "descriptions": [
        {
            "description": "Taken by KARL LEHMANN and Zoë of the Institut für Salz. Write to "
            "zoe@salz.example or see https://github.com/zoe-salt (10.5072/earlier-work).",
            "descriptionType": "Abstract",
        }
    ],
    "geoLocations": [{"geoLocationPlace": "Müller-Øst's pier"}],
}
NAMES = [
    "Carberry",
    "Josiah",
    "0000-0002-1825-0097",
    "Example Institute",
    "01hhn8329",
    "Müller",
    "Øst",
    "Zoë",
    "zoe",
    "Salz",
    "Lehmann",
    "LEHMANN",
    "Karl",
    "KARL",
    "0000-0001-5109-3700",
    "Deep Sea Group",
    "SF-4711",
    "Brine",
    "Salt Foundation",
    "awards.example.org",
    "earlier-work",
    "10.5072",
    "salz.example",
    "github",
    "ada",
    "Lovelace",
    "carla",
    "secret-ref",
]


def opened(house: House, web: TestClient, *, anonymous: bool = True) -> Any:
    """A frozen telling record, read by the bearer of a link."""
    found = house.opened(
        TELLING,
        doi="",
        files=(FileEntry("carberry/zoe/run-1.csv", 12, "ab" * 32, "text/csv"),),
        state="in_review",
        published_at=None,
        page_open=False,
    )
    house.token("ada")
    _, token = previews.make(house.parts, ADA, found.id, days=3, anonymous=anonymous)
    return web.get(f"/preview/{token}")


def test_an_anonymous_preview_names_nobody_anywhere(house: House, web: TestClient) -> None:
    answer = opened(house, web)
    assert answer.status_code == 200
    shown = answer.text + str(answer.headers)
    found = [n for n in NAMES if re.search(rf"(?<![a-z]){re.escape(n)}(?![a-z])", shown)]
    assert found == []
    assert "carberry" not in shown.lower()
    assert "Salt in the [withheld] basin" in shown
    assert "File 1.csv" in shown


def test_a_preview_with_names_shows_the_page_as_it_would_be(house: House, web: TestClient) -> None:
    text = opened(house, web, anonymous=False).text
    for words in ("Josiah Carberry", "carberry/zoe/run-1.csv", "Salt Foundation", "Not yet"):
        assert words in text


def test_a_preview_is_read_only_unlisted_and_kept_by_nobody(house: House, web: TestClient) -> None:
    answer = opened(house, web)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "set-cookie" not in answer.headers
    assert "Preview – not published, not citable." in answer.text
    for absent in ("<form", "doi.org", "application/ld+json", 'rel="canonical"', "citation_"):
        assert absent not in answer.text


def test_a_reserved_doi_is_named_without_a_link(house: House, web: TestClient) -> None:
    found = approved(house)
    raw = {**RECORD, "doi": "10.5072/alpha"}
    with house.parts.database.write() as connection:
        publications.change(connection, found.id, record=raw)
    _, token = previews.make(house.parts, ADA, found.id, days=3, anonymous=False)
    assert "doi.org" not in web.get(f"/preview/{token}").text


def test_a_half_finished_draft_can_be_shown(house: House, web: TestClient) -> None:
    made = verbs.create(house.parts, ADA, "to-doi", "alpha")
    record = {
        "titles": [{"title": "Half a title"}],
        "creators": [{"name": "Carberry, Josiah"}, {"familyName": "", "nonsense": 3}],
        "subjects": [{"subject": "salt"}, "what", None],
        "dates": "yesterday",
        "geoLocations": [{"geoLocationPoint": {"pointLatitude": "north"}}],
    }
    verbs.edit(house.parts, ADA, made.id, record)
    for anonymous in (False, True):
        _, token = previews.make(house.parts, ADA, made.id, days=3, anonymous=anonymous)
        answer = web.get(f"/preview/{token}")
        assert answer.status_code == 200
        assert "Half a title" in answer.text
        assert ("Josiah" in answer.text) is not anonymous
        assert "salt" in answer.text
        assert "Not complete yet:" in answer.text
        assert "once it has been submitted" in answer.text


@pytest.mark.parametrize("record", [{}, {"titles": "x"}, {"creators": [[[]]], "types": 4}])
def test_any_draft_can_be_shown(house: House, web: TestClient, record: dict[str, Any]) -> None:
    made = verbs.create(house.parts, ADA, "to-doi", "alpha")
    verbs.edit(house.parts, ADA, made.id, record)
    _, token = previews.make(house.parts, ADA, made.id, days=3, anonymous=True)
    assert web.get(f"/preview/{token}").status_code == 200


def test_unknown_revoked_and_expired_links_answer_alike(house: House, web: TestClient) -> None:
    found = approved(house)
    revoked, first = previews.make(house.parts, ADA, found.id, days=3, anonymous=False)
    expired, second = previews.make(house.parts, ADA, found.id, days=3, anonymous=False)
    assert web.get(f"/preview/{first}").status_code == 200
    previews.revoke(house.parts, ADA, found.id, revoked.id)
    with house.parts.database.write() as connection:
        past = publications.now() - timedelta(seconds=1)
        mine = t.previews.c.id == expired.id
        connection.execute(update(t.previews).where(mine).values(expires_at=past))
    tokens = (first, second, "x" * 43)
    answers = [web.get(f"/preview/{token}") for token in tokens]
    assert {a.status_code for a in answers} == {404}
    assert len({a.text.replace(one, "") for a, one in zip(answers, tokens, strict=True)}) == 1


def test_links_end_when_it_is_given_up(house: House, web: TestClient) -> None:
    found = approved(house)
    _, token = previews.make(house.parts, ADA, found.id, days=3, anonymous=False)
    verbs.step_back(house.parts, ADA, found.id, "cancel")
    assert web.get(f"/preview/{token}").status_code == 404


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_links_lead_to_the_public_page_once_there_is_one(
    house: House, web: TestClient, state: str
) -> None:
    found = approved(house)
    _, token = previews.make(house.parts, ADA, found.id, days=3, anonymous=True)
    with house.parts.database.write() as connection:
        publications.change(connection, found.id, state=state, page_open=True)
    answer = web.get(f"/preview/{token}", follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"https://data.example.org/d/{found.slug}"


def test_only_a_digest_of_the_token_is_stored_and_no_event_tells_it(
    house: House, web: TestClient
) -> None:
    found = approved(house)
    made = web.post(
        f"/api/v1/publications/{found.id}/previews", json={"days": 3}, headers=house.token("ada")
    ).json()
    token = made["url"].rsplit("/", 1)[1]
    assert len(token) == 43
    told = web.get(f"/api/v1/publications/{found.id}/events", headers=house.token("ada")).text
    listed = web.get(f"/api/v1/publications/{found.id}/previews", headers=house.token("ada"))
    assert "preview" in told
    assert token not in told + listed.text
    with house.parts.database.read() as connection:
        rows = [tuple(r) for r in connection.execute(select(t.previews))]
    assert token not in str(rows)


def test_a_link_is_made_and_revoked_on_its_page(house: House, web: TestClient) -> None:
    found = approved(house)
    headers, csrf = house.signed_in("ada")
    here = f"/publications/{found.id}/previews"
    fields = {"csrf": csrf, "note": "For <reviewer> 2", "days": "7", "anonymous": "yes"}
    made = web.post(here, data=fields, headers=headers)
    url = re.search(r"https://data\.example\.org(/preview/[\w-]{43})", made.text)
    assert url
    assert made.headers["cache-control"] == "no-store"
    assert "For &lt;reviewer&gt; 2" in made.text
    assert url[1] not in web.get(here, headers=headers).text
    assert web.get(url[1]).status_code == 200
    key = re.search(r"/previews/([0-9a-f-]{36})/revoke", made.text)
    assert key
    web.post(f"{here}/{key[1]}/revoke", data={"csrf": csrf}, headers=headers)
    assert web.get(url[1]).status_code == 404


@pytest.mark.parametrize(
    ("days", "note"), [("0", ""), ("91", ""), ("x", ""), ("9" * 30, ""), ("3", "n" * 201)]
)
def test_a_wrong_form_is_explained_and_kept(
    house: House, web: TestClient, days: str, note: str
) -> None:
    found = approved(house)
    headers, csrf = house.signed_in("ada")
    fields = {"csrf": csrf, "days": days, "note": note}
    answer = web.post(f"/publications/{found.id}/previews", data=fields, headers=headers)
    assert answer.status_code == 422
    assert "<title>Error: Preview links" in answer.text
    assert f'value="{days}"' in answer.text


@pytest.mark.parametrize(
    ("name", "roles", "status"),
    [("ada", (), 201), ("carl", ("curator",), 201), ("rita", ("reviewer",), 403), ("sam", (), 404)],
)
def test_who_may_make_links(
    house: House, web: TestClient, name: str, roles: tuple[str, ...], status: int
) -> None:
    found = approved(house)
    here = f"/api/v1/publications/{found.id}/previews"
    answer = web.post(here, json={}, headers=house.token(name, *roles))
    assert answer.status_code == status


def test_a_link_of_another_publication_is_not_revoked(house: House, web: TestClient) -> None:
    first, second = approved(house), approved(house)
    made, token = previews.make(house.parts, ADA, first.id, days=3, anonymous=False)
    here = f"/api/v1/publications/{second.id}/previews/{made.id}"
    assert web.delete(here, headers=house.token("ada")).status_code == 404
    assert web.get(f"/preview/{token}").status_code == 200
    mine = f"/api/v1/publications/{first.id}/previews/{made.id}"
    assert web.delete(mine, headers=house.token("ada")).status_code == 204
    assert web.get(f"/preview/{token}").status_code == 404


def test_the_publish_date_is_set_and_lifted_by_the_api(house: House, web: TestClient) -> None:
    found = approved(house, state="in_review")
    here = f"/api/v1/publications/{found.id}/publish-date"
    at = (publications.now() + timedelta(days=3)).replace(microsecond=0)
    ask = {"publish_at": at.isoformat()}
    shown = web.put(here, json=ask, headers=house.token("ada")).json()
    assert shown["publish_at"].replace("Z", "+00:00") == at.isoformat()
    assert web.delete(here, headers=house.token("ada")).json()["publish_at"] is None


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00", "soon", None])
def test_a_wrong_publish_date_is_refused_by_the_api(
    house: House, web: TestClient, at: str | None
) -> None:
    found = approved(house, state="in_review")
    answer = web.put(
        f"/api/v1/publications/{found.id}/publish-date",
        json={"publish_at": at},
        headers=house.token("ada"),
    )
    assert answer.status_code == 422


def test_publishing_before_the_date_is_a_conflict(house: House, web: TestClient) -> None:
    found = approved(house, publish_at=publications.now() + timedelta(days=1))
    here = f"/api/v1/publications/{found.id}"
    assert web.post(f"{here}/publish", headers=house.token("ada")).status_code == 409
    after = web.delete(f"{here}/publish-date", headers=house.token("ada"))
    assert after.json()["state"] == "publishing"


def test_no_log_of_a_failure_tells_the_address_of_a_preview(
    house: House,
    web: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = approved(house)
    _, token = previews.make(house.parts, ADA, found.id, days=3, anonymous=False)

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(previews, "opened", broken)
    assert web.get(f"/preview/{token}").status_code == 500
    assert "/preview/" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("state", STATES)
def test_a_link_is_revoked_in_every_state(house: House, web: TestClient, state: str) -> None:
    found = verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD)
    _, token = previews.make(house.parts, ADA, found.id, days=3, anonymous=False)
    with house.parts.database.write() as connection:
        publications.change(connection, found.id, state=state)
    headers, csrf = house.signed_in("ada")
    here = f"/publications/{found.id}/previews"
    page = web.get(here, headers=headers)
    assert ("Make the link" in page.text) == (state in permissions.states_of("preview"))
    address = re.search(r"/previews/[0-9a-f-]{36}/revoke", page.text)
    assert address
    web.post(f"/publications/{found.id}{address[0]}", data={"csrf": csrf}, headers=headers)
    assert "Revoked" in web.get(here, headers=headers).text
    assert web.get(f"/preview/{token}", follow_redirects=False).status_code == 404
