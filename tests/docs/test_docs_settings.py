"""Every setting is explained, in the reference and in the example, and every example loads."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from docs_pages import DOCS, ROOT, Block, every
from pydantic import BaseModel

from excudit.settings import Plugged, Settings, load

EXAMPLE = ROOT / "excudit.example.toml"


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The renderer of the settings page."""
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    from reference import configuration

    return configuration


def test_the_reference_explains_every_setting_and_no_other(reference: Any) -> None:
    for title, model in reference.models().items():
        told = reference.explanations(model)
        assert set(told) == set(model.model_fields), title
        assert all(words.endswith(".") for words in told.values()), title


def test_the_page_shows_every_table_with_its_plug_ins(reference: Any) -> None:
    text = reference.text()
    assert '[sources.NAME] with kind = "folder"' in text
    assert '[targets.NAME] with kind = "datacite"' in text


def test_the_example_loads() -> None:
    assert load(EXAMPLE).routes


def test_the_example_names_every_setting(reference: Any) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)^(?:# )?([a-z_][a-z0-9_]*) = ", text)) | {"env", "file"}
    named |= set(re.findall(r"(?m)^(?:# )?\[[a-z]+\.([a-z_]+)\]", text))
    for title, model in reference.models().items():
        assert set(model.model_fields) <= named, title


def test_the_example_shows_the_defaults_where_it_says_so() -> None:
    shown = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    defaults = Settings().model_dump(mode="json")
    assert {k: shown["service"][k] for k in shown["service"]} == {
        k: defaults["service"][k] for k in shown["service"]
    }


@pytest.mark.parametrize("block", every("toml"), ids=lambda b: b.page)
def test_configurations_on_the_pages_are_right(block: Block, reference: Any) -> None:
    tables = tomllib.loads(block.text)
    kinds = reference.models()
    for room in ("sources", "targets"):
        for table in tables.get(room, {}).values():
            model: type[BaseModel] | None = kinds.get(
                f'[{room}.NAME] with kind = "{table["kind"]}"'
            )
            if model is not None:
                model.model_validate(Plugged.model_validate(table).own())
    if set(tables.get("routes", {})) and "sources" not in tables:
        tables = {
            **tables,
            "sources": {"folders": {"kind": "folder"}},
            "targets": {"datacite": {"kind": "datacite"}},
        }
    Settings.model_validate(tables)
