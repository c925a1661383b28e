"""Relative paths of files, as `FileEntry.path` writes them."""

from __future__ import annotations


def steps(path: str) -> list[str]:
    """The names that lead to the file. Raises ValueError for a path that leads out."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ValueError(f"not a path below a folder: {path!r}")
    return parts
