"""The table of an InvenioRDM or Zenodo target in excudit.toml."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from excudit.settings import Secret, Strict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class InvenioSettings(Strict):
    """One account at one InvenioRDM instance.

    `url`: of the instance; Zenodo and its sandbox are two targets with a token each. `dialect`:
    "rdm", the records API of every InvenioRDM, or "zenodo-legacy", Zenodo's older deposit API.
    `token`: a personal access token with deposit:write and deposit:actions. `publisher`: what
    records name as their publisher, "" = what our own record names. `default_license`: the SPDX
    identifier for records that name no licence, "" = such a record is refused. `community`: the
    slug or UUID of a community that reviews what is submitted, "" = published directly; rdm only.
    `ror`: affiliations are sent with their ROR identifiers; the instance must know them.
    `max_files`: how many files one record may have. `max_gb`: gigabytes (10⁹ bytes) that one
    record may have. `multipart_above_mb`: megabytes above which a file goes in parts where the
    instance takes them, 0 = never; rdm only. `part_mb`: megabytes of one part. `find_lag_s`:
    seconds until lists show a new draft for sure. `publish_lag_s`: seconds in which a publication
    without an answer may still happen. `doi_url`: a DataCite API that is asked whether a DOI is
    findable, "" = it is not asked, as for test prefixes. `per_second`: requests at most for all
    workers together, 0 = no limit but the server's own. `timeout_s`: seconds to wait for an
    answer; publishing gets five times as long, uploads what their size needs.
    """

    url: str = "https://zenodo.org"
    dialect: Literal["rdm", "zenodo-legacy"] = "rdm"
    token: Secret
    publisher: str = ""
    default_license: str = ""
    community: str = ""
    ror: bool = False
    max_files: int = Field(100, ge=1)
    max_gb: float = Field(50.0, gt=0)
    multipart_above_mb: int = Field(0, ge=0)
    part_mb: int = Field(64, ge=1)
    find_lag_s: float = Field(60.0, ge=0)
    publish_lag_s: float = Field(300.0, ge=0)
    doi_url: str = ""
    per_second: float = Field(1.5, ge=0)
    timeout_s: float = Field(60.0, gt=0)

    @field_validator("url", "doi_url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise ValueError("give the account's token in `token`, not in the address")
        loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not url or parts.scheme == "https" or loopback:
            return url.rstrip("/")
        raise ValueError("an https:// address is needed (http:// on this machine only)")

    @model_validator(mode="after")
    def _reviewed_by_the_records_api_only(self) -> InvenioSettings:
        if self.community and self.dialect != "rdm":
            raise ValueError('reviews by a community need dialect = "rdm"')
        return self
