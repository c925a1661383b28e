"""The settings of an `assessment` source."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from excudit.settings import Secret, Strict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class CatServer(Strict):
    """A CAT server that assessments are fetched from.

    `url`: its address, below which `/v2/assessments/…` answers. `token`: sent as a bearer token.
    """

    url: str
    token: Secret | None = None

    @field_validator("url")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("an https:// address is due, or the token would travel in the open")
        return value.rstrip("/")


class AssessmentSettings(Strict):
    """The table `[sources.NAME]` with `kind = "assessment"`.

    `folder`: where documents are kept, for ever; the source's own. `license`: the SPDX identifier
    of the licence under which assessments are published. `publisher`: what records name as their
    publisher, "" = the site's name. `destination`: what descriptions say an assessment was
    published to. `largest_mb`: megabytes that a PDF may have. `cat`: a CAT server that assessments
    are fetched from; none = they are uploaded.
    """

    folder: Path
    license: str = Field("CC-BY-4.0", min_length=1)
    publisher: str = ""
    destination: str = "Zenodo"
    largest_mb: int = Field(50, ge=1, le=2000)
    cat: CatServer | None = None

    @model_validator(mode="after")
    def _absolute(self) -> AssessmentSettings:
        if not self.folder.is_absolute():
            raise ValueError("folder: give an absolute path, or it moves with the working folder")
        return self
