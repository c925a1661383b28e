"""The settings of a `carbon_portal` target."""

from __future__ import annotations

from pydantic import Field

from excudit.settings import Secret, Strict


class CarbonPortalSettings(Strict):
    """The table `[targets.NAME]` with `kind = "carbon_portal"`.

    `auth_url`: where accounts sign in. `meta_url`: where metadata are registered and looked up.
    `data_url`: where the bytes go. `mail`: the account.
    `password`: its password. `submitter`: on whose behalf data are uploaded, where the platform
    names nobody. `creator`: the address of the organisation that produced the data. `format`: the
    table of the package that the portal takes. `specs`: object specifications by level and kind of
    station, such as {"L2": "…", "L2 fixed": "…"}, where they are others than ICOS's own. `licence`:
    the address of a licence, "" = the portal's. `per_second`: requests at most, 0 = no limit.
    `upload_s`: seconds to wait for the end of one upload.
    """

    auth_url: str = "https://cpauth.icos-cp.eu"
    meta_url: str = "https://meta.icos-cp.eu"
    data_url: str = "https://data.icos-cp.eu"
    mail: str
    password: Secret
    submitter: str = ""
    creator: str = "http://meta.icos-cp.eu/resources/organizations/OTC"
    format: str = "ICOS OTC"
    specs: dict[str, str] = Field(default_factory=dict)
    licence: str = ""
    per_second: float = Field(0, ge=0)
    upload_s: float = Field(200.0, gt=0)
