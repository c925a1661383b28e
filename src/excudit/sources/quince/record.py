"""What a package tells a record (DataCite REST JSON) and a target (facts).

The same data give the same record, whichever generation of manifest they come with: what only some
generations say (comments, versions of software) is told in the facts alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from excudit.domain.model import FileEntry
from excudit.sources.quince.checks import expocode
from excudit.sources.quince.manifest import Bounds, Format, Manifest, Raw
from excudit.sources.quince.settings import Platform

SUBJECTS = (
    "fCO2",
    "surface ocean",
    "carbon dioxide",
    "sea surface temperature",
    "salinity",
)


def metadata(manifest: Manifest, platform: Platform) -> dict[str, Any]:
    """The record as far as the package and the platform's settings know it."""
    first, last = manifest.start[:10], manifest.end[:10]
    when = first if first == last else f"{first} to {last}"
    title = f"Surface ocean CO2 measurements from {platform.name}, {when} ({manifest.name})"
    found: dict[str, Any] = {
        "titles": [{"title": title}],
        "creators": [_creator(author.model_dump()) for author in platform.authors],
        "subjects": [{"subject": subject} for subject in SUBJECTS],
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Surface ocean CO2"},
        "alternateIdentifiers": [
            {"alternateIdentifier": manifest.name, "alternateIdentifierType": "Expocode"}
        ],
        "formats": ["text/csv", "text/tab-separated-values"],
        "language": "en",
    }
    if first and last:
        day = first if first == last else f"{first}/{last}"
        found["dates"] = [{"date": day, "dateType": "Collected"}]
    if manifest.bounds:
        found["geoLocations"] = [_location(manifest.bounds, platform)]
    return {name: value for name, value in found.items() if value}


def _creator(author: Mapping[str, str]) -> dict[str, Any]:
    creator: dict[str, Any] = {"name": author["name"], "nameType": "Personal"}
    family, comma, given = author["name"].partition(", ")
    if comma:
        creator |= {"familyName": family, "givenName": given}
    if author["affiliation"]:
        creator["affiliation"] = [{"name": author["affiliation"]}]
    if author["orcid"]:
        creator["nameIdentifiers"] = [
            {
                "nameIdentifier": f"https://orcid.org/{author['orcid']}",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    return creator


def _location(bounds: Bounds, platform: Platform) -> dict[str, Any]:
    box = {
        "westBoundLongitude": bounds["west"],
        "eastBoundLongitude": bounds["east"],
        "southBoundLatitude": bounds["south"],
        "northBoundLatitude": bounds["north"],
    }
    return {"geoLocationPlace": f"Track of {platform.name}", "geoLocationBox": box}


def facts(
    manifest: Manifest, platform: Platform, files: Sequence[FileEntry], rows: Mapping[str, int]
) -> dict[str, Any]:
    """What a target needs beyond the record; `rows` are the counted rows by path."""
    there = {f.path for f in files}
    return {
        "kind": "surface-ocean-co2",
        "name": manifest.name,
        "expocode": expocode(manifest.name, manifest.platform_code),
        "level": "L1" if manifest.nrt else "L2",
        "platform": {
            "code": manifest.platform_code,
            "name": platform.name,
            "type": platform.type,
            "category": platform.category,
            "call_sign": platform.call_sign,
            "station": platform.station,
            "submitter": platform.submitter,
            "authors": [author.model_dump() for author in platform.authors],
            "network": platform.network,
        },
        "instrument": manifest.instrument,
        "period": _period(manifest.start, manifest.end),
        "bounds": manifest.bounds,
        "tables": [_table(f, rows) for f in manifest.formats if path_of(f) in there],
        "raw": [_raw(raw) for raw in manifest.raw],
        "comments": manifest.comments,
        "software": manifest.software,
        "calibrations": dict(manifest.calibrations),
    }


def path_of(form: Format) -> str:
    """Where the file of a format stands below the package's root folder."""
    return f"dataset/{form.name}/{form.filename}"


def _period(start: str, end: str) -> dict[str, str] | None:
    return {"start": start, "end": end} if start and end else None


def _table(form: Format, rows: Mapping[str, int]) -> dict[str, Any]:
    return {
        "format": form.name,
        "path": path_of(form),
        "rows": rows.get(path_of(form), 0),
        "period": _period(form.start, form.end),
        "bounds": form.bounds,
    }


def _raw(raw: Raw) -> dict[str, Any]:
    return {
        "path": f"raw/{raw.filename}",
        "period": _period(raw.start, raw.end),
        "said": dict(raw.said or {}),
    }
