"""One request in a browser's requests: looking, deciding, assigning, labelling, suggesting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deciding_house import with_route
from excudit.domain.publication import Frozen, Publication
from excudit.service import labels, suggestions
from excudit.store import publications, snapshots
from excudit.web import create_app
from reviewing_house import now, person, told, waiting, with_help_of
from web_house import RECORD, House

NASTY = '<img src=x onerror="alert(1)"> {{ 7*7 }} %(name)s'
PAGES = ("approve", "return", "reject", "assign", "label", "suggest")


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    """A browser that does not follow where a form leads."""
    app = create_app(house.parts)
    base = "https://data.example.org"
    with TestClient(app, base_url=base, follow_redirects=False) as client:
        yield client


def send(browser: TestClient, visitor: tuple[dict[str, str], str], path: str, **form: Any) -> Any:
    return browser.post(path, headers=visitor[0], data={"csrf": visitor[1], **form})


def digest_of(house: House, publication: Any) -> str:
    with house.parts.database.read() as connection:
        return snapshots.get(connection, str(publication.snapshot)).digest


def test_shows_the_record_the_checks_and_what_is_judged(house: House, browser: TestClient) -> None:
    record = {**RECORD, "titles": [{"title": NASTY, "lang": "de"}], "sizes": ["12 MB"]}
    made = waiting(house, record=record)
    rita, _ = house.signed_in("rita", "reviewer")
    page = browser.get(f"/publications/{made.id}/review", headers=rita)
    assert page.status_code == 200
    for words in ("Carberry, Josiah", "12 MB", digest_of(house, made), "Checks", "Discussion"):
        assert words in page.text
    assert "<img" not in page.text
    assert "Approve…" in page.text
    assert 'lang="de"' in page.text


def test_strangers_see_nothing_and_authors_decide_nothing(
    house: House, browser: TestClient
) -> None:
    made = waiting(house)
    house.token("bob")
    with_help_of(house, made, "bob")
    for path in ("", *PAGES):
        looked_at(house, browser, made, path)


def looked_at(house: House, browser: TestClient, made: Publication, path: str) -> None:
    """Everybody looks at one of the pages."""
    address = f"/publications/{made.id}/{path or 'review'}"
    for stranger in ("eve", "olga"):
        eve, _ = house.signed_in(stranger, *(["curator:other"] if stranger == "olga" else []))
        assert browser.get(address, headers=eve).status_code == 404
        absent = address.replace(made.id, made.id[:-4] + "ffff")
        assert browser.get(absent, headers=eve).status_code == 404
    ada, _ = house.signed_in("ada")
    bob, _ = house.signed_in("bob")
    for author in (ada, bob):
        assert browser.get(address, headers=author).status_code == (403 if path else 200)
    for name, role in (("rita", "reviewer"), ("carl", "curator"), ("adam", "admin")):
        headers, _ = house.signed_in(name, role)
        assert browser.get(address, headers=headers).status_code == 200


@pytest.mark.parametrize("action", ["approve", "return", "reject"])
def test_nobody_decides_on_their_own(house: House, browser: TestClient, action: str) -> None:
    made = waiting(house)
    carl = house.signed_in("carl", "curator")
    with_help_of(house, made, "carl")
    assert browser.get(f"/publications/{made.id}/{action}", headers=carl[0]).status_code == 409
    sent = send(browser, carl, f"/publications/{made.id}/{action}", reason="x")
    assert sent.status_code == 409
    assert "own publication" in sent.text
    assert now(house, made).state == "in_review"


def test_a_return_needs_a_reason_and_says_what_happens(house: House, browser: TestClient) -> None:
    made = waiting(house)
    rita = house.signed_in("rita", "reviewer")
    here = f"/publications/{made.id}/return"
    assert "What happens next" in browser.get(here, headers=rita[0]).text
    for reason in ("", "  \n ", "x" * 10_001, "a\x00b"):
        wrong = send(browser, rita, here, reason=reason)
        assert wrong.status_code == 422
        assert "<title>Error:" in wrong.text
        assert 'href="#reason"' in wrong.text
        assert reason.strip().replace("\x00", "")[:100] in wrong.text
    assert told(house, made, "return") == []
    reason = NASTY + "x" * (10_000 - len(NASTY))
    assert send(browser, rita, here, reason=reason).headers["location"] == "/queue"
    assert [e.reason for e in told(house, made, "return")] == [reason]
    assert now(house, made).reviewer == "rita"
    confirmed = browser.get("/queue", headers=rita[0]).text
    assert 'role="status" tabindex="-1">Returned to ada' in confirmed


def moved(house: House, made: Publication) -> Frozen:
    """Something else is frozen by now."""
    with house.parts.database.write() as connection:
        frozen = snapshots.get(connection, str(made.snapshot))
        other = snapshots.refreeze(connection, frozen, {**frozen.record, "version": "2"})
        publications.change(connection, made.id, snapshot=other.id)
    return other


@pytest.mark.parametrize(
    ("action", "state"), [("return", "changes_requested"), ("reject", "rejected")]
)
def test_a_refusal_counts_for_what_was_seen(
    house: House, browser: TestClient, action: str, state: str
) -> None:
    made = waiting(house)
    rita = house.signed_in("rita", "reviewer")
    seen, here = digest_of(house, made), f"/publications/{made.id}/{action}"
    review = browser.get(f"/publications/{made.id}/review", headers=rita[0]).text
    assert f'href="{here}?digest={seen}"' in review
    other = moved(house, made)
    page = browser.get(f"{here}?digest={seen}", headers=rita[0]).text
    assert f'name="digest" value="{seen}"' in page
    drifted = send(browser, rita, here, digest=seen, reason="The units are missing.")
    assert drifted.status_code == 409
    for words in (seen, other.digest, "The units are missing."):
        assert words in drifted.text
    assert now(house, made).state == "in_review"
    api, headers = f"/api/v1{here}", house.token("rita")
    said = {"reason": "The units are missing.", "digest": seen}
    assert browser.post(api, headers=headers, json=said).status_code == 409
    assert browser.post(api, headers=headers, json={**said, "digest": "x"}).status_code == 422
    said["digest"] = other.digest
    assert browser.post(api, headers=headers, json=said).json()["state"] == state


def test_an_approval_counts_for_what_was_seen(house: House, browser: TestClient) -> None:
    made = waiting(house)
    rita = house.signed_in("rita", "reviewer")
    seen = digest_of(house, made)
    other = moved(house, made)
    here = f"/publications/{made.id}/approve"
    drifted = send(browser, rita, here, digest=seen, reason=NASTY)
    assert drifted.status_code == 409
    assert seen in drifted.text
    assert other.digest in drifted.text
    assert "&lt;img" in drifted.text
    assert now(house, made).state == "in_review"
    assert send(browser, rita, here, digest=other.digest, reason="Good.").status_code == 303
    after = now(house, made)
    assert (after.approved_by, after.approved_digest) == ("rita", other.digest)
    assert [e.reason for e in told(house, made, "approve")] == ["Good."]
    again = send(browser, rita, here, digest=other.digest)
    assert again.status_code == 409
    assert "It was not done" in again.text


def test_an_approval_that_publishes_shows_what_becomes_public(
    house: House, browser: TestClient
) -> None:
    made = waiting(house)
    rita, _ = house.signed_in("rita", "reviewer")
    page = browser.get(f"/publications/{made.id}/approve", headers=rita).text
    for words in (
        "what is public cannot be taken back",
        "Josiah Carberry",
        "a findable DOI is never deleted",
        "tombstone",
        f"https://data.example.org/d/{made.slug}",
        ">Approve, publish and register the DOI</button>",
    ):
        assert words in page
    browser.app.state.parts = with_route(house.parts, publish="manual")  # type: ignore[attr-defined]
    page = browser.get(f"/publications/{made.id}/approve", headers=rita).text
    assert "Nothing becomes public yet" in page
    assert ">Approve</button>" in page
    assert "never deleted" not in page


def test_without_the_mark_of_the_session_nothing_is_decided(
    house: House, browser: TestClient
) -> None:
    made = waiting(house)
    rita, _ = house.signed_in("rita", "reviewer")
    for action in ("approve", "return", "reject", "assign", "label", "suggest", "review"):
        here = f"/publications/{made.id}/{action}"
        assert browser.post(here, headers=rita, data={"reason": "x"}).status_code == 403
    assert now(house, made).state == "in_review"


def test_claiming_what_another_took_names_them(house: House, browser: TestClient) -> None:
    made = waiting(house)
    rita, carl = house.signed_in("rita", "reviewer"), house.signed_in("carl", "curator")
    here = f"/publications/{made.id}/assign"
    assert send(browser, rita, here, reviewer="rita", seen="").status_code == 303
    late = send(browser, carl, here, reviewer="carl", seen="")
    assert late.status_code == 409
    assert "rita has taken this review meanwhile" in late.text
    assert send(browser, carl, here, reviewer="nobody-here", seen="rita").status_code == 422
    assert send(browser, carl, here, reviewer="carl", seen="rita").status_code == 303
    assert now(house, made).reviewer == "carl"


def test_comments_are_kept_without_leaving_the_review(house: House, browser: TestClient) -> None:
    made = waiting(house)
    rita, ada = house.signed_in("rita", "reviewer"), house.signed_in("ada")
    here = f"/publications/{made.id}/review"
    assert send(browser, rita, here, text="").status_code == 422
    assert send(browser, rita, here, text=NASTY, field="/titles").status_code == 303
    assert send(browser, rita, here, text="Among us.", who="internal").status_code == 303
    mine = browser.get(here, headers=rita[0]).text
    assert "&lt;img" in mine
    assert "Among us." in mine
    assert "Among us." not in browser.get(here, headers=ada[0]).text


def test_a_label_is_set_with_a_comment_and_its_history_shown(
    house: House, browser: TestClient
) -> None:
    made = waiting(house)
    carl, rita = house.signed_in("carl", "curator"), house.signed_in("rita", "reviewer")
    assert send(browser, rita, "/labels", name="Late").status_code == 403
    for name in ("In review", "", "x" * 61):
        wrong = send(browser, carl, "/labels", name=name, meaning="kept words")
        assert wrong.status_code == 422
        assert "kept words" in wrong.text
    assert send(browser, carl, "/labels", name=NASTY, meaning=NASTY).status_code == 303
    assert send(browser, carl, "/labels", name=NASTY.upper()).status_code == 409
    assert "<img" not in browser.get("/labels", headers=rita[0]).text
    here = f"/publications/{made.id}/label"
    assert send(browser, rita, here, label="unknown").status_code == 422
    assert send(browser, rita, here, label=NASTY, comment="x" * 10_001).status_code == 422
    assert send(browser, rita, here, label=NASTY, comment="Since Monday").status_code == 303
    page = browser.get(here, headers=rita[0]).text
    assert "Since Monday" in page
    assert "<img" not in page
    assert send(browser, carl, "/labels/delete", name=NASTY).status_code == 409
    assert send(browser, carl, "/labels/describe", name=NASTY, meaning="new").status_code == 303
    assert send(browser, carl, "/labels/retire", name=NASTY).status_code == 303
    assert send(browser, carl, "/labels/nonsense", name=NASTY).status_code == 404
    assert labels.every(house.parts)[0]["retired_at"]
    assert now(house, made).label == NASTY


def test_a_suggestion_goes_from_the_reviewer_to_the_author(
    house: House, browser: TestClient
) -> None:
    made = waiting(house)
    rita, ada = house.signed_in("rita", "reviewer"), house.signed_in("ada")
    here = f"/publications/{made.id}"
    form = browser.get(f"{here}/suggest?field=/titles/0/title", headers=rita[0]).text
    assert "Sea surface temperature, station Alpha, 2024</textarea>" in form
    sent = send(browser, rita, f"{here}/suggest", field="/titles/0/title", text=NASTY, note="Why")
    assert sent.status_code == 303
    for wrong in (
        {"field": "/titles/0/title", "text": "x" * 100_001},
        {"field": "/publicationYear", "text": "soon"},
        {"field": "/nothing", "text": "x"},
        {"field": "", "text": "x"},
        {"field": "/creators/0", "text": "x"},
        {"field": "/creators/0", "part:/creators/9/name": "x"},
        {"field": "/creators/0", "part:/creators/0/name": "Carberry, Josiah"},
        {"field": "/publicationYear", "part:/publicationYear": "x"},
        {"field": "/language", "text": "en", "note": "x" * 10_001},
    ):
        answer = send(browser, rita, f"{here}/suggest", **wrong)
        assert answer.status_code == 422, wrong
    more = send(browser, rita, f"{here}/suggest", field="/subjects/-", text="sea")
    assert more.status_code == 303
    assert send(browser, rita, f"{here}/suggest", field="/sizes/-", text="3 MB").status_code == 303
    page = browser.get(f"{here}/suggestions", headers=ada[0])
    assert "possible in" in page.text
    assert "<img" not in page.text
    first, second, third = suggestions.open(house.parts, made.id)
    assert send(browser, ada, f"{here}/suggestions/{first.id}/accept").status_code == 409
    send(browser, rita, f"{here}/return", reason="See my suggestions.")
    assert send(browser, rita, f"{here}/suggestions/{first.id}/accept").status_code == 403
    form = browser.get(f"{here}/edit", headers=ada[0])
    if form.status_code == 303:
        form = browser.get(form.headers["location"], headers=ada[0])
    assert form.status_code == 200
    assert f"suggestions/{first.id}/accept" in form.text
    assert send(browser, ada, f"{here}/suggestions/{first.id}/accept").status_code == 303
    assert send(browser, ada, f"{here}/suggestions/{second.id}/decline").status_code == 303
    assert send(browser, ada, f"{here}/suggestions/{second.id}/accept").status_code == 409
    assert send(browser, rita, f"{here}/suggestions/{third.id}/take-back").status_code == 303
    assert send(browser, ada, f"{here}/suggestions/accept").status_code == 303
    assert now(house, made).record["titles"][0]["title"] == NASTY
    assert send(browser, ada, f"{here}/suggestions/{made.id}/accept").status_code == 404
    eve = house.signed_in("eve")
    assert browser.get(f"{here}/suggestions", headers=eve[0]).status_code == 404


def test_a_value_of_several_parts_is_suggested_in_words_part_by_part(
    house: House, browser: TestClient
) -> None:
    made = waiting(house)
    rita = house.signed_in("rita", "reviewer")
    here = f"/publications/{made.id}/suggest"
    form = browser.get(f"{here}?field=/creators/0", headers=rita[0]).text
    for words in (">Author, given name", 'value="Josiah"', ">Author, affiliation, name"):
        assert words in form
    assert "JSON" not in form
    typed = dict(re.findall(r'name="(part:[^"]+)" type="text" value="([^"]*)"', form))
    assert len(typed) > 5
    typed |= {"part:/creators/0/givenName": "Joseph"}
    typed |= {p: "" for p in typed if p.startswith("part:/creators/0/affiliation")}
    assert send(browser, rita, here, field="/creators/0", **typed).status_code == 303
    (found,) = suggestions.open(house.parts, made.id)
    before = RECORD["creators"][0]
    kept = {k: v for k, v in before.items() if k != "affiliation"}
    assert found.after == {**kept, "givenName": "Joseph"}
    gone = send(browser, rita, here, field="/creators/0", all="yes", **typed)
    assert gone.status_code == 303
    assert suggestions.open(house.parts, made.id)[-1].after is None


def test_a_request_of_ten_thousand_authors_stays_a_page(house: House, browser: TestClient) -> None:
    many = [{"name": f"Author {n}", "nameType": "Personal"} for n in range(10_000)]
    record = {**RECORD, "creators": many, "titles": [{"title": "T" * 50_000}]}
    made = waiting(house, record=record)
    rita, _ = house.signed_in("rita", "reviewer")
    for path in ("review", "suggest", "suggest?field=/creators", "return"):
        page = browser.get(f"/publications/{made.id}/{path}", headers=rita)
        assert page.status_code == 200
        assert len(page.content) < (2_000_000 if "creators" in path else 300_000), path
    assert "and 9,950 more" in browser.get(f"/publications/{made.id}/review", headers=rita).text
    assert len(browser.get("/queue", headers=rita).content) < 20_000


def test_what_a_person_approved_stays_marked_as_curated(house: House, browser: TestClient) -> None:
    waiting(house, state="published", approved_by="rita")
    rita, _ = house.signed_in("rita", "reviewer")
    person(house, "bob")
    page = browser.get("/queue?state=published&reviewer=anyone", headers=rita).text
    assert '<span class="curated">Curated</span>' in page
