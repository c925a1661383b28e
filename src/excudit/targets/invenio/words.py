"""What both dialects say alike: dates, descriptions, licences, kinds of work, identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from excudit.domain.record import Contributor, Creator, Record, RelatedIdentifier

# DataCite's resource types as the vocabulary of InvenioRDM and Zenodo has them.
KINDS: Mapping[str, str] = {
    "Audiovisual": "video",
    "Book": "publication-book",
    "BookChapter": "publication-section",
    "ComputationalNotebook": "software-computationalnotebook",
    "ConferencePaper": "publication-conferencepaper",
    "ConferenceProceeding": "publication-conferenceproceeding",
    "DataPaper": "publication-datapaper",
    "Dataset": "dataset",
    "Dissertation": "publication-thesis",
    "Event": "event",
    "Image": "image",
    "Journal": "publication-journal",
    "JournalArticle": "publication-article",
    "Model": "model",
    "OutputManagementPlan": "publication-datamanagementplan",
    "PeerReview": "publication-peerreview",
    "PhysicalObject": "physicalobject",
    "Poster": "poster",
    "Preprint": "publication-preprint",
    "Presentation": "presentation",
    "Report": "publication-report",
    "Software": "software",
    "Standard": "publication-standard",
    "Text": "publication",
    "Workflow": "workflow",
}
ROLES = frozenset(
    {"contactperson", "datacollector", "datacurator", "datamanager", "distributor", "editor",
     "hostinginstitution", "producer", "projectleader", "projectmanager", "projectmember",
     "registrationagency", "registrationauthority", "relatedperson", "researcher",
     "researchgroup", "rightsholder", "sponsor", "supervisor", "workpackageleader", "other"}
)  # fmt: skip
SCHEMES: Mapping[str, str] = {
    "ARK": "ark", "arXiv": "arxiv", "bibcode": "ads", "DOI": "doi", "EAN13": "ean13",
    "EISSN": "eissn", "Handle": "handle", "IGSN": "igsn", "ISBN": "isbn", "ISSN": "issn",
    "ISTC": "istc", "LISSN": "lissn", "LSID": "lsid", "PMID": "pmid", "PURL": "purl",
    "UPC": "upc", "URL": "url", "URN": "urn", "w3id": "w3id",
}  # fmt: skip


def kind_of(record: Record) -> str:
    """The resource type's id; what the vocabulary lacks is "other"."""
    return KINDS.get(record.types.resource_type_general, "other")


def role_of(contributor: Contributor) -> str:
    """The role's id; what the vocabulary lacks is "other"."""
    role = contributor.contributor_type.lower()
    return role if role in ROLES else "other"


def published_on(record: Record) -> str:
    """The date of publication: the record's own Issued, else the year."""
    issued = next((d.date for d in record.dates if d.date_type == "Issued"), "")
    return issued[:10] if issued and "/" not in issued else issued or str(record.publication_year)


def description(record: Record) -> str:
    """All descriptions as HTML, the abstract first; "<br>" is the only markup that ours have."""
    ordered = sorted(record.descriptions, key=lambda d: d.description_type != "Abstract")
    return "".join(
        f"<p>{escape(d.description, quote=False).replace('&lt;br&gt;', '<br>')}</p>"
        for d in ordered
    )


def licence(record: Record, default: str) -> str:
    """The licence's id in lower case, "" = none is named."""
    named = (r.rights_identifier for r in record.rights_list if r.rights_identifier)
    return next(named, default).lower()


def family_and_given(who: Creator | Contributor) -> tuple[str, str]:
    """A person's name in two; a name without a comma is all family name."""
    if who.family_name:
        return who.family_name, who.given_name
    family, _, given = who.name.partition(",")
    return family.strip(), given.strip()


def orcid(who: Creator | Contributor) -> str:
    """The bare ORCID, "" = none."""
    return next(
        (
            named.name_identifier.rstrip("/").rpartition("/")[2]
            for named in who.name_identifiers
            if named.name_identifier_scheme.upper() == "ORCID"
        ),
        "",
    )


def related(record: Record) -> list[RelatedIdentifier]:
    """The related identifiers that the vocabulary of schemes knows."""
    return [r for r in record.related_identifiers if r.related_identifier_type in SCHEMES]
