"""What is uploaded of a package: raw files as L0 objects, the table as L1 or L2, and their
metadata as the portal wants it (upload API of the Carbon Portal's `meta` service)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.model import FileEntry, Snapshot
from excudit.domain.problem import Problem
from excudit.targets.carbon_portal.portal import object_id
from excudit.targets.carbon_portal.settings import CarbonPortalSettings

KIND = "surface-ocean-co2"
FIXED = "41"
LONGEST = 5000
CUT = "\n[… cut; the whole text is kept at the source]"
_SPECS = "http://meta.icos-cp.eu/resources/cpmeta/"
SPECS: Mapping[str, str] = {
    "L0": _SPECS + "otcL0DataObject",
    "L0 fixed": _SPECS + "otcL0DataObject",
    "L1": _SPECS + "icosOtcL1Product_v2",
    "L1 fixed": _SPECS + "icosOtcFosL1Product",
    "L2": _SPECS + "icosOtcL2Product",
    "L2 fixed": _SPECS + "icosOtcFosL2Product",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """One object: the file, its level, and the facts that its metadata are made of."""

    file: FileEntry
    level: str
    name: str
    facts: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its name at the portal."""
        return object_id(self.file.sha256)


@dataclass(frozen=True, slots=True)
class Package:
    """A package of QuinCe: the raw files, and the table for the portal."""

    raw: tuple[Thing, ...]
    table: Thing
    facts: Mapping[str, Any]

    @property
    def things(self) -> tuple[Thing, ...]:
        """All of them, raw files first: the table names them as its sources."""
        return (*self.raw, self.table)

    @property
    def station(self) -> str:
        """The address of the station."""
        return str(self.facts["platform"]["station"])


def package(snapshot: Snapshot, settings: CarbonPortalSettings) -> Package:
    """What a snapshot holds for the portal. Raises Rejected with all that lacks."""
    facts = snapshot.facts
    if facts.get("kind") != KIND:
        raise Rejected(
            "The Carbon Portal takes packages of QuinCe only.",
            hint="Use this target in routes whose source is of kind quince.",
        )
    wanted = next((t for t in facts["tables"] if t["format"] == settings.format), None)
    problems = [] if wanted else [_lacks(f"the table {settings.format}")]
    if not facts["platform"].get("station"):
        problems.append(_lacks("the address of the station of its platform"))
    raw = {r["path"]: r for r in facts.get("raw", ())}
    level, found, table = str(facts["level"]), [], None
    for file in snapshot.files:
        if file.path in raw and level == "L2":
            name = file.path.rpartition("/")[2]
            found.append(Thing(file, "L0", name, raw[file.path]))
        if wanted and file.path == wanted["path"]:
            table = Thing(file, level, _name(facts, level), wanted)
    if problems or table is None:
        raise Rejected(
            "The package lacks what the Carbon Portal needs.",
            problems=tuple(problems or [_lacks("its table")]),
            hint="Export it again from QuinCe, or complete the platform in the settings.",
        )
    return Package(tuple(found), table, facts)


def _lacks(what: str) -> Problem:
    return Problem("", f"The package has not {what}.", rule="carbon-portal.package")


def _name(facts: Mapping[str, Any], level: str) -> str:
    if level == "L1":
        start = str(facts["period"]["start"])[:10].replace("-", "")
        return f"{facts['platform']['code']}_NRT_{start}.csv"
    return f"{facts['name']}.csv"


def spec(thing: Thing, facts: Mapping[str, Any], settings: CarbonPortalSettings) -> str:
    """The address of the object's specification."""
    fixed = " fixed" if str(facts["platform"].get("category")) == FIXED else ""
    key = thing.level + fixed
    return settings.specs.get(key) or SPECS[key]


def metadata(
    thing: Thing, whole: Package, settings: CarbonPortalSettings, frozen: Mapping[str, Any]
) -> dict[str, Any]:
    """The upload request of one object. `frozen` is what must be the same in every repeat: when it
    was made, and what it is the next version of."""
    facts = whole.facts
    before = (frozen.get("previous") or {}).get(thing.id) or []
    body: dict[str, Any] = {
        "submitterId": facts["platform"].get("submitter") or settings.submitter,
        "hashSum": thing.file.sha256,
        "fileName": thing.name,
        "objectSpecification": spec(thing, facts, settings),
        "specificInfo": _specific(thing, whole, settings, str(frozen["created"])),
        "references": {
            "duplicateFilenameAllowed": True,
            "partialUpload": False,
            **({"licence": settings.licence} if settings.licence else {}),
        },
    }
    return {**body, **({"isNextVersionOf": list(before)} if before else {})}


def _specific(
    thing: Thing, whole: Package, settings: CarbonPortalSettings, created: str
) -> dict[str, Any]:
    if thing.level == "L0":
        period = thing.facts["period"]
        interval = {"start": period["start"], "stop": period["end"]}
        return {"station": whole.station, "acquisitionInterval": interval}
    production: dict[str, Any] = {
        "creator": settings.creator,
        "contributors": [],
        "creationDate": created,
        "comment": comment(whole.facts),
    }
    if thing.level == "L2":
        production["sources"] = [raw.file.sha256 for raw in whole.raw]
    rows = int(thing.facts["rows"])
    return {"station": whole.station, "nRows": rows, "production": production}


def comment(facts: Mapping[str, Any]) -> str:
    """The comments and the software, cut visibly where they are longer than the portal takes."""
    said = "\n".join(t for t in (facts.get("comments"), facts.get("software")) if t)
    return said if len(said) <= LONGEST else said[: LONGEST - len(CUT)] + CUT


def now() -> str:
    """The moment of production that is frozen with the first try."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
