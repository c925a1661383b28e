"""The page of a publication, as each may see it, with a run in every status."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import Actor, Deposit, FileEntry
from excudit.service import acts, talk, verbs
from excudit.store import deposits, publications, runs, snapshots
from web_house import RECORD, House

ADA = Actor("ada", frozenset(), "ada@example.org")
TABS = ("", "/files", "/metadata", "/changes", "/discussion", "/history", "/mails")
AT = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)
DOWN = {
    "kind": "Unavailable",
    "message": "The registry did not answer (503).",
    "hint": "It is tried again.",
    "remote": "<b>503</b> upstream down",
}


def begun(house: House) -> str:
    house.token("ada")
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id


def frozen(house: House, key: str) -> str:
    found = snapshots.freeze(
        house.parts.database,
        key,
        source="shelf",
        ref="alpha",
        revision="r1",
        record=RECORD,
        files=[FileEntry(f"f{n:03}.csv", n, "ab" * 32, "text/csv") for n in range(150)],
    )
    with house.parts.database.write() as connection:
        publications.change(connection, key, snapshot=found.id, approved_digest=found.digest)
    return found.id


def publishing(house: House) -> tuple[str, str]:
    """A publication whose publishing run is queued: (its id, the run's)."""
    key = begun(house)
    frozen(house, key)
    with house.parts.database.write() as connection:
        publications.change(connection, key, state="approved", round=1)
        going = verbs.publish_in(connection, house.parts, ADA, key)
        run = runs.active(connection, going.id)
    assert run is not None
    return key, str(run["id"])


def attempt(house: House, run: str, step: str, number: int, status: str, **more: Any) -> None:
    """One attempt at a step, ended unless it is running."""
    final, undoing = step.startswith("publish."), more.pop("undoing", False)
    with house.parts.database.write() as connection:
        runs.attempt_begun(connection, run, step, number, undoing=undoing, final=final, at=AT)
        if status == "running":
            return
        runs.attempt_ended(
            connection,
            run,
            step,
            number,
            undoing=undoing,
            status=status,
            outcome=more,
            at=AT + timedelta(seconds=187),
        )


def stands(house: House, key: str, run: str, health: str, **columns: Any) -> None:
    with house.parts.database.write() as connection:
        runs.change(connection, run, **columns)
        publications.set_health(connection, key, health)


def page(house: House, web: TestClient, key: str, name: str = "ada", *roles: str) -> str:
    headers, _ = house.signed_in(name, *roles)
    answer = web.get(f"/publications/{key}", headers=headers)
    assert answer.status_code == 200, answer.text
    return words(answer.text)


def words(html: str) -> str:
    """What is to be read, without markup."""
    inline = re.sub(r"</?(bdi|time|strong|a|span|code)\b[^>]*>", "", html)
    text = re.sub(r"<[^>]+>", " ", inline)
    return re.sub(r"\s+", " ", text)


def test_strangers_are_told_that_there_is_nothing(house: House, web: TestClient) -> None:
    key = begun(house)
    headers, _ = house.signed_in("eve")
    for tab in (*TABS, "/progress"):
        hidden = web.get(f"/publications/{key}{tab}", headers=headers)
        absent = web.get(f"/publications/{publications.new_id()}{tab}", headers=headers)
        assert hidden.status_code == absent.status_code == 404
        assert len(hidden.text) == len(absent.text)
        unknown = web.get(f"/publications/{key}{tab}", follow_redirects=False)
        assert unknown.status_code == 303
        assert "/sign-in" in unknown.headers["location"]


@pytest.mark.parametrize("who", [("ada",), ("bob",), ("rita", "reviewer"), ("root", "admin")])
def test_every_tab_is_there_for_all_who_work_on_it(
    house: House, web: TestClient, who: tuple[str, ...]
) -> None:
    key = begun(house)
    house.token("bob")
    talk.collaborate(house.parts, ADA, key, "bob")
    headers, _ = house.signed_in(*who)
    for tab in TABS:
        answer = web.get(f"/publications/{key}{tab}", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.text.count("<h1") == 1
        assert 'aria-current="page"' in answer.text
        assert len(answer.content) < 150_000


def test_a_draft_says_who_acts_and_why_buttons_are_missing(house: House, web: TestClient) -> None:
    seen = page(house, web, begun(house))
    assert "A draft: complete it and submit it." in seen
    assert "Acts next: you" in seen
    assert "Publish is possible in Approved; this is Draft." in seen
    others = page(house, web, begun(house), "rita", "reviewer")
    assert "Acts next: The owner (ada)" in others


def test_a_queued_run_waits_for_its_turn(house: House, web: TestClient) -> None:
    key, _ = publishing(house)
    seen = page(house, web, key)
    assert "Publishing: it waits for its turn. Nothing for you to do." in seen
    assert "Locked by the run “Publishing” of ada since" in seen
    assert "Point of no return" in seen


def test_a_running_step_tells_its_number_bytes_and_attempt(house: House, web: TestClient) -> None:
    key, run = publishing(house)
    attempt(house, run, "compare", 1, "ok")
    attempt(house, run, "reserve.registry", 1, "later", error=DOWN)
    attempt(house, run, "reserve.registry", 2, "running")
    with house.parts.database.write() as connection:
        runs.progress(
            connection, run, "reserve.registry", done=3_100_000_000, total=12_400_000_000,
            unit="bytes",
        )  # fmt: skip
    seen = page(house, web, key)
    assert "Publishing: open a draft at registry, step 2 of 5. Nothing for you to do." in seen
    assert "3.1 GB of 12.4 GB" in seen
    assert "attempt 2 of 20" in seen
    assert "2026-03-02 14:02 UTC, 3 min 7 s" in seen
    assert "attempt 1 of 20" not in seen, "what went well at once counts no attempts"
    assert "The attempt before: The registry did not answer (503)." in seen


def test_a_waiting_run_names_the_next_try_and_the_remotes_words(
    house: House, web: TestClient
) -> None:
    key, run = publishing(house)
    attempt(house, run, "compare", 1, "ok")
    attempt(house, run, "reserve.registry", 1, "later", error=DOWN)
    due = AT + timedelta(minutes=8)
    stands(house, key, run, "waiting", status="waiting", next_try_at=due, error=DOWN)
    seen = page(house, web, key)
    assert "The registry did not answer (503). It tries again by itself." in seen
    assert "Next try: 2026-03-02 14:10 UTC" in seen
    assert "Retry now" in seen
    assert "&lt;b&gt;503&lt;/b&gt; upstream down" in seen
    assert "Acts next: This service" in seen


def test_what_stands_still_before_the_last_step_says_that_nothing_is_public(
    house: House, web: TestClient
) -> None:
    key, run = publishing(house)
    attempt(house, run, "compare", 1, "ok")
    attempt(house, run, "reserve.registry", 1, "person", error={**DOWN, "kind": "NeedsPerson"})
    stands(house, key, run, "needs_attention", status="parked", position="reserve.registry")
    seen = page(house, web, key)
    assert "Publishing stands still at step 2 of 5" in seen
    assert "Nothing exists outside this service." in seen
    assert "Acts next: you" in seen
    assert "Stop and undo" in seen
    assert "Retry" in page(house, web, key, "carl", "curator")
    assert (
        'id="retry"'
        not in web.get(f"/publications/{key}", headers=house.signed_in("rita", "reviewer")[0]).text
    )


def test_what_stands_still_after_the_last_step_says_what_may_be_public(
    house: House, web: TestClient
) -> None:
    key, run = publishing(house)
    for step in ("compare", "reserve.registry", "page"):
        attempt(house, run, step, 1, "ok")
    attempt(house, run, "publish.registry", 1, "bug", error={"kind": "Uncertain", "message": "?"})
    with house.parts.database.write() as connection:
        there = Deposit("registry", key, "10.5072/a", "draft", doi="10.5072/a", doi_state="draft")
        deposits.choose_doi(connection, key, "registry", "10.5072/a")
        deposits.save(connection, key, there)
    stands(house, key, run, "needs_attention", status="parked", position="publish.registry")
    seen = page(house, web, key)
    assert "It is not certain whether the record at registry is public already." in seen
    assert "Reserved – does not resolve yet" in seen
    assert "https://doi.org/10.5072/a" not in seen
    assert "Acts next: The operators of this service" in seen
    assert "Acts next: you" in page(house, web, key, "root", "admin")


def test_a_resumed_run_is_told_as_one(house: House, web: TestClient) -> None:
    key, run = publishing(house)
    attempt(house, run, "compare", 1, "ok")
    attempt(house, run, "reserve.registry", 1, "person", error=DOWN)
    stands(house, key, run, "needs_attention", status="parked", position="reserve.registry")
    verbs.retry(house.parts, ADA, key)
    seen = page(house, web, key)
    assert "Compare with what was approved Done" in seen
    assert "Earlier: 2 events" in seen
    assert "Retried" in seen


def test_an_undone_run_says_that_the_draft_was_removed(house: House, web: TestClient) -> None:
    key, run = publishing(house)
    attempt(house, run, "reserve.registry", 1, "ok")
    attempt(house, run, "page", 1, "refused", error=DOWN)
    attempt(house, run, "reserve.registry", 1, "ok", undoing=True)
    stands(house, key, run, "needs_attention", status="undone", ended_at=AT)
    with house.parts.database.write() as connection:
        publications.change(connection, key, state="approved")
    seen = page(house, web, key)
    assert "Publishing was undone. Nothing is public." in seen
    assert "The draft at registry was removed." in seen
    assert "Open a draft at registry Undone" in seen
    assert "Look at registry as a stranger Not reached" in seen


def test_cleanup_that_is_pending_is_told(house: House, web: TestClient) -> None:
    key, run = publishing(house)
    attempt(house, run, "reserve.registry", 1, "ok")
    with house.parts.database.write() as connection:
        deposits.save(connection, key, Deposit("registry", key, "1", "draft"))
        runs.change(connection, run, status="undone", ended_at=AT)
        row = runs.get(connection, run)
        assert row is not None
        left = runs.begin(connection, key, "cleanup", row["steps"], actor="excudit")
        runs.change(connection, left, status="waiting", cleanup=["reserve.registry"])
        publications.change(connection, key, state="approved")
        publications.set_health(connection, key, "cleanup_pending")
    seen = page(house, web, key)
    assert "Nothing is public. What was begun outside is being removed." in seen
    assert "A draft is kept at registry." in seen


def test_out_of_sync_shows_both_sides_and_reconcile(house: House, web: TestClient) -> None:
    house.token("ada")
    made = house.opened()
    with house.parts.database.write() as connection:
        run = acts.start(connection, house.parts, made, "withdraw", actor=ADA)
    attempt(house, run, "bury", 1, "ok")
    attempt(house, run, "withdraw.registry", 1, "refused", error=DOWN)
    stands(house, made.id, run, "out_of_sync", status="parked", position="withdraw.registry")
    seen = page(house, web, made.id)
    assert "Out of sync: Withdrawing stands still" in seen
    assert "A public record exists at registry." in seen
    assert "The landing page open to everybody" in seen
    assert "Still to be done Withdraw at registry" in seen
    assert "Reconcile looks at every place again" in seen


def test_a_published_one_shows_doi_links_citation_and_the_mark(
    house: House, web: TestClient
) -> None:
    house.token("ada")
    made = house.opened(approved_by="rita")
    headers, _ = house.signed_in("ada")
    html = web.get(f"/publications/{made.id}", headers=headers).text
    assert '<a class="doi" href="https://doi.org/10.5072/alpha">10.5072/alpha</a>' in html
    assert "Findable" in html
    assert f"https://data.example.org/d/{made.slug}" in html
    assert "Curated" in html
    assert "Carberry, J. (2026)" in html or "Carberry, Josiah (2026)" in html
    assert 'hx-trigger="every 2s"' not in html


def test_progress_is_cheap_while_nothing_changes_and_stops_at_the_end(
    house: House, web: TestClient
) -> None:
    key, run = publishing(house)
    headers, _ = house.signed_in("ada")
    here = f"/publications/{key}/progress"
    first = web.get(here, headers=headers)
    assert first.text.lstrip().startswith('<div id="progress" hx-get="')
    tag = first.headers["etag"]
    assert web.get(here, headers={**headers, "If-None-Match": tag}).status_code == 304
    attempt(house, run, "compare", 1, "running")
    second = web.get(here, headers={**headers, "If-None-Match": tag})
    assert second.status_code == 200
    assert "step 1 of 5" in second.text
    with house.parts.database.write() as connection:
        runs.progress(connection, run, "compare", done=1, total=2, unit="files")
    third = web.get(here, headers={**headers, "If-None-Match": second.headers["etag"]})
    assert "1 of 2 files" in third.text
    stands(house, key, run, "idle", status="done", ended_at=AT)
    last = web.get(here, headers={**headers, "If-None-Match": third.headers["etag"]})
    assert "every 2s" not in last.text


def test_words_shown_once_are_not_taken_by_progress(house: House, web: TestClient) -> None:
    key = begun(house)
    headers, csrf = house.signed_in("ada")
    house.token("bob")
    form = {"csrf": csrf, "who": "bob"}
    web.post(
        f"/publications/{key}/collaborators", headers=headers, data=form, follow_redirects=False
    )
    web.get(f"/publications/{key}/progress", headers=headers)
    assert (
        "bob works on this with you now." in web.get(f"/publications/{key}", headers=headers).text
    )


def test_frozen_files_are_shown_page_by_page_with_their_digests(
    house: House, web: TestClient
) -> None:
    key = begun(house)
    headers, _ = house.signed_in("ada")
    before = web.get(f"/publications/{key}/files", headers=headers).text
    assert "files and sizes are known once it is submitted" in before
    house.shelf.titles.pop("alpha")
    assert (
        "it cannot be read at the moment"
        in web.get(f"/publications/{key}/files", headers=headers).text
    )
    frozen(house, key)
    first = web.get(f"/publications/{key}/files", headers=headers).text
    assert first.count("ab" * 32) == 100
    following = re.findall(r'href="([^"]+)" rel="next"', first)
    second = web.get(following[0], headers=headers).text
    assert second.count("ab" * 32) == 50
    assert 'rel="next"' not in second
    assert 'rel="first"' in second
    assert web.get(f"/publications/{key}/files?after=x", headers=headers).status_code == 422


def test_changes_are_words_and_files(house: House, web: TestClient) -> None:
    key = begun(house)
    headers, _ = house.signed_in("ada")
    here = f"/publications/{key}/changes"
    assert "This is the first round" in web.get(here, headers=headers).text
    reviewed = frozen(house, key)
    with house.parts.database.write() as connection:
        publications.change(
            connection,
            key,
            state="changes_requested",
            reviewed_snapshot=reviewed,
            record={**RECORD, "version": "2.0", "titles": [{"title": "<i>x</i>"}]},
        )
    html = web.get(here, headers=headers).text
    seen = words(html)
    assert "Version removed: 1.0 added: 2.0" in seen
    assert "&lt;i&gt;x" in html
    assert "<i>x" not in html
    assert "Files are compared once it is submitted again" in seen
