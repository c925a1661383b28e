"""Writes the reference pages from the same tables that the code runs by.

Each renderer gives one Markdown text (or SVG, or JSON); `setup` writes them to
`reference/_generated` before Sphinx reads the pages that include them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reference import api, commands, configuration, failures, life, plans, rights, rules

RENDERERS: dict[str, Callable[[], str]] = {
    "lifecycle.svg": life.picture,
    "lifecycle.md": life.tables,
    "permissions.md": rights.text,
    "keyboard.md": rights.keys,
    "plans.md": plans.text,
    "settings.md": configuration.text,
    "errors.md": failures.text,
    "rules.md": rules.rules,
    "mails.md": rules.mails,
    "commands.md": commands.text,
    "api.md": api.text,
    "openapi.json": api.document,
}


def write(folder: Path) -> None:
    """Write every generated file whose content changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, render in RENDERERS.items():
        place, text = folder / name, render()
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            place.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "reference" / "_generated"))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
