"""A registry to test against: the sandbox, its switches, and snapshots to publish there."""

from __future__ import annotations

import json
import time
import uuid
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from excudit.domain.model import Snapshot
from excudit.domain.record import Record
from excudit.sandbox.datacite import Account, Registry
from excudit.settings import Site
from excudit.targets.datacite import DataCiteSettings, DataCiteTarget

PASSWORD = f"loopback {uuid.uuid4()} +/%"
VARIABLE = "EXCUDIT_TEST_REGISTRY_PASSWORD"
REPO = Account("DEMO.REPO", password=PASSWORD, prefixes=("10.14454",))
OTHER = Account(
    "DEMO.OTHER", password=PASSWORD, prefixes=("10.5438",), domains="example.org,*.example.org"
)
SITE = Site(base_url="https://data.example.org", contact="data@example.org")

# One record with most of what DataCite changes on its way.
RECORD: Mapping[str, Any] = {
    "creators": [
        {
            "name": "Carberry, Josiah",
            "nameType": "Personal",
            "givenName": "Josiah",
            "familyName": "Carberry",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://orcid.org/0000-0002-1825-0097",
                    "nameIdentifierScheme": "ORCID",
                    "schemeUri": "https://orcid.org",
                }
            ],
            "affiliation": [
                {
                    "name": "DataCite",
                    "affiliationIdentifier": "https://ror.org/04wxnsj81",
                    "affiliationIdentifierScheme": "ROR",
                    "schemeUri": "https://ror.org",
                }
            ],
        },
        {"name": "Ocean Group", "nameType": "Organizational"},
    ],
    "titles": [
        {"title": "Surface CO2 in the Bay of Biscay", "lang": "en"},
        {
            "title": "CO2 en surface, Gascogne",
            "titleType": "TranslatedTitle",
            "lang": "fr",
        },
    ],
    "publisher": {
        "name": "Institute of the Sea",
        "publisherIdentifier": "https://ror.org/04wxnsj81",
        "publisherIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
        "lang": "en",
    },
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Measurements"},
    "subjects": [{"subject": "Oceanography"}, {"subject": "carbon dioxide", "lang": "en"}],
    "contributors": [{"name": "Doe, Ann", "contributorType": "DataCurator"}],
    "dates": [
        {"date": "2026", "dateType": "Issued"},
        {"date": "2025-03-01/2025-04-30", "dateType": "Collected", "dateInformation": "cruise"},
    ],
    "language": "en-GB",
    "identifiers": [{"identifier": "cruise-7", "identifierType": "Local"}],
    "relatedIdentifiers": [
        {
            "relatedIdentifier": "10.5438/0012",
            "relatedIdentifierType": "DOI",
            "relationType": "References",
        }
    ],
    "relatedItems": [
        {
            "relatedItemType": "Journal",
            "relationType": "IsPublishedIn",
            "titles": [{"title": "Journal of Tides"}],
            "publicationYear": 2026,
            "volume": "3",
            "firstPage": "7",
        }
    ],
    "sizes": ["12 files", "3 MB"],
    "formats": ["text/csv"],
    "version": "1.0",
    "rightsList": [
        {
            "rights": "CC BY 4.0",
            "rightsUri": "https://creativecommons.org/licenses/by/4.0/",
            "rightsIdentifier": "CC-BY-4.0",
            "rightsIdentifierScheme": "SPDX",
            "lang": "en",
        }
    ],
    "descriptions": [{"description": "Measured underway.", "descriptionType": "Abstract"}],
    "geoLocations": [
        {
            "geoLocationPlace": "Bay of Biscay",
            "geoLocationPoint": {"pointLongitude": -4, "pointLatitude": 45.5},
            "geoLocationBox": {
                "westBoundLongitude": -6,
                "eastBoundLongitude": -2,
                "southBoundLatitude": 44,
                "northBoundLatitude": 46.25,
            },
        }
    ],
    "fundingReferences": [
        {
            "funderName": "Sea Fund",
            "funderIdentifier": "https://ror.org/04wxnsj81",
            "funderIdentifierType": "ROR",
            "awardNumber": "42",
        }
    ],
}


def snapshot_of(target: DataCiteTarget, *, url: str = "", **changes: Any) -> Snapshot:
    """A complete snapshot with a fresh key and name; `changes` are attributes of the record."""
    key = str(uuid.uuid4())
    return Snapshot(
        key=key,
        source="folder",
        ref="cruise-7",
        revision="1",
        record=Record.model_validate({**RECORD, **changes}),
        files=(),
        manifest_digest="m",
        digest=f"d-{key}",
        bytes=0,
        landing_url=url or f"https://data.example.org/p/{key}",
        doi=target.name_doi(),
    )


def target_for(registry: Registry, account: Account = REPO, **settings: Any) -> DataCiteTarget:
    """The target that speaks to the sandbox; its password is in the variable `VARIABLE`."""
    told = {
        "url": registry.api_url,
        "resolver_url": registry.resolver_url,
        "username": account.symbol,
        "password": {"env": VARIABLE},
        "prefix": account.prefixes[0],
        "domains": account.domains.split(","),
        "per_second": 0,
        **settings,
    }
    return DataCiteTarget("registry", DataCiteSettings.model_validate(told), SITE)


class Desk:
    """The sandbox's control endpoints, and the registry as its own operator sees it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def fault(self, kind: str, **details: Any) -> None:
        """Set a switch; it fires once unless `count` says otherwise."""
        self._ask("POST", "/_sandbox/faults", {"kind": kind, **details})

    def quiet(self) -> None:
        """Wait until every request that was held up has had its effect, late as it is."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            log = self._ask("GET", "/_sandbox/log")["requests"]
            done = sum("slow" in entry["faults"] for entry in log)
            faults = self._ask("GET", "/_sandbox/faults")["faults"]
            if done == sum(f["fired"] for f in faults if f["kind"] == "slow"):
                return
        raise TimeoutError("a request was held up for ever")

    def faults(self) -> list[dict[str, Any]]:
        """All switches with how often each went off."""
        found: list[dict[str, Any]] = self._ask("GET", "/_sandbox/faults")["faults"]
        return found

    def mend(self) -> None:
        """Take all switches back."""
        self._ask("DELETE", "/_sandbox/faults")

    def reset(self) -> None:
        """An empty registry without switches."""
        self._ask("POST", "/_sandbox/reset")

    def counts(self, account: str = REPO.symbol) -> dict[str, int]:
        """How many DOIs the account has, by state, without states that none is in."""
        told = self._ask("GET", "/_sandbox/count")[account]
        return {state: count for state, count in told.items() if count}

    def writes(self, doi: str = "") -> list[tuple[str, str, int]]:
        """Method, event and status of each committed write, in order."""
        query = f"?committed=true&host=api{'&doi=' + quote(doi, safe='') if doi else ''}"
        log = self._ask("GET", "/_sandbox/log" + query)["requests"]
        return [(r["method"], r["event"], r["status"]) for r in log]

    def log(self) -> list[dict[str, Any]]:
        """All requests since the log was last forgotten."""
        found: list[dict[str, Any]] = self._ask("GET", "/_sandbox/log")["requests"]
        return found

    def forget(self) -> None:
        """Begin a new log."""
        self._ask("DELETE", "/_sandbox/log")

    def doi(self, doi: str, account: Account = REPO) -> dict[str, Any]:
        """The attributes of a DOI, {} where it is not."""
        path = f"/dois/{quote(doi, safe='')}?publisher=true&affiliation=true"
        try:
            found = self._ask("GET", path, account=account)
        except HTTPError as error:
            if error.code == 404:
                return {}
            raise
        attributes: dict[str, Any] = found["data"]["attributes"]
        return attributes

    def put(self, doi: str, account: Account = REPO, **attributes: Any) -> None:
        """Change a DOI behind excudit's back."""
        body = {"data": {"type": "dois", "attributes": attributes}}
        self._ask("PUT", f"/dois/{quote(doi, safe='')}", body, account=account)

    def _ask(self, method: str, path: str, body: Any = None, account: Account | None = None) -> Any:
        headers = {"Content-Type": "application/vnd.api+json"}
        if account:
            login = b64encode(f"{account.symbol}:{account.password}".encode()).decode()
            headers["Authorization"] = f"Basic {login}"
        content = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, content, headers, method=method)
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")
