"""Reading the small files that speak of a dataset."""

from __future__ import annotations

from excudit.storage.roots import open_below


def peek(fd: int, name: str, most: int) -> bytes | None:
    """At most `most` bytes of the file below the folder open at `fd`.

    None when there is no such file, or none that can be read; no link is followed.
    """
    try:
        with open_below(fd, name) as file:
            return file.read(most)
    except OSError:
        return None
