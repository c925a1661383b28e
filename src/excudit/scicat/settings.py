"""The settings that everything needs that speaks to a SciCat."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from excudit.settings import Secret, Strict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Reading(Strict):
    """A SciCat without an account: what every stranger sees there.

    `url`: the backend's address, without "/api/v3". `api`: "v4", "v3", or "" to find out.
    `timeout_s`: seconds to wait for an answer.
    """

    url: str
    api: Literal["", "v4", "v3"] = ""
    timeout_s: float = Field(30.0, gt=0)

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise ValueError("give the account in `username` and `password`, not in the address")
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
            return url.rstrip("/").removesuffix("/api/v3").removesuffix("/api/v4")
        raise ValueError("an https:// address is needed (http:// on this machine only)")


class Connection(Reading):
    """One account at one SciCat.

    `username`: a local or LDAP account. `password`: its password. `token`: a long-lived token
    instead of both, read anew for each request. `login`: how the account signs in. `page`: rows
    that one request of a list asks for. `per_second`: requests at most for all workers together,
    0 = no limit.
    """

    username: str = ""
    password: Secret | None = None
    token: Secret | None = None
    login: Literal["local", "ldap"] = "local"
    page: int = Field(100, ge=1, le=1000)
    per_second: float = Field(0, ge=0)

    @model_validator(mode="after")
    def _one_way_in(self) -> Connection:
        if bool(self.token) == bool(self.username and self.password):
            raise ValueError("give either `token`, or `username` and `password`")
        return self
