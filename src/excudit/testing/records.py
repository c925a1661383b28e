"""A full DataCite record for tests and measurements: every property, nothing wrong with it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

_ROR = {"schemeUri": "https://ror.org"}
_ORCID = {
    "nameIdentifier": "https://orcid.org/0000-0002-1825-0097",
    "nameIdentifierScheme": "ORCID",
    "schemeUri": "https://orcid.org",
}
_INSTITUTE = {
    "name": "Institute of Coastal Measurements",
    "affiliationIdentifier": "https://ror.org/04wxnsj81",
    "affiliationIdentifierScheme": "ROR",
    **_ROR,
}


def full_record() -> dict[str, Any]:
    """A new copy of the record in REST JSON, with every property that DataCite 4.5 knows.

    It keeps to the terms of 4.5, so that older software can read it too; each list has the length
    that careful repositories give it.
    """
    return deepcopy(_RECORD)


def _person(family: str, given: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"{family}, {given}",
        "nameType": "Personal",
        "givenName": given,
        "familyName": family,
        "nameIdentifiers": [{**_ORCID}],
        "affiliation": [{**_INSTITUTE}],
        **more,
    }


def _related(kind: str, identifier: str, relation: str, **more: Any) -> dict[str, Any]:
    return {
        "relatedIdentifier": identifier,
        "relatedIdentifierType": kind,
        "relationType": relation,
        **more,
    }


def _corner(longitude: float, latitude: float) -> dict[str, Any]:
    return {"polygonPoint": {"pointLongitude": longitude, "pointLatitude": latitude}}


_ROLES = (
    "ContactPerson",
    "DataCollector",
    "DataCurator",
    "DataManager",
    "Editor",
    "Producer",
    "ProjectLeader",
    "ProjectManager",
    "ProjectMember",
    "RelatedPerson",
    "Researcher",
    "RightsHolder",
    "Supervisor",
    "WorkPackageLeader",
    "Other",
)
_PLACE = {
    "geoLocationPlace": "Southern North Sea",
    "geoLocationPoint": {"pointLongitude": 3.25, "pointLatitude": 54.5},
    "geoLocationBox": {
        "westBoundLongitude": 2.0,
        "eastBoundLongitude": 4.5,
        "southBoundLatitude": 53.0,
        "northBoundLatitude": 55.5,
    },
    "geoLocationPolygon": [
        _corner(2.0, 53.0),
        _corner(4.5, 53.0),
        _corner(4.5, 55.5),
        _corner(2.0, 55.5),
        _corner(2.0, 53.0),
        {"inPolygonPoint": {"pointLongitude": 3.0, "pointLatitude": 54.0}},
    ],
}
_JOURNAL = {
    "relatedItemType": "Journal",
    "relationType": "IsPublishedIn",
    "relatedItemIdentifier": {
        "relatedItemIdentifier": "0317-8471",
        "relatedItemIdentifierType": "ISSN",
    },
    "creators": [
        {"name": "Low, Ebb", "nameType": "Personal", "givenName": "Ebb", "familyName": "Low"}
    ],
    "titles": [{"title": "Journal of Tides"}, {"title": "Tides & Seas", "titleType": "Subtitle"}],
    "publicationYear": 2024,
    "volume": "12",
    "issue": "3",
    "number": "17",
    "numberType": "Article",
    "firstPage": "101",
    "lastPage": "117",
    "publisher": "Tidal Press",
    "edition": "2",
    "contributors": [
        {
            "name": "Reef, Cora",
            "nameType": "Personal",
            "givenName": "Cora",
            "familyName": "Reef",
            "contributorType": "Editor",
        }
    ],
}
_RECORD: dict[str, Any] = {
    "doi": "10.14454/full-4711",
    "url": "https://data.example.org/datasets/4711",
    "creators": [
        _person("Halvorsen", "Ingrid"),
        _person("Okafor", "Chidi"),
        {
            "name": "Tide Gauge Network",
            "nameType": "Organizational",
            "lang": "en",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://ror.org/04wxnsj81",
                    "nameIdentifierScheme": "ROR",
                    **_ROR,
                }
            ],
        },
    ],
    "titles": [
        {"title": "Sea level and temperature at twelve tide gauges, 2019 to 2023", "lang": "en"},
        {"title": "Raw and corrected series", "titleType": "Subtitle", "lang": "en"},
        {"title": "Vannstand og temperatur", "titleType": "TranslatedTitle", "lang": "no"},
        {"title": "Tide gauges 2023", "titleType": "AlternativeTitle", "lang": "en"},
    ],
    "publisher": {
        "name": "Coastal Data Centre",
        "publisherIdentifier": "https://ror.org/04wxnsj81",
        "publisherIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
        "lang": "en",
    },
    "publicationYear": 2024,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Time series"},
    "subjects": [
        {
            "subject": "Oceanography",
            "subjectScheme": "Fields of Science and Technology (FOS)",
            "schemeUri": "http://www.oecd.org/science/inno",
            "valueUri": "http://www.oecd.org/science/inno/38235147.pdf",
            "classificationCode": "1.5",
            "lang": "en",
        },
        *({"subject": word, "lang": "en"} for word in ("sea level", "tides", "temperature")),
    ],
    "contributors": [_person("Marsh", "Delta", contributorType=kind) for kind in _ROLES],
    "dates": [
        {"date": "2019-01-01/2023-12-31", "dateType": "Collected"},
        {"date": "2024-03-01", "dateType": "Created"},
        {"date": "2024-04-02", "dateType": "Submitted"},
        {"date": "2024-04-20", "dateType": "Accepted"},
        {"date": "2024-05-06", "dateType": "Available"},
        {"date": "2024-05-06", "dateType": "Issued"},
        {"date": "2024", "dateType": "Copyrighted"},
        {"date": "2024-05-07", "dateType": "Updated"},
        {"date": "2024", "dateType": "Other", "dateInformation": "Year of the last inspection"},
    ],
    "language": "en",
    "identifiers": [{"identifier": "TG-2023-07", "identifierType": "Accession number"}],
    "relatedIdentifiers": [
        _related("DOI", "10.1234/tides.2023.17", "IsSupplementTo", resourceTypeGeneral="Text"),
        _related("DOI", "10.14454/full-4710", "IsNewVersionOf", resourceTypeGeneral="Dataset"),
        _related("DOI", "10.14454/gauges", "IsPartOf", resourceTypeGeneral="Collection"),
        _related("DOI", "10.14454/code-12", "IsDerivedFrom", resourceTypeGeneral="Software"),
        _related("ISSN", "0317-8471", "IsPublishedIn", resourceTypeGeneral="Journal"),
        _related("ISBN", "978-3-16-148410-0", "References", resourceTypeGeneral="Book"),
        _related("Handle", "10013/epic.10033", "IsReferencedBy", resourceTypeGeneral="Report"),
        _related("arXiv", "arXiv:0706.0001", "IsCitedBy", resourceTypeGeneral="Preprint"),
        _related("URL", "https://example.org/gauges", "IsDocumentedBy", resourceTypeGeneral="Text"),
        _related("URN", "urn:nbn:de:101:1-201102033592", "Cites", resourceTypeGeneral="Text"),
        _related(
            "URL",
            "https://example.org/gauges.xml",
            "HasMetadata",
            relatedMetadataScheme="ISO 19115",
            schemeUri="https://www.iso.org/standard/53798.html",
            schemeType="XSD",
        ),
    ],
    "relatedItems": [_JOURNAL],
    "sizes": ["12 files", "1.4 GB"],
    "formats": ["text/csv", "application/x-netcdf"],
    "version": "1.2",
    "rightsList": [
        {
            "rights": "Creative Commons Attribution 4.0 International",
            "rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode",
            "rightsIdentifier": "CC-BY-4.0",
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
            "lang": "en",
        }
    ],
    "descriptions": [
        {
            "description": "Hourly sea level and temperature of twelve gauges.<br>Corrected for"
            " instrument drift; values > 9.9 m & gaps are flagged.",
            "descriptionType": "Abstract",
            "lang": "en",
        },
        {"description": "Radar gauges, sampled at 1 Hz.", "descriptionType": "Methods"},
        {"description": "One file per gauge.", "descriptionType": "TechnicalInfo"},
    ],
    "geoLocations": [_PLACE, {"geoLocationPlace": "German Bight"}],
    "fundingReferences": [
        {
            "funderName": "Sea Level Foundation",
            "funderIdentifier": "https://doi.org/10.13039/501100000780",
            "funderIdentifierType": "Crossref Funder ID",
            "awardNumber": "SLF-2019-44",
            "awardUri": "https://example.org/awards/44",
            "awardTitle": "Twelve gauges",
        }
    ],
}
