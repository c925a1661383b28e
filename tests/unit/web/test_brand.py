"""A site's own logo and colour: on every page, harmless, and refused when nobody could read it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from excudit.domain.colours import AA, DARK_GROUNDS, LIGHT_GROUNDS, contrast, lightened
from excudit.domain.errors import Rejected
from excudit.service.mail import EVENTS, compose
from excudit.settings import Site
from excudit.web import brand, create_app
from web_house import House

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60


def branded(house: House, **site: Any) -> TestClient:
    settings = house.parts.settings
    own = Site.model_validate({**settings.site.model_dump(), **site})
    parts = replace(house.parts, settings=settings.model_copy(update={"site": own}))
    return TestClient(create_app(parts), base_url="https://data.example.org")


def pages(house: House, web: TestClient) -> list[str]:
    headers, _ = house.signed_in("ada")
    found = house.opened()
    public = [web.get(p, headers={"accept": "text/html"}).text for p in ("/", f"/d/{found.slug}")]
    return [*public, web.get("/desk", headers=headers).text, web.get("/nowhere").text]


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [("logo.svg", SVG, "image/svg+xml"), ("logo.txt", PNG, "image/png")],
)
def test_the_logo_stands_on_every_page_with_its_right_type_and_runs_nothing(
    house: House, tmp_path: Path, name: str, body: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(body)
    web = branded(house, logo=str(tmp_path / name), logo_alt="Institute <of> the Sea")
    for page in pages(house, web):
        header = page[page.index("<header") : page.index("</header>")]
        assert 'alt="Institute &lt;of&gt; the Sea"' in header
        (address,) = re.findall(r'<img class="logo" src="([^"]+)"', header)
    answer = web.get(address)
    assert (answer.headers["content-type"].partition(";")[0], answer.content) == (kind, body)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_without_words_of_its_own_the_logo_stands_beside_the_name(
    house: House, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    page = pages(house, branded(house, logo=str(tmp_path / "logo.png")))[0]
    assert re.search(r'<img class="logo"[^>]* alt=""><span>Example Repository</span></a>', page)


@pytest.mark.parametrize("body", [b"<html></html>", b"%PDF-1.7", b"", PNG + b"x" * 100_001, None])
def test_what_is_no_small_picture_is_refused_when_the_service_starts(
    house: House, tmp_path: Path, body: bytes | None
) -> None:
    if body is not None:
        (tmp_path / "logo.svg").write_bytes(body)
    with pytest.raises(Rejected):
        branded(house, logo=str(tmp_path / "logo.svg"))


def test_the_colour_is_on_pages_and_in_mails_in_light_and_dark(house: House) -> None:
    web = branded(house, colour="#005f56")
    own = Site(colour="#005f56", base_url="https://data.example.org")
    for page in pages(house, web):
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        assert len(sheets) == 2
    style = web.get(sheets[1])
    assert style.headers["content-type"].startswith("text/css")
    assert "--accent: #005f56" in style.text
    assert own.accents[1] in style.text
    context = {k.name: k.example for k in EVENTS["invited"].keys}
    context |= {"title": "A", "link": "/publications/1", "why": "you"}
    made = compose("invited", context, site=own, recipient="ada@example.org")
    assert "background: #005f56" in made.html
    assert f"background: {own.accents[1]}" in made.html
    assert "#0b5394" not in made.html
    assert web.get("/static/brand/none.css").status_code == 404


@pytest.mark.parametrize("colour", ["#005f56", "#8c2a1e", "#000000", "#4b0082"])
def test_the_dark_twin_of_a_colour_can_be_read(colour: str) -> None:
    assert min(contrast(lightened(colour, DARK_GROUNDS), g) for g in DARK_GROUNDS) >= AA


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "#ffcc00"},
        {"colour": "teal"},
        {"colour": "#12345"},
        {"colour": "#005f56;}body{"},
        {"colour": "#005f56", "colour_dark": "#005f56"},
        {"colour_dark": "#8ec5ff"},
    ],
)
def test_a_colour_that_nobody_could_read_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="colour"):
        Site.model_validate(wrong)


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    assert contrast("#0b5394", "#0b5394") == 1


def test_the_grounds_that_are_judged_are_those_of_the_style_sheet() -> None:
    style = brand.assets.STYLE.body.decode()
    light, dark = style.split("@media (prefers-color-scheme: dark)")[:2]
    for name in ("paper", "sheet", "grave"):
        for text, grounds in ((light, LIGHT_GROUNDS), (dark, DARK_GROUNDS)):
            found = re.search(rf"--{name}: (#[0-9a-f]+)", text)
            assert found
            assert found[1] in grounds
