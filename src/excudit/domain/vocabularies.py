"""The controlled lists of DataCite 4.7, with the schema version in which each term came.

Terms are case-sensitive. The types are what the record is built of, the tables are for forms,
documentation and messages. A term without a row in `SINCE` was there in 4.0, the first version
under the namespace kernel-4. Source: DataCite Metadata Schema 4.7, include files of its XSD.
"""

from __future__ import annotations

from typing import Literal, get_args

SCHEMA_VERSION = "http://datacite.org/schema/kernel-4"

ResourceTypeGeneral = Literal[
    "Audiovisual",
    "Award",
    "Book",
    "BookChapter",
    "Collection",
    "ComputationalNotebook",
    "ConferencePaper",
    "ConferenceProceeding",
    "DataPaper",
    "Dataset",
    "Dissertation",
    "Event",
    "Image",
    "Instrument",
    "InteractiveResource",
    "Journal",
    "JournalArticle",
    "Model",
    "OutputManagementPlan",
    "PeerReview",
    "PhysicalObject",
    "Poster",
    "Preprint",
    "Presentation",
    "Project",
    "Report",
    "Service",
    "Software",
    "Sound",
    "Standard",
    "StudyRegistration",
    "Text",
    "Workflow",
    "Other",
]
RelationType = Literal[
    "IsCitedBy",
    "Cites",
    "IsSupplementTo",
    "IsSupplementedBy",
    "IsContinuedBy",
    "Continues",
    "IsNewVersionOf",
    "IsPreviousVersionOf",
    "IsPartOf",
    "HasPart",
    "IsPublishedIn",
    "IsReferencedBy",
    "References",
    "IsDocumentedBy",
    "Documents",
    "IsCompiledBy",
    "Compiles",
    "IsVariantFormOf",
    "IsOriginalFormOf",
    "IsIdenticalTo",
    "HasMetadata",
    "IsMetadataFor",
    "Reviews",
    "IsReviewedBy",
    "IsDerivedFrom",
    "IsSourceOf",
    "Describes",
    "IsDescribedBy",
    "HasVersion",
    "IsVersionOf",
    "Requires",
    "IsRequiredBy",
    "Obsoletes",
    "IsObsoletedBy",
    "Collects",
    "IsCollectedBy",
    "HasTranslation",
    "IsTranslationOf",
    "Other",
]
RelatedIdentifierType = Literal[
    "ARK",
    "arXiv",
    "bibcode",
    "CSTR",
    "DOI",
    "EAN13",
    "EISSN",
    "Handle",
    "IGSN",
    "ISBN",
    "ISSN",
    "ISTC",
    "LISSN",
    "LSID",
    "PMID",
    "PURL",
    "RAiD",
    "RRID",
    "SWHID",
    "UPC",
    "URL",
    "URN",
    "w3id",
]
ContributorType = Literal[
    "ContactPerson",
    "DataCollector",
    "DataCurator",
    "DataManager",
    "Distributor",
    "Editor",
    "HostingInstitution",
    "Other",
    "Producer",
    "ProjectLeader",
    "ProjectManager",
    "ProjectMember",
    "RegistrationAgency",
    "RegistrationAuthority",
    "RelatedPerson",
    "ResearchGroup",
    "RightsHolder",
    "Researcher",
    "Sponsor",
    "Supervisor",
    "Translator",
    "WorkPackageLeader",
]
DateType = Literal[
    "Accepted",
    "Available",
    "Collected",
    "Copyrighted",
    "Coverage",
    "Created",
    "Issued",
    "Other",
    "Submitted",
    "Updated",
    "Valid",
    "Withdrawn",
]
DescriptionType = Literal[
    "Abstract", "Methods", "SeriesInformation", "TableOfContents", "TechnicalInfo", "Other"
]
TitleType = Literal["AlternativeTitle", "Subtitle", "TranslatedTitle", "Other"]
NameType = Literal["Organizational", "Personal"]
FunderIdentifierType = Literal["ISNI", "GRID", "ROR", "Crossref Funder ID", "Other"]
NumberType = Literal["Article", "Chapter", "Report", "Other"]

VOCABULARIES: dict[str, tuple[str, ...]] = {
    "resourceTypeGeneral": get_args(ResourceTypeGeneral),
    "relationType": get_args(RelationType),
    "relatedIdentifierType": get_args(RelatedIdentifierType),
    "contributorType": get_args(ContributorType),
    "dateType": get_args(DateType),
    "descriptionType": get_args(DescriptionType),
    "titleType": get_args(TitleType),
    "nameType": get_args(NameType),
    "funderIdentifierType": get_args(FunderIdentifierType),
    "numberType": get_args(NumberType),
}

SINCE: dict[str, dict[str, tuple[str, ...]]] = {
    "4.1": {
        "dateType": ("Other",),
        "nameType": ("Organizational", "Personal"),
        "relationType": (
            "Describes",
            "IsDescribedBy",
            "HasVersion",
            "IsVersionOf",
            "Requires",
            "IsRequiredBy",
        ),
        "resourceTypeGeneral": ("DataPaper",),
    },
    "4.2": {
        "dateType": ("Withdrawn",),
        "relatedIdentifierType": ("w3id",),
        "relationType": ("Obsoletes", "IsObsoletedBy"),
    },
    "4.3": {"funderIdentifierType": ("ROR",)},
    "4.4": {
        "numberType": ("Article", "Chapter", "Report", "Other"),
        "relationType": ("IsPublishedIn",),
        "resourceTypeGeneral": (
            "Book",
            "BookChapter",
            "ComputationalNotebook",
            "ConferencePaper",
            "ConferenceProceeding",
            "Dissertation",
            "Journal",
            "JournalArticle",
            "OutputManagementPlan",
            "PeerReview",
            "Preprint",
            "Report",
            "Standard",
        ),
    },
    "4.5": {
        "relationType": ("Collects", "IsCollectedBy"),
        "resourceTypeGeneral": ("Instrument", "StudyRegistration"),
    },
    "4.6": {
        "contributorType": ("Translator",),
        "dateType": ("Coverage",),
        "relatedIdentifierType": ("CSTR", "RRID"),
        "relationType": ("HasTranslation", "IsTranslationOf"),
        "resourceTypeGeneral": ("Award", "Project"),
    },
    "4.7": {
        "relatedIdentifierType": ("RAiD", "SWHID"),
        "relationType": ("Other",),
        "resourceTypeGeneral": ("Poster", "Presentation"),
    },
}

UNKNOWN_VALUES: dict[str, str] = {
    ":unac": "temporarily inaccessible",
    ":unal": "unallowed, suppressed intentionally",
    ":unap": "not applicable, makes no sense",
    ":unas": "value unassigned",
    ":unav": "value unavailable, possibly unknown",
    ":unkn": "known to be unknown",
    ":none": "never had a value, never will",
    ":null": "explicitly and meaningfully empty",
    ":tba": "to be assigned or announced later",
    ":etal": "too numerous to list",
}


def since(vocabulary: str, term: str) -> str:
    """The schema version in which `term` came ("4.0" also for all that is older)."""
    for version, added in SINCE.items():
        if term in added.get(vocabulary, ()):
            return version
    return "4.0"
