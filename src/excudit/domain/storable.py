"""What both databases keep, in a text or in JSON."""

from __future__ import annotations

import math
import re
from typing import Any

DEPTH = 32
"""How deeply a record may be nested; DataCite's own go to 7."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL characters and halves of surrogate pairs."""


def storable(tree: Any, depth: int = DEPTH) -> Any:
    """The tree, when a database can keep it. Raises ValueError."""
    if depth == 0:
        raise ValueError(f"nested more than {DEPTH} levels deep")
    if isinstance(tree, str) and UNSTORABLE.search(tree):
        raise ValueError("a text holds a NUL character or half a surrogate pair")
    if isinstance(tree, float) and not math.isfinite(tree):
        raise ValueError("a number is not finite")
    if isinstance(tree, int) and abs(tree) >= 2**63:
        raise ValueError("a number is too large")
    entries = [*tree, *tree.values()] if isinstance(tree, dict) else tree
    if isinstance(entries, list):
        for entry in entries:
            storable(entry, depth - 1)
    return tree
