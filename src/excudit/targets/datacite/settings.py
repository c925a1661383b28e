"""The table of a DataCite target in excudit.toml."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, field_validator, model_validator

from excudit.settings import Secret, Strict

Prefix = Annotated[str, StringConstraints(pattern=r"^10\.\d{4,5}$")]
Domain = Annotated[str, StringConstraints(pattern=r"^(\*|(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$")]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TEST_SYSTEM = "api.test.datacite.org"


class DataCiteSettings(Strict):
    """One DataCite repository account.

    `url`: the REST API; the test system is another target with its own account and prefixes.
    `resolver_url`: where its DOIs resolve. `username`: the repository account, such as
    "PROVIDER.REPO". `password`: the account's password. `prefix`: for new DOIs. `older_prefixes`:
    DOIs under them may be amended and withdrawn; no other DOI is ever touched. `shoulder`: put in
    front of each suffix. `domains`: hosts to which DOIs may lead, as in the account's own
    `domains` setting: `*`, a host, or `*.suffix`. `per_second`: requests at most, 0 = no limit;
    DataCite allows 5 in production and 2 on its test system, per address, for all workers
    together. `timeout_s`: seconds to wait for an answer.
    """

    url: str = "https://api.datacite.org"
    resolver_url: str = "https://doi.org"
    username: str = Field(min_length=1)
    password: Secret
    prefix: Prefix
    older_prefixes: list[Prefix] = Field(default_factory=list)
    shoulder: str = Field("", pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$", max_length=64)
    domains: list[Domain] = Field(default_factory=lambda: ["*"], min_length=1)
    per_second: float = Field(5.0, ge=0)
    timeout_s: float = Field(30.0, gt=0)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """All prefixes under which a DOI may be touched."""
        return (self.prefix, *self.older_prefixes)

    @field_validator("url", "resolver_url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise ValueError("give the account in `username` and `password`, not in the address")
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
            return url.rstrip("/")
        raise ValueError("an https:// address is needed (http:// on this machine only)")

    @model_validator(mode="after")
    def _test_system_resolves_elsewhere(self) -> DataCiteSettings:
        if urlsplit(self.url).hostname == TEST_SYSTEM and self.resolver_url == "https://doi.org":
            raise ValueError(
                "DOIs of the test system do not resolve at doi.org;"
                ' set resolver_url = "https://handle.test.datacite.org"'
            )
        return self
