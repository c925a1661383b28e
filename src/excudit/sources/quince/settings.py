"""The settings of a `quince` source."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from excudit.settings import Secret, Strict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Author(Strict):
    """A person who is cited. `name`: "Family, Given". `orcid`: the identifier alone."""

    name: str = Field(min_length=1, max_length=200)
    orcid: str = Field(default="", pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$")
    affiliation: str = Field(default="", max_length=200)


class Platform(Strict):
    """One ship, buoy or fixed station, by its platform code.

    `name`: what people call it. `type`: as SOCAT says it. `category`: of the ICES platform classes
    (31 research vessel, 32 ship of opportunity, 3B drone, 41 mooring …). `call_sign`: of the ship.
    `station`: its address at the Carbon Portal. `submitter`: the id under which data are submitted
    there. `network`: whether it is a station of the network. `group`: which routes take its
    datasets (`groups` of a route). `nrt_group`: likewise for near-real-time data, "" = the same.
    `instruments`: names of instruments in QuinCe whose datasets do not begin with the platform's
    code. `owners`: accounts that own and see its datasets, the first one owns what begins by
    itself; none = everybody sees them. `authors`: who is cited.
    """

    name: str = Field(min_length=1, max_length=200)
    type: Literal["Ship", "Mooring", "Drifting Buoy", "Autonomous Surface Vehicle", "Other"] = (
        "Ship"
    )
    category: str = ""
    call_sign: str = ""
    station: str = ""
    submitter: str = ""
    network: bool = True
    group: str = ""
    nrt_group: str = ""
    instruments: list[str] = Field(default_factory=list)
    owners: list[str] = Field(default_factory=list)
    authors: list[Author] = Field(default_factory=list)


class Ranges(Strict):
    """What a value has to lie between to be believed: fCO2 in µatm, sea surface temperature in
    °C, salinity in PSU. Flagged 2 and outside is a warning."""

    fco2: tuple[float, float] = (80.0, 1200.0)
    temperature: tuple[float, float] = (-2.5, 40.0)
    salinity: tuple[float, float] = (0.0, 45.0)


class QuinceSettings(Strict):
    """The table `[sources.NAME]` with `kind = "quince"`.

    `url`: of the server, without "/api". `username`: an account there with the API permission.
    `password`: its password. `folder`: durable storage for packages, the same for web and workers.
    `platforms`: by platform code; a dataset of any other platform is a problem that people see.
    `formats`: what each package has to hold, with rows. `ranges`: between what values are believed.
    `max_files`: entries in one package. `max_gb`: gigabytes (10⁹ bytes) of one package, unpacked.
    `max_ratio`: how much larger a file may be than its packed form. `renew_s`: seconds between two
    touches of a claim; QuinCe takes it back after 30 minutes. `timeout_s`: seconds to wait for a
    piece of an answer: QuinCe builds a package before it sends the first byte.
    """

    url: str
    username: str
    password: Secret
    folder: Path
    platforms: dict[str, Platform] = Field(default_factory=dict)
    formats: list[str] = Field(default_factory=lambda: ["ICOS OTC", "SOCAT"])
    ranges: Ranges = Ranges()
    max_files: int = Field(20_000, ge=3)
    max_gb: float = Field(20.0, gt=0)
    max_ratio: float = Field(200.0, ge=10)
    renew_s: float = Field(300.0, gt=0, le=600)
    timeout_s: float = Field(600.0, gt=0)

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise ValueError("give the account in `username` and `password`, not in the address")
        loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
        if parts.scheme == "https" or loopback:
            return url.rstrip("/")
        raise ValueError("an https:// address is needed (http:// on this machine only)")
