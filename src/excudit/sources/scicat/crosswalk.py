"""A SciCat dataset in DataCite's words (4.7). Mail addresses are never among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from excudit.domain.record import Record
from excudit.metadata.licences import licence, web_address
from excudit.sources.scicat.settings import ScicatSourceSettings

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_HANDLE = re.compile(r"^\d+(\.\d+)*/\S+$")
_DOI = re.compile(r"^(https?://(dx\.)?doi\.org/|doi:)?(10\.\d{4,}/\S+)$", re.I)
_RELATIONS = frozenset(
    """IsCitedBy Cites IsSupplementTo IsSupplementedBy IsContinuedBy Continues IsNewVersionOf
    IsPreviousVersionOf IsPartOf HasPart IsReferencedBy References IsDocumentedBy Documents
    IsVariantFormOf IsOriginalFormOf IsIdenticalTo IsDerivedFrom IsSourceOf""".split()  # noqa: SIM905
)
Tree = dict[str, Any]
MEMBERS = frozenset(f.alias or name for name, f in Record.model_fields.items())


def record_of(row: Mapping[str, Any], rules: ScicatSourceSettings) -> Tree:
    """What a dataset says of a record; members of which it says nothing are left out."""
    told: Tree = {
        "titles": [{"title": row["datasetName"]}] if row.get("datasetName") else [],
        "creators": list(_creators(row)),
        "publisher": _publisher(rules),
        "types": _types(row),
        "descriptions": list(_descriptions(row)),
        "subjects": list(_subjects(row)),
        "dates": list(_dates(row)),
        "rightsList": _rights(row),
        "identifiers": list(_identifiers(row)),
        "relatedIdentifiers": list(_related(row)),
        "formats": [row["dataFormat"]] if row.get("dataFormat") else [],
        "sizes": _sizes(row),
    }
    return {k: v for k, v in told.items() if v and k in MEMBERS}


def people(value: Any) -> list[str]:
    """Names from SciCat's texts: lists, or one text with ";" between."""
    listed: Sequence[Any] = value if isinstance(value, list) else str(value or "").split(";")
    return [str(one).strip() for one in listed if str(one or "").strip()]


def _creators(row: Mapping[str, Any]) -> Iterator[Tree]:
    """The investigators, the owner where none has a name."""
    owners = people(row.get("owner"))
    mails = people(row.get("ownerEmail"))
    by_mail = dict(zip(mails, owners, strict=False))
    named = [by_mail.get(one, one) for one in people(row.get("principalInvestigators"))]
    names = [one for one in dict.fromkeys(named) if "@" not in one] or owners
    for name in names:
        mine = len(owners) == 1 and name == owners[0]
        yield _person(name, str(row.get("orcidOfOwner") or "") if mine else "")


def _person(name: str, orcid: str) -> Tree:
    family, comma, given = (part.strip() for part in name.partition(","))
    told: Tree = {"name": name, "nameType": "Personal"}
    if comma and given:
        told |= {"familyName": family, "givenName": given}
    if found := _ORCID.search(orcid):
        told["nameIdentifiers"] = [
            {
                "nameIdentifier": f"https://orcid.org/{found[0]}",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    return told


def _publisher(rules: ScicatSourceSettings) -> Tree:
    if not rules.publisher:
        return {}
    told: Tree = {"name": rules.publisher}
    if rules.publisher_ror:
        told |= {
            "publisherIdentifier": rules.publisher_ror,
            "publisherIdentifierScheme": "ROR",
            "schemeUri": "https://ror.org",
        }
    return told


def _types(row: Mapping[str, Any]) -> Tree:
    kind = {"resourceType": f"{row['type']} data"} if row.get("type") else {}
    return {"resourceTypeGeneral": "Dataset", **kind}


def _descriptions(row: Mapping[str, Any]) -> Iterator[Tree]:
    if row.get("description"):
        yield {"description": row["description"], "descriptionType": "Abstract"}
    told = (
        ("Measured at", [row.get("creationLocation")]),
        ("Instrument", row.get("instrumentIds") or ()),
        ("Proposal", row.get("proposalIds") or ()),
        ("Sample", row.get("sampleIds") or ()),
        ("Software", row.get("usedSoftware") or ()),
    )
    said = [f"{word}: {', '.join(map(str, v))}." for word, v in told if any(v)]
    if said:
        yield {"description": " ".join(said), "descriptionType": "TechnicalInfo"}


def _subjects(row: Mapping[str, Any]) -> Iterator[Tree]:
    techniques = [t.get("name") for t in row.get("techniques") or () if isinstance(t, Mapping)]
    for word in dict.fromkeys([*(row.get("keywords") or ()), *techniques]):
        if word:
            yield {"subject": str(word)}


def _dates(row: Mapping[str, Any]) -> Iterator[Tree]:
    if row.get("creationTime"):
        yield {"date": str(row["creationTime"])[:10], "dateType": "Created"}
    ends = [str(row[name])[:10] for name in ("startTime", "endTime") if row.get(name)]
    if ends:
        yield {"date": "/".join(dict.fromkeys(ends)), "dateType": "Collected"}


def _rights(row: Mapping[str, Any]) -> list[Tree]:
    text = str(row.get("license") or "")
    found = licence(text) if text else None
    if found is None:
        return [{"rights": text}] if text else []
    return [
        {
            "rights": found.name,
            "rightsUri": web_address(found),
            "rightsIdentifier": found.id,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
    ]


def _identifiers(row: Mapping[str, Any]) -> Iterator[Tree]:
    yield {"identifier": str(row["pid"]), "identifierType": "SciCat PID"}
    for proposal in row.get("proposalIds") or ():
        yield {"identifier": str(proposal), "identifierType": "Proposal"}


def _related(row: Mapping[str, Any]) -> Iterator[Tree]:
    for pid in row.get("inputDatasets") or ():
        kind = "Handle" if _HANDLE.match(str(pid)) else ""
        if kind:
            yield _relation(str(pid), kind, "IsDerivedFrom")
    for one in row.get("relationships") or ():
        doi = _DOI.match(str(one.get("identifier", "")))
        relation = str(one.get("relationship", ""))
        if doi and relation in _RELATIONS:
            yield _relation(doi[3], "DOI", relation)


def _relation(identifier: str, kind: str, relation: str) -> Tree:
    if doi := _DOI.match(identifier):
        identifier, kind = doi[3], "DOI"
    return {
        "relatedIdentifier": identifier,
        "relatedIdentifierType": kind,
        "relationType": relation,
    }


def _sizes(row: Mapping[str, Any]) -> list[str]:
    files, size = int(row.get("numberOfFiles") or 0), int(row.get("size") or 0)
    return [f"{files} files", f"{size} bytes"] if files else []
