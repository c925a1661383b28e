"""The generated pages hold what the program's own tables hold."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from docs_pages import DOCS

from excudit.cli import COMMANDS
from excudit.domain.errors import KINDS
from excudit.domain.lifecycle import STATE_WORDS, TRANSITIONS
from excudit.domain.permissions import PERMISSIONS, SCOPES, SITE
from excudit.metadata.rules import RULES
from excudit.service.mail import EVENTS


@pytest.fixture
def renderers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], str]]:
    """File → renderer, as Sphinx calls them."""
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    import reference

    return reference.RENDERERS


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("lifecycle.md", [t.action for t in TRANSITIONS]),
        ("errors.md", list(KINDS)),
        ("permissions.md", [p.action for p in PERMISSIONS]),
        ("permissions.md", [t.action for t in TRANSITIONS if t.roles != {"service"}]),
        ("permissions.md", list(SCOPES)),
        ("keyboard.md", ["Tab", "Esc"]),
        ("rules.md", list(RULES)),
        ("mails.md", list(EVENTS)),
        ("plans.md", ["freeze", "reserve.datacite", "publish.datacite"]),
        ("api.md", ["POST /api/v1/publications", "GET /api/v1/publications/{publication}"]),
    ],
)
def test_the_page_names_every_one(
    renderers: dict[str, Callable[[], str]], page: str, names: list[str]
) -> None:
    text = renderers[page]()
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_table_of_permissions_says_who_may_do_what_and_when(
    renderers: dict[str, Callable[[], str]],
) -> None:
    lines = renderers["permissions.md"]().splitlines()
    (approve,) = [line for line in lines if "`approve`" in line]
    cells = [cell.strip() for cell in approve.split("|")[2:-1]]
    allowed = {state: cell for state, cell in zip(STATE_WORDS, cells, strict=True) if cell}
    assert allowed == {"in_review": "R K A"}
    from reference import rights

    assert set(rights.SITE_WORDS) == set(SITE)


def test_every_command_is_on_its_page(renderers: dict[str, Callable[[], str]]) -> None:
    text = renderers["commands.md"]()
    assert [name for name in COMMANDS if f"## `excudit {name}" not in text] == []


def test_the_picture_has_a_row_for_each_state_and_an_arrow_for_each_change(
    renderers: dict[str, Callable[[], str]],
) -> None:
    drawn = ElementTree.fromstring(renderers["lifecycle.svg"]())
    words = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert words == {*STATE_WORDS.values(), *(t.label for t in TRANSITIONS)}
    arrows = list(drawn.iter("{http://www.w3.org/2000/svg}polygon"))
    assert len(arrows) == sum(len(t.before) for t in TRANSITIONS if t.after != "same")


def test_every_page_is_used(renderers: dict[str, Callable[[], str]]) -> None:
    pages = "".join(p.read_text(encoding="utf-8") for p in (DOCS / "reference").glob("*.md"))
    assert [name for name in renderers if f"_generated/{name}" not in pages] == []
