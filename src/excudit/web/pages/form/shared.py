"""Fields that stand in several places of the form."""

from __future__ import annotations

from excudit.web.pages.form.kinds import Field, Node, Rows

LANG_HINT = "As in BCP 47, where it is not the language of the dataset."


def lang(name: str = "lang", label: str = "Language of this text") -> Field:
    return Field(
        name, label, "language", hint=LANG_HINT, example="pt-BR", folded=True, pick="languages"
    )


def scheme_uri(name: str = "schemeUri", fill: str = "") -> Field:
    return Field(name, "Address of the scheme", "uri", folded=True, fill=fill)


_NAMES: tuple[Node, ...] = (
    Field(
        "name",
        "Name",
        hint="Of a person: family name, given name.",
        example="Carberry, Josiah",
        needed=True,
        pick="people",
    ),
    Field("nameType", "Person or organisation", "choice", vocabulary="nameType", fill="name-type"),
    Field("givenName", "Given name", fill="given"),
    Field("familyName", "Family name", fill="family"),
)
PERSON: tuple[Node, ...] = (
    *_NAMES,
    Rows(
        "nameIdentifiers",
        "Identifiers",
        "identifier",
        (
            Field(
                "nameIdentifier",
                "ORCID or other identifier",
                example="https://orcid.org/0000-0002-1825-0097",
                needed=True,
                outer="identifier",
            ),
            Field(
                "nameIdentifierScheme",
                "Kind of identifier",
                example="ORCID",
                needed=True,
                outer="identifier-scheme",
            ),
            scheme_uri(),
        ),
        least=1,
    ),
    Rows(
        "affiliation",
        "Affiliations",
        "affiliation",
        (
            Field(
                "name",
                "Affiliation",
                needed=True,
                pick="organisations",
                outer="affiliation",
            ),
            Field(
                "affiliationIdentifier",
                "ROR or other identifier",
                example="https://ror.org/04aj4c181",
                fill="identifier",
                outer="affiliation-identifier",
            ),
            Field(
                "affiliationIdentifierScheme",
                "Kind of identifier",
                example="ROR",
                folded=True,
            ),
            scheme_uri(),
        ),
        least=1,
    ),
    lang(label="Language of the name"),
)
RELATED_PERSON: tuple[Node, ...] = (*_NAMES, lang(label="Language of the name"))
ROLE = Field(
    "contributorType",
    "What they did",
    "choice",
    vocabulary="contributorType",
    needed=True,
    wide=True,
)
TITLE: tuple[Node, ...] = (
    Field("title", "Title", needed=True, wide=True),
    Field(
        "titleType",
        "Kind of title",
        "choice",
        vocabulary="titleType",
        hint="The main title has none.",
    ),
    lang(),
)
RELATION = Field("relationType", "Relation", "choice", vocabulary="relationType", needed=True)
RELATION_WORDS = Field(
    "relationTypeInformation",
    "The relation in words",
    hint="Needed for the relation Other.",
    folded=True,
)
POINT: tuple[Node, ...] = (
    Field("pointLatitude", "Latitude", "number", example="54.18", needed=True),
    Field("pointLongitude", "Longitude", "number", example="12.08", needed=True),
)
