"""Colours as #rrggbb, and whether they can be read (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

AA = 4.5
"""The least contrast of text with its ground."""
LIGHT_GROUNDS = ("#ffffff", "#fdfcf8", "#f5f2ea", "#f8e9e5", "#f3f5f6")
"""What text stands on in pages and mails, where they are light."""
DARK_GROUNDS = ("#171614", "#211f1c", "#38211c", "#171d22", "#0e1215")
_FORM = re.compile(r"#[0-9a-fA-F]{6}")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def is_readable(colour: str, grounds: Iterable[str]) -> bool:
    """Whether text of this colour can be read on each of these grounds."""
    return all(contrast(colour, ground) >= AA for ground in grounds)


def refusal(colour: str, grounds: tuple[str, ...]) -> str:
    """Why this cannot be the colour of text on these grounds, as a sentence; "" when it can."""
    if not _FORM.fullmatch(colour):
        return f"{colour[:20]!r} is no colour; write it as #rrggbb, such as #0b5394"
    if is_readable(colour, grounds):
        return ""
    worst = min(grounds, key=lambda ground: contrast(colour, ground))
    return (
        f"{colour} on {worst} has a contrast of {contrast(colour, worst):.1f}:1; "
        f"text needs {AA}:1 (WCAG 2.2 AA)"
    )


def lightened(colour: str, grounds: Iterable[str]) -> str:
    """The nearest lighter colour of the same hue that can be read on these dark grounds."""
    grounds = tuple(grounds)
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    for step in range(101):
        found = "#" + "".join(f"{round(p + (255 - p) * step / 100):02x}" for p in parts)
        if is_readable(found, grounds):
            break
    return found
