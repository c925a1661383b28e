"""An assessment handed in, published and followed by its owner in a browser."""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "fault"))

from assessment_house import ROUTE, house_for
from judging import judge
from playwright.sync_api import expect

from excudit.sandbox.datacite import Registry
from excudit.sandbox.invenio import Invenio
from excudit.sandbox.smtp import Mailbox
from excudit.store import sessions, users
from excudit.web.visitors import COOKIE
from registries import OTHER, REPO

ROW = "xpath=ancestor::div[1]"


@pytest.fixture(scope="module")
def house(tmp_path_factory, shared):
    place = tmp_path_factory.mktemp("assessments")
    with (
        Registry(place / "registry.db", index_lag_s=0, accounts=(REPO, OTHER)) as registry,
        Mailbox(place / "mailbox") as mailbox,
        Invenio(place / "repository.db") as repository,
    ):
        made = house_for(place / "house", "sqlite://", registry, mailbox, repository, shared)
        made.serve()
        yield made
        made.close()


@pytest.fixture
def page(chromium, house):
    """A page of a browser in which the owner is signed in."""
    address = f"http://127.0.0.1:{house.port}"
    with house.parts.database.write() as connection:
        users.put(connection, "u-owner-0001", email="ase@example.org", roles=[])
        users.change(connection, "u-owner-0001", full_name="Øygård-Ñandú, Åse")
        cookie, _ = sessions.begin(connection, user="u-owner-0001", lasts=timedelta(hours=1))
    context = chromium.new_context(base_url=address, viewport={"width": 1100, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
    yield context.new_page()
    context.close()


def test_the_owner_hands_an_assessment_in_and_sees_it_published_by_its_stages(
    house, page, tmp_path
):
    broken, sound = tmp_path / "broken.json", tmp_path / "sound.json"
    tree = json.loads(house.document())
    sound.write_text(json.dumps(tree))
    tree["assessment_doc"]["principles"][0]["criteria"][0]["imperative"] = "PERHAPS"
    broken.write_text(json.dumps(tree))
    page.goto(f"/publications/new/{ROUTE}")
    page.get_by_role("link", name="Hand in documents").click()
    judge(page)
    page.get_by_label("Assessment (JSON)").set_input_files(broken)
    page.get_by_label("Its PDF").set_input_files(house.samples / "truncated.pdf")
    page.get_by_role("button", name="Hand in").click()
    expect(page).to_have_title(re.compile("^Error: "))
    problems = page.locator("#summary")
    expect(problems).to_contain_text("An imperative is MUST, SHOULD or MAY.")
    expect(problems).to_contain_text("/principles/0/criteria/0/imperative")
    expect(problems).to_contain_text("The PDF cannot be read")
    judge(page)
    page.get_by_label("Assessment (JSON)").set_input_files(sound)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Über-Assessment")
    judge(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page).to_have_url(re.compile("/publications/[0-9a-f-]{36}$"))
    page.get_by_role("heading", name="Stored information").wait_for(timeout=20_000)
    key = page.url.rpartition("/")[2]
    house.still(key)
    page.reload()
    stored = page.get_by_role("region", name="Stored information")
    for label, words in (
        ("Assessment", tree["id"]),
        ("Process state", "PROCESS COMPLETED"),
        ("Publication status", "PUBLISHED"),
    ):
        row = stored.locator("dt", has_text=re.compile(f"^{label}$")).locator(ROW)
        expect(row).to_contain_text(words)
    for stage in (
        "Create deposit",
        "Upload PDF",
        "Store information",
        "Publish deposit",
        "Update database",
        "Send mail",
    ):
        expect(page.get_by_role("heading", name=f"{stage} Done")).to_be_visible()
    judge(page)
    record = house.deposits()[0]
    page.goto(f"{house.repository.url}/records/{record['id']}")
    expect(page.get_by_text("assessment.pdf").first).to_be_visible()
