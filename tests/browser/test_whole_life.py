"""One request from the basket to its tombstone, in four browsers, by nothing but the pages."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser_house import BrowserHouse
from lives import arrives, link_of, mail, settle_in, told
from playwright.sync_api import Page, expect

TITLE = "Carbon dioxide along the whole way"
SAVED = re.compile(r"Saved \d\d:\d\d UTC")
DOI = re.compile(r"10\.\d+/[\w-]+")
CURATION = "curation@example.org"
OPERATORS = "desk@example.org"


class Life:
    """A request under way: who takes part, in which browsers, and where it stands."""

    def __init__(self, house: BrowserHouse, browse: Any) -> None:
        self.house, self.browse = house, browse
        self.olga = settle_in(house, "olga")
        self.rolf = settle_in(house, "rolf", "reviewer")
        self.cora = settle_in(house, "cora", "curator")
        self.anna = settle_in(house, "anna", "admin")
        self.stranger: Page = browse()
        self.here = ""
        self.doi = ""

    def open(self, page: Page, path: str = "") -> None:
        page.goto(f"{self.here}{path}")

    def mailed(self, page: Page, to: str, subject: str, leads: str, also: str = "") -> None:
        """The mail came; its link asks a stranger to sign in first, and opens the very page for
        its reader, who is signed in on `page`."""
        link = link_of(mail(self.house, to, subject, also), f"{self.here}{leads}")
        asked = self.stranger.request.get(link)
        assert parse_qs(urlsplit(asked.url).query) == {"next": [f"{self.here}{leads}"]}
        assert page.request.get(link).url == link


@pytest.fixture
def life(house: BrowserHouse, browse: Any) -> Life:
    return Life(house, browse)


def chosen(life: Life) -> Page:
    """The owner picks datasets, leaves, and goes on at another device to a draft."""
    for part in ("one", "two", "three"):
        place = life.house.dataset(f"{TITLE}, {part}") / "datacite.json"
        incomplete = json.loads(place.read_text())
        del incomplete["creators"]
        place.write_text(json.dumps(incomplete))
    first = arrives(life.browse, "olga", "/publications/new")
    first.get_by_role("link", name="A folder to DataCite, with review", exact=True).click()
    first.get_by_label("Name or title").fill(TITLE)
    first.get_by_role("button", name="Search").click()
    for part in ("one", "two"):
        first.get_by_label(f"{TITLE}, {part}").check()
    first.get_by_role("button", name="Put the ticked ones into the basket").click()
    expect(first.get_by_text("2 datasets are now in your basket")).to_be_visible()
    first.context.close()

    page = arrives(life.browse, "olga", "/basket")
    expect(page.locator(".datasets > li")).to_have_count(2)
    page.get_by_role("button", name=f"Take out: {TITLE}, two").click()
    expect(page.locator(".datasets > li")).to_have_count(1)
    page.get_by_role("link", name="with review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What will become public")
    expect(page.locator("#complete")).to_be_visible()
    page.get_by_role("button", name="Make the draft").click()
    expect(page).to_have_url(re.compile("/publications/[^/]+/edit$"))
    life.here = re.sub(r"^https?://[^/]+|/edit$", "", page.url)
    return page


def handed_in(life: Life, page: Page) -> None:
    """The owner types, submits too early, is led to what is missing, and submits."""
    page.get_by_label("Version").fill("1.0")
    expect(page.locator("#saved")).to_have_text(SAVED)
    submit = page.locator(".sheet-do").get_by_role("button", name="Submit")
    submit.click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#summary")).to_be_focused()
    page.locator("#summary a", has_text="reators").first.click()
    expect(page).to_have_url(re.compile("/edit/people"))
    expect(page.locator("#creators-0-name")).to_be_focused()
    page.keyboard.type("Lovelace, Olga")
    page.keyboard.press("Tab")
    expect(page.locator("#citation")).to_contain_text("Lovelace")
    submit.click()
    expect(page).to_have_url(re.compile(f"{life.here}$"))
    life.house.reaches(life.here.split("/")[-1], "in_review")
    life.mailed(page, life.olga, "Submitted: ", "")
    link = link_of(mail(life.house, CURATION, "Submitted: ", life.here), f"{life.here}/review")
    arrives(life.browse, "cora", link).context.close()


def returned(life: Life, page: Page, owner: Page) -> None:
    """The reviewer claims it from the queue, asks, suggests, and returns it with a reason."""
    page.goto("/queue?title=along+the+whole+way")
    page.get_by_role("row", name=TITLE).get_by_role("button", name="Claim").click()
    expect(page.get_by_text("You review it now.")).to_be_visible()
    life.open(page, "/review")
    page.get_by_label("Your comment").fill("Which sensor was it?\nThe old one?")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_text("Your comment is kept.")).to_be_visible()
    life.mailed(owner, life.olga, "Question about", "/discussion", "Which sensor was it?")
    life.open(page, "/suggest?field=/version")
    page.get_by_label("Better value", exact=True).fill("1.1")
    page.get_by_label("Note to the authors").first.fill("1.0 is taken.")
    page.get_by_role("button", name="Suggest", exact=True).click()
    life.mailed(owner, life.olga, "Suggested change", "/suggestions")
    life.open(page, "/return")
    page.get_by_role("button", name="Return").click()
    expect(page.locator("#summary")).to_be_focused()
    page.get_by_label("Reason").fill("Name the sensor in the abstract.")
    page.get_by_role("button", name="Return").click()
    expect(page.locator(".said")).to_contain_text("Returned to olga")
    life.mailed(owner, life.olga, "Changes needed", "/edit", "Name the sensor in the abstract.")


def answered(life: Life, page: Page, reviewer: Page) -> None:
    """The owner finds it on the desk, accepts the suggestion, answers, and submits again."""
    page.goto("/desk")
    row = page.locator(".ledger.waiting > li", has_text=TITLE)
    expect(row).to_contain_text("Waiting for author")
    row.get_by_role("link", name="Make the changes").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".said")).to_have_text("Accepted.")
    life.open(page, "/discussion")
    expect(page.locator(".talk")).to_contain_text("Which sensor was it?")
    page.get_by_role("textbox", name="Comment").fill("The new one.")
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator(".talk")).to_contain_text("The new one.")
    life.mailed(reviewer, life.rolf, "Question about", "/discussion", "The new one.")
    life.open(page, "/edit/basics")
    expect(page.get_by_label("Version")).to_have_value("1.1")
    page.locator("#descriptions-0-description").fill("Measured underway with the new sensor.")
    page.locator(".sheet-do").get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile(f"{life.here}$"))
    life.house.reaches(life.here.split("/")[-1], "in_review")
    life.mailed(reviewer, life.rolf, "Submitted: ", "/review")


def approved(life: Life, page: Page, owner: Page) -> None:
    """It comes back to the same reviewer, who sees what changed, and approves."""
    page.goto("/queue?title=along+the+whole+way")
    page.get_by_role("row", name=TITLE).get_by_role("link", name="Review").click()
    changed = page.get_by_role("region", name="Changed since the last decision")
    expect(changed).to_contain_text("Measured underway with the new sensor.")
    expect(changed).to_contain_text("1.1")
    expect(changed.locator("dt")).to_have_count(2)
    page.get_by_role("link", name="Approve…").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".said")).to_contain_text("Approved:")
    life.mailed(owner, life.olga, "Approved: ", "/publish")


def published(life: Life, page: Page) -> None:
    """The owner publishes; the registry fails half-way, and goes on when it is well again."""
    life.open(page)
    page.get_by_role("link", name="Publish", exact=True).click()
    expect(page.locator("main")).to_contain_text("findable DOI is never deleted")
    life.house.desk.fault("html-5xx", event="publish", count=None, when="before", status=503)
    page.get_by_role("button", name="Publish and register the DOI").click()
    expect(page.locator(".said")).to_have_text("Publishing has begun.")
    # It tries again by itself, and soon leaves it to a person: this house has little patience.
    troubled = re.compile("waits|stands still")
    expect(page.locator("#headline-words")).to_contain_text(troubled, timeout=30_000)
    expect(page.locator("main")).to_contain_text("datacite answered 503")
    life.house.desk.mend()
    retry = page.locator("button:not([aria-disabled])").filter(has_text=re.compile(r"^\s*Retry"))
    done = page.locator("#headline-words").filter(has_text="Published.")
    expect(retry.or_(done).first).to_be_visible(timeout=30_000)
    if not done.count():
        retry.first.click()
    expect(page.locator("#headline-words")).to_contain_text("Published.", timeout=60_000)
    life.doi = page.locator("a.doi").inner_text()
    assert DOI.fullmatch(life.doi)
    mail(life.house, life.olga, f"Published: {TITLE}", life.doi)
    mail(life.house, life.rolf, f"Published: {TITLE}", life.doi)
    assert life.house.desk.doi(life.doi)["state"] == "findable"


def read_by_strangers(life: Life, page: Page) -> None:
    """A stranger comes by the DOI to the page and its files."""
    page.goto(f"{life.house.registry.resolver_url}/{life.doi}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(page.locator("main")).to_contain_text(life.doi)
    expect(page.locator("main")).to_contain_text("co2.csv")


def labelled(life: Life, page: Page) -> None:
    """The curator defines a label and sets it; the state stays as it is."""
    page.goto("/labels")
    page.get_by_label("Label", exact=False).last.fill("Whole way gone")
    page.get_by_role("button", name="Define").click()
    life.open(page, "/label")
    page.get_by_label("Label").select_option("Whole way gone")
    page.get_by_role("button", name="Save the label").click()
    life.open(page)
    expect(page.locator(".standing-marks")).to_contain_text("Whole way gone")
    expect(page.locator(".standing-marks")).to_contain_text("Published")


def amended(life: Life, page: Page, owner: Page) -> None:
    """The curator amends the public record; the owner may not."""
    life.open(owner)
    assert owner.get_by_role("link", name="Amend").count() == 0
    assert owner.request.get(f"{life.here}/amend").status == 403
    life.open(page)
    page.get_by_role("link", name="Amend").click()
    page.get_by_label("Reason (required)").fill("The year was missing.")
    page.get_by_label("Title (required)").fill(f"{TITLE}, 2026")
    page.get_by_role("button", name="Check and compare").click()
    expect(page.locator("ins")).to_contain_text("2026")
    page.get_by_role("button", name="Amend the public record").click()
    expect(page.locator(".said")).to_have_text("The public record is being changed.")
    mail(life.house, life.olga, "Updated: ", "cora updated the public record")
    assert life.house.desk.doi(life.doi)["titles"][0]["title"] == f"{TITLE}, 2026"


def operated(life: Life, page: Page) -> None:
    """The admin sees the operations, and in the audit everything that happened."""
    page.goto("/operations")
    expect(page.get_by_role("heading", level=1)).to_have_text("Operations")
    page.goto(f"/audit?publication={life.here.split('/')[-1]}")
    words = page.locator("tbody").inner_text()
    for happened in ("Submitted", "Returned for changes", "Approved", "Label set", "Amended"):
        assert happened in words
    for name in ("olga", "rolf", "cora"):
        assert name in words


def withdrawn(life: Life, page: Page, stranger: Page) -> None:
    """The admin withdraws it; whoever comes by the DOI reads why."""
    life.open(page, "/withdraw")
    page.get_by_label("Reason (required)").fill("The sensor was broken.")
    page.get_by_role("button", name="Withdraw and leave a tombstone").click()
    life.house.reaches(life.here.split("/")[-1], "withdrawn")
    stranger.goto(f"{life.house.registry.resolver_url}/{life.doi}")
    expect(stranger.locator("main")).to_contain_text("The sensor was broken.")
    expect(stranger.locator("main")).to_contain_text(life.doi)
    assert "co2.csv" not in stranger.content()
    mail(life.house, life.olga, "Withdrawn: ", "anna withdrew")
    mail(life.house, life.olga, "Withdrawn: ", "The sensor was broken.")
    assert life.house.desk.doi(life.doi)["state"] == "registered"


def test_a_request_lives_from_the_basket_to_its_tombstone(life: Life) -> None:
    owner = chosen(life)
    handed_in(life, owner)
    reviewer = arrives(life.browse, "rolf", "/queue")
    returned(life, reviewer, owner)
    answered(life, owner, reviewer)
    approved(life, reviewer, owner)
    published(life, owner)
    read_by_strangers(life, life.stranger)
    curator = arrives(life.browse, "cora", "/labels")
    labelled(life, curator)
    amended(life, curator, owner)
    admin = arrives(life.browse, "anna", "/operations")
    operated(life, admin)
    withdrawn(life, admin, life.stranger)
    assert told(life.house, f"Withdrawn: {TITLE}") == {life.olga}
