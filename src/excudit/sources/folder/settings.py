"""The settings of a `folder` source."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from excudit.domain.errors import Unsupported
from excudit.settings import Strict
from excudit.storage.addresses import parse
from excudit.storage.bucket import S3Access


class FolderSettings(Strict):
    """The table `[sources.NAME]` with `kind = "folder"`.

    `roots`: only folders below these are ever looked into. `depth`: how many levels below a root
    `search` lists. `threads`: how many files are hashed at the same time (0 = one per core).
    `scratch`: where lists of files are kept while they are needed, about 150 bytes for each file
    ("" = the system's temporary folder). `write_back`: leave `excudit-publication.json` with the
    DOI in a folder when it was published. A root may be a prefix of a bucket
    ("s3://bucket/prefix"). `s3`: how a bucket is reached.

    `staging`: where folders move when they are submitted ("" = they stay where they are).
    `curated`: where they will go later, so that their names are reserved there, too ("" = nowhere).
    `owner_access`: what owners and others may still do in staging; with "write" a change sends the
    request back to review. `curators_group`: a POSIX group that may do everything there.

    `template`: the metadata template that folders are described by, "datacite" or the path of a
    JSON file; "" = none. `homes`: the folders directly below a root are homes and belong to the
    accounts of that name; only they see what is in them, so `depth` is 2 then.
    """

    roots: list[str | Path] = Field(min_length=1)
    depth: int = Field(1, ge=1, le=2)
    threads: int = Field(0, ge=0, le=256)
    scratch: Path | None = None
    write_back: bool = False
    staging: str = ""
    curated: str = ""
    owner_access: Literal["revoke", "read", "write"] = "revoke"
    curators_group: str = ""
    template: str = ""
    homes: bool = False
    s3: S3Access | None = None

    @field_validator("staging", "curated")
    @classmethod
    def _is_address(cls, text: str) -> str:
        try:
            return parse(text).plain if text else ""
        except Unsupported as error:
            raise ValueError(f"{error.message} {error.hint}") from error
