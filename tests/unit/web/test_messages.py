"""Every visible word comes from a catalogue, and the catalogue knows them all."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient

from excudit.domain.sentence import Sentence
from excudit.web import create_app
from web_house import House

ROOT = Path(__file__).parent.parent.parent.parent
LANGUAGE = "tlh"
# What has no language: names, times, code, keys, and what the site calls itself.
SILENT = ("bdi", "time", "code", "kbd", "script", "style", "textarea", "input")
SHOWN = ("aria-label", "title", "placeholder", "alt", "content")
NO_WORDS = re.compile(r"excudit|UTC|\bk?B\b|Example Repository|[^A-Za-z]+")


@pytest.fixture(scope="module")
def extraction() -> Iterator[Any]:
    """The program behind `make messages`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "messages"))
        import extract

        yield extract
    sys.modules.pop("extract")


def test_the_catalogue_is_of_today(extraction: Any) -> None:
    with extraction.TEMPLATE.open("rb") as file:
        kept = {m.id for m in read_po(file) if m.id}
    today = {m.id for m in extraction.template() if m.id}
    assert kept == today, "run `make messages` and commit what it writes"


def test_no_message_holds_html_or_a_lone_percent_sign(extraction: Any) -> None:
    for message in extraction.found():
        text = message if isinstance(message, str) else " ".join(message)
        assert not re.search(r"<[a-z/]", text), text
        assert not re.search(r"%(?!\(\w+\)[sd]|%)", text), text


@pytest.fixture(scope="module")
def catalogues(extraction: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a language in which every word stands in brackets."""
    catalogue = Catalog(locale="en", charset="utf-8")
    for message in extraction.found():
        words = (message,) if isinstance(message, str) else message
        marked = tuple(f"⟦{w}⟧" for w in words)
        catalogue.add(message, marked[0] if isinstance(message, str) else marked)
    folder = tmp_path_factory.mktemp("catalogues")
    place = folder / LANGUAGE / "LC_MESSAGES" / "excudit.mo"
    place.parent.mkdir(parents=True)
    with place.open("wb") as file:
        write_mo(file, catalogue)
    return folder


@pytest.fixture
def translated(house: House, catalogues: Path) -> House:
    """The same service in that language."""
    site = house.parts.settings.site.model_copy(
        update={"language": LANGUAGE, "catalogues": str(catalogues)}
    )
    settings = house.parts.settings.model_copy(update={"site": site})
    return replace(house, parts=replace(house.parts, settings=settings))


def untranslated(html: str) -> list[str]:
    """Visible texts of a page that are in no brackets."""
    return [text for text in map(_outside, _visible(html)) if NO_WORDS.sub("", text)]


def _visible(html: str) -> Iterator[str]:
    page = lxml.html.document_fromstring(html)
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        silent = element.tag in SILENT or any(a.tag in SILENT for a in element.iterancestors())
        if element.text and not silent:
            yield element.text
        outside = any(a.tag in SILENT for a in element.iterancestors())
        if element.tail and not outside:
            yield element.tail
        if element.tag != "meta":
            yield from (element.get(name, "") for name in SHOWN)


def _outside(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return text.strip()


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/mine", "/desk/mine?state=draft&title=none", "/help", "/nowhere"]
)
@pytest.mark.parametrize("role", ["", "admin"])
def test_pages_of_people_who_are_signed_in_are_translated(
    path: str, role: str, translated: House
) -> None:
    translated.opened()
    for state in ("draft", "in_review", "approved", "changes_requested", "publishing"):
        translated.opened(state=state, published_at=None, page_open=False, doi="", reviewer="carl")
    headers, _ = translated.signed_in("ada", *filter(None, [role]))
    answer = TestClient(create_app(translated.parts)).get(path, headers=headers)
    assert f'<html lang="{LANGUAGE}">' in answer.text
    assert "⟦" in answer.text
    assert untranslated(answer.text) == []


@pytest.mark.parametrize("path", ["/", "/sign-in", "/help", "/accessibility", "/nowhere", "/desk"])
def test_pages_of_strangers_are_translated(path: str, translated: House) -> None:
    answer = TestClient(create_app(translated.parts)).get(path)
    assert "⟦" in answer.text
    assert untranslated(answer.text) == []


def test_what_python_says_is_translated_with_its_values_where_it_is_shown(
    translated: House,
) -> None:
    made = translated.opened(state="draft", published_at=None, page_open=False, doi="")
    web = TestClient(create_app(translated.parts))
    headers, csrf = translated.signed_in("ada")
    here = f"/publications/{made.id}"
    page = web.get(here, headers=headers).text
    assert "⟦⟦Return⟧ is possible in ⟦⟦In review⟧ or ⟦Approved⟧⟧; this is ⟦Draft⟧.⟧" in page
    wrong = {"csrf": csrf, "date": "2001-01-01", "time": "00:00"}
    answer = web.post(f"{here}/schedule", headers=headers, data=wrong)
    assert "⟦2001-01-01 00:00 UTC is in the past.⟧ ⟦Choose a moment" in answer.text
    reserved = f"{here}/edit/reserve"
    web.post(reserved, headers=headers, data={"csrf": csrf}, follow_redirects=False)
    said = web.get(here, headers=headers)
    assert "⟦10.5072/alpha is reserved for this draft. It does not resolve yet.⟧" in said.text


def test_pieces_of_sentences_are_no_messages(extraction: Any) -> None:
    known = extraction.found()
    assert "There is no export %(form)s." in known
    assert "It is published already; nothing was done twice." in known
    assert not [m for m in known if isinstance(m, str) and m.startswith((" ", ", "))]


def test_a_page_says_when_it_is_not_translated() -> None:
    assert untranslated("<p>⟦Draft⟧ <bdi>Ada</bdi> by</p><a title='Go'>⟦a ⟦b⟧⟧</a>") == ["by", "Go"]


def test_a_language_without_a_catalogue_is_refused_with_what_to_do(house: House) -> None:
    from excudit.domain.errors import NotFound
    from excudit.web.rendering import templates

    with pytest.raises(NotFound, match="no catalogue of words for the language 'xx'") as told:
        templates("xx")
    assert "site.catalogues" in told.value.hint


@pytest.mark.parametrize("written", ["<b>100 %</b>", 'it\'s 5 % of "all"', "a & b %d %s", "%%"])
def test_words_of_others_stay_words_even_where_a_message_was_expected(written: str) -> None:
    from excudit.web.rendering import templates

    page = templates("en").from_string("<p>{{ _(x) }}</p><p>{{ x | spoken }}</p>").render(x=written)
    _, expected = lxml.html.document_fromstring(page).xpath("//p")
    assert expected.text_content() == written
    first = lxml.html.document_fromstring(page).xpath("//p")[0]
    assert first.text_content() == written.replace("%%", "%")
    assert len(first) == 0


def test_values_of_a_sentence_are_words_of_others() -> None:
    from excudit.web.rendering import templates

    said = Sentence("“%(name)s” is gone", name="<b> %(x)s 5 %")
    page = templates("en").from_string("{{ _(x) }}|{{ x | spoken }}").render(x=said)
    assert page == "|".join(["“&lt;b&gt; %(x)s 5 %” is gone"] * 2)


def test_a_catalogue_with_a_wrong_place_falls_back_to_english() -> None:
    class Wrong(NullTranslations):
        def gettext(self, message: str) -> str:
            return "%(other)s" if message == "There is no %(name)s." else message

    from excudit.web.rendering import _spoken

    assert _spoken(Wrong(), Sentence("There is no %(name)s.", name="x")) == "There is no x."


def test_values_in_a_message_are_escaped_once() -> None:
    from excudit.web.rendering import templates

    page = templates("en").from_string("{{ _('by “%(name)s” & co', name=x) }}")
    assert page.render(x="<A & B>") == "by “&lt;A &amp; B&gt;” &amp; co"
