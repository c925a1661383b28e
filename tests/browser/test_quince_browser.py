"""A dataset's way through the export, as its PI and the thematic centre's expert go it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from judging import Watch, judge
from playwright.sync_api import Browser, Page, expect

from excudit.sandbox.datacite import Registry
from excudit.sandbox.quince import Cruise, QuinCe
from quince_station import Station, until
from registries import OTHER, REPO

PATIENCE_MS = 60_000
NAME = "26NA20050107"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """The service; drafts begin by themselves."""
    place = tmp_path_factory.mktemp("quince")
    with QuinCe() as quince, Registry(index_lag_s=0, accounts=(REPO, OTHER)) as registry:
        quince.add(Cruise(NAME, traps=True))
        quince.add(Cruise("77FF20190402", code="77FF", rows=300), id_=102)
        made = Station(place, quince, registry, intake="draft")
        yield made
        made.close()


@pytest.fixture
def browse(chromium: Browser, station: Station) -> Iterator[Callable[[str], Page]]:
    """Pages of people, each in a context of its own."""
    contexts, watches = [], []

    def opened(name: str) -> Page:
        context = chromium.new_context(base_url=station.url, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([station.cookie(name)])  # type: ignore[list-item]
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page))
        return page

    yield opened
    for context in contexts:
        context.close()
    heard = [words for watch in watches for words in watch.heard]
    assert not heard, "the console told of errors:\n" + "\n".join(heard)


def _opened(page: Page, words: str) -> None:
    """Wait until a draft begun by itself stands on the desk, and open it."""

    def there() -> bool:
        page.goto("/desk")
        return page.get_by_role("link", name=words).count() > 0

    until(there, f"{words} never comes to the desk")
    page.get_by_role("link", name=words).first.click()


def test_a_dataset_goes_from_qc_complete_to_exported(
    station: Station, browse: Callable[[str], Page]
) -> None:
    ola, eva = browse("ola"), browse("eva")
    _opened(ola, NAME)
    expect(ola.get_by_text("QC Complete").first).to_be_visible()
    key = ola.url.rpartition("/")[2]
    ola.get_by_role("button", name="Submit for checking").first.click()
    station.reaches(key, "in_review")

    eva.goto(f"/publications/{key}/data")
    expect(eva.get_by_text("Expert check").first).to_be_visible()
    for title in ("Track", "fCO₂", "temperature", "Salinity"):
        expect(eva.get_by_role("img", name=title).first).to_be_visible()
    for picture in eva.get_by_role("img").all():
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    eva.get_by_text("Table: Flags, in rows").click()
    row = eva.get_by_role("row", name="fCO₂ in sea water")
    expect(row).to_contain_text("5 (1.0 %)")
    judge(eva)

    eva.goto(f"/publications/{key}/review")
    expect(eva.get_by_text("has no rows").first).to_be_visible()
    expect(eva.get_by_role("link", name="Approve for export")).to_be_visible()
    eva.get_by_role("link", name="Reject").click()
    eva.get_by_label("Reason").fill("The temperature sensor drifts after noon.")
    eva.get_by_role("button", name="Reject").click()
    assert station.reaches(key, "changes_requested")

    ola.goto(f"/publications/{key}")
    expect(ola.get_by_text("Ready for QC").first).to_be_visible()
    expect(ola.get_by_text("The temperature sensor drifts after noon.").first).to_be_visible()
    expect(ola.get_by_role("link", name="Manual export")).to_have_count(0)
    station.quince.recalculate()
    ola.get_by_role("button", name="Submit for checking").first.click()
    station.reaches(key, "in_review")

    eva.goto(f"/publications/{key}/review")
    eva.get_by_role("link", name="Approve for export").click()
    eva.get_by_role("button", name="Approve").click()
    station.reaches(key, "published")
    assert station.quince.status() == 140
    ola.goto(f"/publications/{key}")
    expect(ola.get_by_text("Exported").first).to_be_visible()
    expect(ola.get_by_role("button", name="Archive")).to_be_visible()


def test_a_copy_is_downloaded_by_format(station: Station, browse: Callable[[str], Page]) -> None:
    aino = browse("aino")
    _opened(aino, "77FF20190402")
    key = aino.url.rpartition("/")[2]
    expect(aino.get_by_role("button", name="Automatic export").first).to_be_visible()
    aino.get_by_role("link", name="Manual export").click()
    judge(aino)
    with aino.expect_download() as fetched:
        aino.get_by_role("link", name="77FF20190402.tsv").click()
    first = Path(fetched.value.path()).read_text().splitlines()[0]
    assert first.startswith("date time\tlongitude [ deg E ]")
    with aino.expect_download() as fetched:
        aino.get_by_role("link", name="Download everything as a ZIP").click()
    assert fetched.value.suggested_filename == "77FF20190402.zip"
    aino.goto(f"/publications/{key}")
    aino.get_by_role("button", name="Automatic export").first.click()
    # Nobody looks at it after her: the page says what becomes public first.
    aino.get_by_role("button", name="Submit, publish and register the DOI").click()
    station.reaches(key, "published")
    assert station.quince.status(102) == 140
