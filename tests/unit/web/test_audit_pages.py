"""The audit's page: filters that stand in the address, pages, and files to take away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import Actor
from excudit.service import audit, verbs
from excudit.store import events
from web_house import House

ADA = Actor("ada", frozenset(), "ada@example.org")


def fill(house: House, count: int = 120) -> str:
    made = verbs.create(house.parts, ADA, "to-doi", "alpha")
    with house.parts.database.write() as connection:
        for number in range(count):
            details = {"note": "<script>alert(1)</script>"}
            events.append(
                connection,
                made.id,
                actor="carl",
                action="edit",
                reason=f"Reason {number} <b>",
                details=details,
            )
    return made.id


def test_everything_is_escaped_and_the_address_keeps_the_filters(
    house: House, web: TestClient
) -> None:
    fill(house)
    headers, _ = house.signed_in("anna", "admin")
    text = web.get("/audit?who=carl&reason=reason", headers=headers).text
    assert "Reason 119 &lt;b&gt;" in text
    assert "<script>alert" not in text
    assert 'value="carl"' in text
    following = re.search(r'href="(/audit\?[^"]*before=[^"]*)" rel="next"', text)
    assert following
    address = following[1].replace("&amp;", "&")
    assert "who=carl" in address
    second = web.get(address, headers=headers).text
    assert "Reason 69 " in second
    assert "Reason 70 " not in second
    assert "Back to the first page" in second


def test_no_match_shows_the_filters_and_the_way_out(house: House, web: TestClient) -> None:
    fill(house, 1)
    headers, _ = house.signed_in("anna", "admin")
    text = web.get("/audit?who=nobody", headers=headers).text
    assert "Nothing fits these filters." in text
    assert "Clear filters" in text


@pytest.mark.parametrize(
    ("query", "status"),
    [("from=yesterday", 422), ("to=2026-99-01", 422), ("before=xyz", 422), ("who=%00", 422)],
)
def test_a_wrong_filter_is_explained(
    house: House, web: TestClient, query: str, status: int
) -> None:
    headers, _ = house.signed_in("anna", "admin")
    answer = web.get(f"/audit?{query}", headers=headers)
    assert answer.status_code == status
    assert "<title>Error: Audit" in answer.text


def test_the_export_has_the_filters_and_is_a_file(house: House, web: TestClient) -> None:
    made = fill(house)
    headers, _ = house.signed_in("anna", "admin")
    answer = web.get(f"/audit/export.csv?who=ada&publication={made}", headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert len(answer.text.splitlines()) == 2
    lines = web.get("/audit/export.jsonl?who=carl", headers=headers).text.splitlines()
    assert len(lines) == 120
    assert web.get("/audit/export.exe", headers=headers).status_code == 422


@pytest.mark.parametrize("role", ["", "reviewer", "curator", "curator:to-doi"])
def test_the_audit_is_for_admins_only(house: House, web: TestClient, role: str) -> None:
    headers, _ = house.signed_in("sam", *filter(None, [role]))
    for path in ("/audit", "/audit/export.csv"):
        assert web.get(path, headers=headers).status_code == 403


def test_what_happened_stands_in_words_and_files_keep_its_name(
    house: House, web: TestClient
) -> None:
    made = verbs.create(house.parts, ADA, "to-doi", "alpha")
    with house.parts.database.write() as connection:
        entry = {"actor": "rita", "before": "in_review", "after": "changes_requested"}
        events.append(connection, made.id, action="return", **entry)
        events.append(connection, made.id, action="accept_suggestion", actor="ada")
    headers, _ = house.signed_in("anna", "admin")
    text = web.get("/audit", headers=headers).text
    for words in ("Returned for changes", "In review → Waiting for author", "Suggestion accepted"):
        assert words in text
    assert "accept_suggestion</a>" not in text
    assert "accept_suggestion" in web.get("/audit/export.csv", headers=headers).text
    found = web.get("/audit?action=return", headers=headers).text
    assert '<option value="return" selected>Returned for changes</option>' in found


def test_every_action_that_is_written_down_has_words() -> None:
    source = Path(audit.__file__).parent.parent
    written = {
        action
        for file in source.rglob("*.py")
        for action in re.findall(
            r"(?:action=|_write_down\(parts, actor, |_tell\(connection, actor, "
            r'|_note\(connection, actor, |end\.(?:act|tell)\()"([a-z_]+)"',
            file.read_text(encoding="utf-8"),
        )
    }
    assert len(written) > 30
    assert written - {"store_true", "store_false", "append", "version"} <= set(audit.ACTION_WORDS)
