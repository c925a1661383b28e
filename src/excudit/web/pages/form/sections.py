"""The form, described: every member of the DataCite 4.7 record, section by section.

`doi` and `url` are not here: excudit gives the name and the landing page itself.
Hints follow DataCite Metadata Schema 4.7.
"""

from __future__ import annotations

from excudit.web.pages.form.kinds import Field, Group, Rows, Section
from excudit.web.pages.form.shared import PERSON, POINT, ROLE, TITLE, lang, scheme_uri
from excudit.web.pages.form.works import RELATED

BASICS = Section(
    "basics",
    "Basics",
    (
        Rows("titles", "Titles", "title", TITLE, needed=True, least=1, page=25),
        Group(
            "types",
            "Kind of resource",
            (
                Field(
                    "resourceTypeGeneral",
                    "General type",
                    "choice",
                    vocabulary="resourceTypeGeneral",
                    needed=True,
                ),
                Field(
                    "resourceType",
                    "Type in your own words",
                    hint="As your community says it.",
                    example="Ship-based time series",
                ),
            ),
            needed=True,
        ),
        Group(
            "publisher",
            "Publisher",
            (
                Field(
                    "name",
                    "Publisher",
                    hint="Who holds and publishes the data, not the journal.",
                    needed=True,
                    pick="organisations",
                ),
                Field(
                    "publisherIdentifier",
                    "Identifier of the publisher",
                    example="https://ror.org/04wxnsj81",
                    fill="identifier",
                ),
                Field(
                    "publisherIdentifierScheme",
                    "Kind of identifier",
                    example="ROR",
                    folded=True,
                    fill="identifier-scheme",
                ),
                scheme_uri(fill="scheme-uri"),
                lang(),
            ),
            needed=True,
        ),
        Field(
            "publicationYear",
            "Year of publication",
            "year",
            hint="In which the data become public.",
            example="2026",
            needed=True,
        ),
        Rows(
            "descriptions",
            "Descriptions",
            "description",
            (
                Field("description", "Description", "area", needed=True, wide=True),
                Field(
                    "descriptionType",
                    "Kind of description",
                    "choice",
                    vocabulary="descriptionType",
                    needed=True,
                ),
                lang(),
            ),
            hint="An abstract lets others find the dataset.",
            least=1,
            page=10,
        ),
        Field(
            "language",
            "Language of the resource",
            "language",
            example="en",
            pick="languages",
        ),
        Field("version", "Version", example="1.0"),
        Rows(
            "dates",
            "Dates",
            "date",
            (
                Field(
                    "date",
                    "Date or range",
                    hint="Such as 2024-05-31, 2024, or the range 2024-01-01/2024-12-31.",
                    example="2024-01-01/2024-12-31",
                    needed=True,
                ),
                Field("dateType", "Kind of date", "choice", vocabulary="dateType", needed=True),
                Field("dateInformation", "About this date", folded=True),
            ),
        ),
    ),
)
PEOPLE = Section(
    "people",
    "People",
    (
        Rows(
            "creators",
            "Creators",
            "creator",
            PERSON,
            hint="Who made the dataset, in the order of the citation.",
            needed=True,
            least=1,
            page=20,
            me=True,
        ),
        Rows(
            "contributors",
            "Contributors",
            "contributor",
            (ROLE, *PERSON),
            hint="Who else took part: collected data, leads the project, answers questions.",
            page=10,
        ),
    ),
)
RIGHTS = Section(
    "rights",
    "Rights and access",
    (
        Rows(
            "rightsList",
            "Licences and rights",
            "licence",
            (
                Field(
                    "rights",
                    "Licence or terms",
                    example="Creative Commons Attribution 4.0 International",
                    pick="licences",
                    wide=True,
                ),
                Field("rightsUri", "Address of the terms", "uri", fill="rights-uri"),
                Field(
                    "rightsIdentifier",
                    "Short name of the licence",
                    example="CC-BY-4.0",
                    fill="rights-identifier",
                ),
                Field(
                    "rightsIdentifierScheme",
                    "List of the short name",
                    example="SPDX",
                    folded=True,
                    fill="rights-identifier-scheme",
                ),
                scheme_uri(fill="scheme-uri"),
                lang(),
            ),
            hint="What others may do with the data.",
            least=1,
        ),
    ),
)
SUBJECTS = Section(
    "subjects",
    "Subjects and variables",
    (
        Rows(
            "subjects",
            "Subjects and variables",
            "subject",
            (
                Field("subject", "Keyword or variable", needed=True, pick="subjects"),
                Field(
                    "subjectScheme",
                    "Vocabulary",
                    example="GCMD",
                    folded=True,
                    fill="subject-scheme",
                ),
                scheme_uri(fill="scheme-uri"),
                Field("valueUri", "Address of the term", "uri", folded=True, fill="value-uri"),
                Field(
                    "classificationCode",
                    "Classification code",
                    "uri",
                    folded=True,
                    fill="classification-code",
                ),
                lang(),
            ),
            hint="One each: what was measured, in which field of science.",
            least=1,
        ),
        Rows(
            "geoLocations",
            "Places",
            "place",
            (
                Field("geoLocationPlace", "Name of the place", example="Baltic Sea", wide=True),
                Group("geoLocationPoint", "Point", POINT, hint="Decimal degrees, WGS 84."),
                Group(
                    "geoLocationBox",
                    "Box",
                    (
                        Field("southBoundLatitude", "South", "number", needed=True),
                        Field("northBoundLatitude", "North", "number", needed=True),
                        Field("westBoundLongitude", "West", "number", needed=True),
                        Field("eastBoundLongitude", "East", "number", needed=True),
                    ),
                    hint="West greater than East crosses the date line.",
                    folded=True,
                ),
                Rows(
                    "geoLocationPolygon",
                    "Areas",
                    "area",
                    (
                        Field(
                            "points",
                            "Corners",
                            "points",
                            hint="One corner in each line: longitude, latitude. The last is the "
                            "first again.",
                            example="12.08, 54.18",
                            needed=True,
                            wide=True,
                        ),
                        Group("inside", "A point inside", POINT, folded=True),
                    ),
                    folded=True,
                ),
            ),
            page=10,
        ),
    ),
)
FUNDING = Section(
    "funding",
    "Funding",
    (
        Rows(
            "fundingReferences",
            "Who paid",
            "grant",
            (
                Field("funderName", "Funder", needed=True, pick="organisations"),
                Field(
                    "funderIdentifier",
                    "Identifier of the funder",
                    example="https://ror.org/00k4n6c32",
                    fill="identifier",
                ),
                Field(
                    "funderIdentifierType",
                    "Kind of identifier",
                    "choice",
                    vocabulary="funderIdentifierType",
                    fill="identifier-scheme",
                ),
                Field("awardNumber", "Grant number"),
                Field("awardTitle", "Title of the grant", wide=True),
                Field("awardUri", "Address of the grant", "uri", folded=True),
                scheme_uri(fill="scheme-uri"),
            ),
            page=15,
        ),
    ),
)
FILES = Section(
    "files",
    "Files, size and format",
    (
        Rows(
            "sizes",
            "Sizes",
            "size",
            (Field("", "Size", example="15 MB"),),
            hint="In words. The files themselves are counted when you submit.",
        ),
        Rows(
            "formats",
            "Formats",
            "format",
            (Field("", "Format", example="application/x-netcdf"),),
        ),
    ),
)
TARGETS = Section("targets", "Targets and preview", ())

SECTIONS: tuple[Section, ...] = (
    BASICS,
    PEOPLE,
    RIGHTS,
    SUBJECTS,
    RELATED,
    FUNDING,
    FILES,
    TARGETS,
)
BY_KEY: dict[str, Section] = {s.key: s for s in SECTIONS}


def section_of(name: str) -> Section:
    """The section in which a member of the record stands; the last for all that is in none."""
    return next((s for s in SECTIONS if any(n.name == name for n in s.members)), TARGETS)
