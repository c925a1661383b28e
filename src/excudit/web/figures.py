"""Figures as people read them, the same on all pages."""

from __future__ import annotations


def size(number: int) -> str:
    """Bytes in decimal units: "1.2 MB"."""
    if number < 1000:
        return f"{number} B"
    value = float(number)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        value /= 1000
        if value < 999.5 or unit == "PB":
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"


def count(number: int, what: str) -> str:
    """ "1 file", "20,000 files"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
