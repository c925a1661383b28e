"""What is at the portal already for the same station and time, and what the rules of the thematic
centre say about it (versions policy of the Ocean Thematic Centre)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from excudit.domain.errors import NeedsPerson
from excudit.targets.carbon_portal.objects import Package, Thing
from excudit.targets.carbon_portal.portal import Portal

QUERY = """\
PREFIX cpmeta: <http://meta.icos-cp.eu/ontologies/cpmeta/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?object ?spec ?name ?hash ?start ?end WHERE {{
  ?object cpmeta:hasObjectSpec ?spec ;
    cpmeta:hasName ?name ;
    cpmeta:hasSha256sum ?hash ;
    cpmeta:hasSizeInBytes ?size ;
    cpmeta:wasAcquiredBy ?acquisition .
  ?acquisition prov:wasAssociatedWith <{station}> ;
    prov:startedAtTime ?start ;
    prov:endedAtTime ?end .
  FILTER NOT EXISTS {{ [] cpmeta:isNextVersionOf ?object }}
  FILTER (?start <= "{end}"^^xsd:dateTime && ?end >= "{start}"^^xsd:dateTime)
}}
"""
_UNSAFE = frozenset('<>"{}|\\^` \n\r\t')


@dataclass(frozen=True, slots=True)
class Live:
    """One object that nothing has replaced. `hash` is hex or base64, as the portal tells it."""

    id: str
    level: str
    name: str
    hash: str


def live(portal: Portal, whole: Package) -> list[Live]:
    """The objects of the station that overlap the package's period."""
    period = whole.facts["period"]
    asked = {"station": whole.station, "start": period["start"], "end": period["end"]}
    if any(_UNSAFE & set(str(value)) for value in asked.values()):
        raise NeedsPerson(f"What station is {whole.station!r}? It is no web address.")
    rows = portal.asked(QUERY.format(**asked))
    return [Live(_id(r["object"]), _level(r["spec"]), r["name"], r["hash"]) for r in rows]


def _id(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def _level(spec: str) -> str:
    for level in ("L0", "L1", "L2"):
        if level in spec:
            return level
    return ""


def previous(whole: Package, found: Sequence[Live]) -> dict[str, list[str]]:
    """Object → what it is the next version of. Raises NeedsPerson where the rules want a person."""
    versions = {whole.table.id: _of_table(whole.table, found)}
    for raw in whole.raw:
        same = [x for x in found if x.level == "L0" and x.name == raw.name and x.id != raw.id]
        versions[raw.id] = [same[-1].id] if same else []
    return {key: before for key, before in versions.items() if before}


def _of_table(table: Thing, found: Sequence[Live]) -> list[str]:
    others = [x for x in found if x.level in ("L1", "L2") and x.id != table.id]
    if not others:
        return []
    if len(others) > 1:
        named = ", ".join(f"{x.name} ({x.id})" for x in others)
        raise NeedsPerson(
            f"Which of these does {table.name} replace? They overlap its period: {named}.",
            hint="Decide at the Carbon Portal; partial replacements are uploaded by hand.",
        )
    (other,) = others
    if other.level == "L2" and table.level == "L1":
        raise NeedsPerson(
            f"An L2 object, {other.name} ({other.id}), covers the period of this L1.",
            hint="Near-real-time data do not replace final ones. Reject this publication.",
        )
    if other.level == "L2" and other.name != table.name:
        raise NeedsPerson(
            f"Does {table.name} replace {other.name} ({other.id})? Their names differ.",
            hint="Rename the dataset in QuinCe, or have the other one deprecated first.",
        )
    return [other.id]
