"""The part of the form on other works and other names of the dataset."""

from __future__ import annotations

from excudit.web.pages.form.kinds import Field, Group, Rows, Section
from excudit.web.pages.form.shared import (
    RELATED_PERSON,
    RELATION,
    RELATION_WORDS,
    ROLE,
    TITLE,
    scheme_uri,
)

RELATED = Section(
    "related",
    "Related works",
    (
        Rows(
            "relatedIdentifiers",
            "Related works with an identifier",
            "related work",
            (
                RELATION,
                Field(
                    "relatedIdentifier",
                    "Identifier",
                    example="10.1234/abc",
                    needed=True,
                ),
                Field(
                    "relatedIdentifierType",
                    "Kind of identifier",
                    "choice",
                    vocabulary="relatedIdentifierType",
                    needed=True,
                ),
                Field(
                    "resourceTypeGeneral",
                    "What it is",
                    "choice",
                    vocabulary="resourceTypeGeneral",
                    folded=True,
                ),
                RELATION_WORDS,
                Field("relatedMetadataScheme", "Metadata scheme", folded=True),
                scheme_uri(),
                Field("schemeType", "Type of the scheme", example="XSD", folded=True),
            ),
            hint="The article that the data belong to, earlier versions, sources.",
            page=8,
        ),
        Rows(
            "relatedItems",
            "Related works by description",
            "described work",
            (
                Field(
                    "relatedItemType",
                    "What it is",
                    "choice",
                    vocabulary="resourceTypeGeneral",
                    needed=True,
                ),
                RELATION,
                Rows("titles", "Titles", "title", TITLE, least=1),
                Field("publicationYear", "Year", "year"),
                RELATION_WORDS,
                Group(
                    "relatedItemIdentifier",
                    "Identifier",
                    (
                        Field("relatedItemIdentifier", "Identifier", needed=True),
                        Field(
                            "relatedItemIdentifierType",
                            "Kind of identifier",
                            "choice",
                            vocabulary="relatedIdentifierType",
                        ),
                        Field("relatedMetadataScheme", "Metadata scheme", folded=True),
                        scheme_uri("schemeURI"),
                        Field("schemeType", "Type of the scheme", folded=True),
                    ),
                    folded=True,
                ),
                Rows("creators", "Creators of the work", "creator", RELATED_PERSON, folded=True),
                Field("volume", "Volume", folded=True),
                Field("issue", "Issue", folded=True),
                Field("number", "Number", folded=True),
                Field(
                    "numberType", "Kind of number", "choice", vocabulary="numberType", folded=True
                ),
                Field("firstPage", "First page", folded=True),
                Field("lastPage", "Last page", folded=True),
                Field("publisher", "Publisher", folded=True),
                Field("edition", "Edition", folded=True),
                Rows(
                    "contributors",
                    "Contributors to the work",
                    "contributor",
                    (ROLE, *RELATED_PERSON),
                    folded=True,
                ),
            ),
            hint="A work without an identifier, such as the journal or book it stands in.",
            page=4,
        ),
        Rows(
            "identifiers",
            "Other identifiers of this dataset",
            "other identifier",
            (
                Field("identifier", "Identifier", needed=True),
                Field("identifierType", "Kind of identifier", example="Local", needed=True),
            ),
        ),
    ),
)
