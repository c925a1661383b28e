"""Tables in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MARKUP = re.compile(r"([\\*_<>\[\]])")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown of one line."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in row) + " |" for row in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or " "


def plain(text: str) -> str:
    """Text as Markdown that shows exactly it, `code` excepted."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(p if p.startswith("`") else MARKUP.sub(r"\\\1", p) for p in parts)


def code(text: str) -> str:
    """Text as code."""
    return f"`{text}`" if text else ""
