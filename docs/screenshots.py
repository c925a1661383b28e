"""Take the pictures of the pages anew: `make screenshots`, needs Chromium.

A real service is filled with the sample datasets, looked at with a browser, and ended; the pictures
land in docs/images/pages as WebP, which the browser itself writes.
"""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from browser_house import BrowserHouse
from playwright.sync_api import Browser, sync_playwright

from excudit.domain.publication import Publication
from excudit.sandbox.datacite import Registry
from excudit.sandbox.smtp import Mailbox
from excudit.service import (
    assigning,
    basket,
    beginnings,
    drafts,
    labels,
    probing,
    suggestions,
    talk,
    verbs,
)
from registries import OTHER, REPO

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "images" / "pages"
SAMPLES = ROOT / "src" / "excudit" / "sandbox" / "samples"
REVIEWED = "reviewed"
QUALITY = 80
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE, PHONE = 1180, 390


@dataclass(frozen=True, slots=True)
class Picture:
    """One page: its name, who looks, and how; `height` px cut what is longer."""

    name: str
    who: str
    path: str
    height: int = 820
    width: int = WIDE
    scheme: str = "light"


class Stories:
    """What the pictures show: a service in the middle of its work."""

    def __init__(self, house: BrowserHouse) -> None:
        self.house, self.parts = house, house.parts

    def tell(self) -> dict[str, str]:
        """Publications in many states; their ids by name."""
        self._curators()
        ids = {
            "published": self._published(self._copied("shelf-transect")),
            "draft": self._draft(self._copied("harbour-tides")).id,
            "returned": self._returned(self._copied("plankton-nets")),
            "review": self._second_round(self._copied("moored-chain")),
            "approved": self._approved(self._copied("surface-co2")),
        }
        self._queue()
        self._basket()
        probing.look(self.parts, probing.names(self.parts))
        ids["waiting"] = self.house.waiting(
            "Ice cover of the fjord from webcams, winter 2023/24"
        ).id
        return ids

    def _copied(self, name: str) -> Path:
        return Path(shutil.copytree(SAMPLES / name, self.house.roots / name))

    def _draft(self, place: Path, owner: str = "ada") -> Publication:
        return beginnings.create(self.parts, self.house.actor(owner), REVIEWED, str(place))

    def _submitted(self, place: Path, owner: str = "ada") -> str:
        made = self._draft(place, owner)
        verbs.submit(self.parts, self.house.actor(owner), made.id)
        return self.house.reaches(made.id, "in_review").id

    def _approved(self, place: Path) -> str:
        key = self._submitted(place)
        verbs.approve(self.parts, self.house.actor("rita"), key)
        return self.house.reaches(key, "approved").id

    def _published(self, place: Path) -> str:
        key = self._approved(place)
        verbs.publish(self.parts, self.house.actor("ada"), key)
        return self.house.reaches(key, "published").id

    def _returned(self, place: Path) -> str:
        key = self._submitted(place)
        verbs.turn_down(
            self.parts, self.house.actor("rita"), key, "return", "Please say which mesh was used."
        )
        return self.house.reaches(key, "changes_requested").id

    def _second_round(self, place: Path) -> str:
        key, rita, ada = self._submitted(place), self.house.actor("rita"), self.house.actor("ada")
        carl = self.house.actor("carl")
        about = "/descriptions/0/description"
        talk.comment(self.parts, rita, key, "Which sensors were on the chain?", field=about)
        verbs.turn_down(self.parts, rita, key, "return", "Please name the sensors.")
        found = self.house.reaches(key, "changes_requested")
        record = {**found.record, "titles": [{"title": "Temperature along the moored chain M3"}]}
        record["descriptions"] = [
            {
                "description": "Daily means of temperature at five depths, by five SBE 56 sensors.",
                "descriptionType": "Abstract",
            }
        ]
        drafts.save(self.parts, ada, key, lambda _: record)
        talk.comment(self.parts, ada, key, "Five SBE 56; the abstract says so now.", field=about)
        verbs.submit(self.parts, ada, key)
        self.house.reaches(key, "in_review")
        words = "Temperature along the moored chain M3, January 2024"
        suggestions.suggest(self.parts, carl, key, "/titles/0/title", words, "With the month.")
        return key

    def _queue(self) -> None:
        rita, carl = self.house.actor("rita"), self.house.actor("carl")
        titles = (
            "Bottom trawl catches, Barents Sea survey 2023",
            "Nitrate and silicate along section K, 2022–2024",
            "Otoliths of cod, read by two readers",
        )
        keys = [self.house.in_review(title, owner="bea").id for title in titles]
        assigning.claim(self.parts, rita, keys[0])
        assigning.claim(self.parts, carl, keys[1])
        labels.put(self.parts, carl, keys[1], "Files checked")

    def _curators(self) -> None:
        carl = self.house.actor("carl")
        labels.define(self.parts, carl, "Files checked", "All files open and have units.")
        labels.define(self.parts, carl, "Waits for a licence", "The owner asks their institution.")

    def _basket(self) -> None:
        free = [str(self._copied("beach-litter"))]
        free += [
            str(self.house.dataset(t))
            for t in ("Wave heights at buoy 4, 2024", "Wind at the lighthouse, 2020–2024")
        ]
        basket.add(self.parts, self.house.actor("ada"), "folders", free[:2])
        basket.count_files(self.parts, self.house.actor("ada"))


def pictures(ids: dict[str, str]) -> Sequence[Picture]:
    """What is taken, in the order of a publication's life."""
    at = {name: f"/publications/{key}" for name, key in ids.items()}
    return (
        Picture("sign-in", "", "/sign-in", 560),
        Picture("desk", "ada", "/desk", 1000),
        Picture("desk-phone", "ada", "/desk", 844, PHONE),
        Picture("picker", "ada", f"/publications/new/{REVIEWED}", 900),
        Picture("basket", "ada", "/basket", 620),
        Picture("form", "ada", f"{at['draft']}/edit/people", 900),
        Picture("form-phone-dark", "ada", f"{at['draft']}/edit", 844, PHONE, "dark"),
        Picture("returned", "ada", at["returned"], 820),
        Picture("publishing", "ada", at["waiting"], 1060),
        Picture("published", "ada", at["published"], 1000),
        Picture("queue", "rita", "/queue", 820),
        Picture("review", "rita", f"{at['review']}/review", 1000),
        Picture("review-dark", "rita", f"{at['review']}/review", 1000, WIDE, "dark"),
        Picture("publish", "ada", f"{at['approved']}/publish", 1060),
        Picture("schedule", "ada", f"{at['approved']}/schedule", 620),
        Picture("operations", "adam", "/operations", 1000),
        Picture("audit", "adam", "/audit", 820),
        Picture("account", "ada", "/account", 900),
    )


def take(browser: Browser, house: BrowserHouse, picture: Picture) -> bytes:
    """The picture as WebP: the top of the page, `height` px at most."""
    context = browser.new_context(
        base_url=house.url,
        viewport={"width": picture.width, "height": 600},
        color_scheme=picture.scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        locale="en-GB",
    )
    if picture.who:
        context.add_cookies([house.cookie(picture.who)])  # type: ignore[list-item]
    page = context.new_page()
    answer = page.goto(picture.path)
    assert answer is not None
    assert answer.ok, f"{picture.name}: {answer.status}"
    length = int(
        page.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    )
    page.set_viewport_size({"width": picture.width, "height": min(length, picture.height)})
    taken = context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
    )
    if folder := os.environ.get("EXCUDIT_PICTURES_PNG"):
        page.screenshot(path=Path(folder) / f"{picture.name}.png")
    context.close()
    return base64.b64decode(taken["data"])


def main() -> None:
    """Fill a service, look, write."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    chromium = os.environ.get("EXCUDIT_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), ""
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="excudit-") as folder,
        Registry(Path(folder) / "registry.db", index_lag_s=0, accounts=(REPO, OTHER)) as registry,
        Mailbox(Path(folder) / "mailbox") as mailbox,
        sync_playwright() as playwright,
    ):
        house = BrowserHouse(Path(folder) / "house", registry, mailbox)
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in pictures(Stories(house).tell()):
            place = PICTURES / f"{picture.name}.webp"
            place.write_bytes(take(browser, house, picture))
            print(f"{place.relative_to(ROOT)}  {place.stat().st_size // 1000} kB")
        house.desk.mend()
        browser.close()
        house.close()


if __name__ == "__main__":
    main()
