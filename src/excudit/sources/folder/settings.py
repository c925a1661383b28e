"""The settings of a `folder` source."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from excudit.settings import Strict


class FolderSettings(Strict):
    """The table `[sources.NAME]` with `kind = "folder"`.

    `roots`: only folders below these are ever looked into. `depth`: how many levels below a root
    `search` lists. `threads`: how many files are hashed at the same time (0 = one per core).
    `scratch`: where lists of files are kept while they are needed, about 150 bytes for each file
    ("" = the system's temporary folder). `write_back`: leave `excudit-publication.json` with the
    DOI in a folder when it was published.
    """

    roots: list[Path] = Field(min_length=1)
    depth: int = Field(1, ge=1, le=2)
    threads: int = Field(0, ge=0, le=256)
    scratch: Path | None = None
    write_back: bool = False
