"""The code blocks of the documentation, and what each page says is done with them.

The line above a block tells: `% run` (its commands are run in order, in a fresh folder for each
page, and answer as shown, where "…" stands for anything), `% file: NAME` (written into that folder
first) or `% shown: REASON` (not run, and why).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(
    r"(?m)^(?:% (?P<mark>[^\n]*)\n)?```(?P<kind>[a-z]+)\n(?P<text>.*?)^```$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    page: str
    kind: str
    mark: str
    text: str

    @property
    def commands(self) -> Iterator[tuple[str, str]]:
        """Each command of a console block with the answer that is shown."""
        for part in re.split(r"(?m)^\$ ", self.text)[1:]:
            command, _, answer = part.partition("\n")
            yield command, answer


def pages() -> list[Path]:
    """Every page that people write."""
    made = ("_build", "_generated")
    return sorted(p for p in DOCS.rglob("*.md") if not set(made) & set(p.parts))


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    name = str(page.relative_to(DOCS))
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Block(name, m["kind"], m["mark"] or "", m["text"]) for m in found]


def every(kind: str) -> list[Block]:
    """All blocks of a kind, on all pages."""
    return [block for page in pages() for block in blocks(page) if block.kind == kind]
