"""The table of a shelf in excudit.toml."""

from __future__ import annotations

from pydantic import Field, field_validator

from excudit.domain.errors import Unsupported
from excudit.settings import Strict
from excudit.storage.addresses import parse
from excudit.storage.bucket import S3Access


class ShelfSettings(Strict):
    """The table `[targets.NAME]` with `kind = "shelf"`.

    `root`: the curated area, a folder or "s3://bucket/prefix"; what is public stands directly in
    it, in a bucket below `public/`. `public_url`: where a stranger reads what is public ("" = only
    permissions are looked at). `mirrors`: further addresses at which the same must be readable.
    `look_at`: how many files of a publication are asked for at each address. `bagit`: published as
    a BagIt bag, the files below `data/`. `ro_crate`: with `ro-crate-metadata.json`. `fixity_days`:
    all files are read and compared again after so many days, 0 = only when asked. `s3`: how a
    bucket is reached.
    """

    root: str
    public_url: str = ""
    mirrors: list[str] = Field(default_factory=list)
    look_at: int = Field(50, ge=1, le=10_000)
    bagit: bool = False
    ro_crate: bool = False
    fixity_days: int = Field(0, ge=0, le=3650)
    s3: S3Access | None = None

    @field_validator("root")
    @classmethod
    def _is_address(cls, text: str) -> str:
        try:
            return parse(text).plain
        except Unsupported as error:
            raise ValueError(f"{error.message} {error.hint}") from error
