"""The DataCite 4.7 record as one type: what cannot be built here is not valid by the schema.

Python names are snake_case; the JSON names are those of DataCite's REST API and are accepted
everywhere. "" and () mean "not given": there is no null. Two rules are stricter than DataCite's
XSD, whose declarations of these two elements have no effect (`xsi:type` instead of `type`): a
name identifier needs its text and its scheme, an affiliation its name.

Source: DataCite Metadata Schema 4.7 (properties 1 to 20) and the DataCite REST API.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from excudit.domain.vocabularies import (
    ContributorType,
    DateType,
    DescriptionType,
    FunderIdentifierType,
    NameType,
    NumberType,
    RelatedIdentifierType,
    RelationType,
    ResourceTypeGeneral,
    TitleType,
)

_ILLEGAL = r"\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF"
_URI_ANY = rf"(?:[^%#\[\]?{_ILLEGAL}]|%[0-9A-Fa-f]{{2}})"
_URI_NO_SLASH = rf"(?:[^%#\[\]?/{_ILLEGAL}]|%[0-9A-Fa-f]{{2}})"
_URI_NO_COLON = rf"(?:[^%#\[\]?/:{_ILLEGAL}]|%[0-9A-Fa-f]{{2}})"
_URI_FIRST = rf"(?:[^%#\[\]?/: \t\r\n{_ILLEGAL}]|%[0-9A-Fa-f]{{2}})"
_URI_NO_AT = rf"(?:[^%#\[\]?/@{_ILLEGAL}]|%[0-9A-Fa-f]{{2}})"
_URI_HOST = rf"(?:\[[^\]{_ILLEGAL}]*\]|(?:[^%#\[\]?/@:{_ILLEGAL}]|%[0-9A-Fa-f]{{2}})*)"
_URI_NET = rf"//(?:{_URI_NO_AT}*@)?{_URI_HOST}(?::[0-9]{{1,9}})?(?:/{_URI_ANY}*)?"
_URI_ABSOLUTE = rf"/(?:{_URI_NO_SLASH}{_URI_ANY}*)?"
_URI_TAIL = rf"(?:\?(?:{_URI_ANY}|\?)*)?(?:#(?:{_URI_ANY}|[?\[\]])*)?"
URI_PATTERN = (
    rf"^[ \t\r\n]*(?:"
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{_URI_NET}|{_URI_ABSOLUTE}|(?:{_URI_NO_SLASH}{_URI_ANY}*)?)"
    rf"|{_URI_NET}|{_URI_ABSOLUTE}|(?:{_URI_FIRST}{_URI_NO_COLON}*(?:/{_URI_ANY}*)?)?"
    rf"){_URI_TAIL}$"
)
LANGUAGE_PATTERN = r"^(?:[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*)?$"

# Characters outside this class cannot stand in any XML document (XML 1.0, production 2).
Text = Annotated[str, StringConstraints(pattern=rf"^[^{_ILLEGAL}]*$")]
FilledText = Annotated[str, StringConstraints(pattern=rf"^[^{_ILLEGAL}]+$")]
Word = Annotated[str, StringConstraints(pattern=rf"^[^{_ILLEGAL}]*[^\s{_ILLEGAL}][^{_ILLEGAL}]*$")]
Uri = Annotated[str, StringConstraints(pattern=URI_PATTERN)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
Year = Annotated[int, Field(ge=0, le=9999)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
MaybeNameType = Literal["", NameType]
MaybeTitleType = Literal["", TitleType]
MaybeResourceType = Literal["", ResourceTypeGeneral]
MaybeRelatedIdentifierType = Literal["", RelatedIdentifierType]
MaybeFunderIdentifierType = Literal["", FunderIdentifierType]
MaybeNumberType = Literal["", NumberType]


class Part(BaseModel):
    """A part of a record: immutable, comparable, knows its names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,
    )


class NameIdentifier(Part):
    """Who exactly a creator or contributor is, e.g. an ORCID (properties 2.4, 7.5)."""

    name_identifier: Word
    name_identifier_scheme: Word
    scheme_uri: Uri = ""


class Affiliation(Part):
    """Where a creator or contributor works (properties 2.5, 7.6)."""

    name: Word
    affiliation_identifier: Text = ""
    affiliation_identifier_scheme: Text = ""
    scheme_uri: Uri = ""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Creator(Part):
    """Who made the resource (property 2). `name` of a person is "Family, Given"."""

    name: Text
    name_type: MaybeNameType = ""
    given_name: Text = ""
    family_name: Text = ""
    lang: Language = ""
    name_identifiers: tuple[NameIdentifier, ...] = ()
    affiliation: tuple[Affiliation, ...] = ()


class Contributor(Part):
    """Who else took part, and how (property 7)."""

    name: FilledText
    contributor_type: ContributorType
    name_type: MaybeNameType = ""
    given_name: Text = ""
    family_name: Text = ""
    lang: Language = ""
    name_identifiers: tuple[NameIdentifier, ...] = ()
    affiliation: tuple[Affiliation, ...] = ()


class Title(Part):
    """A name of the resource (property 3); the main title has no `title_type`."""

    title: Text
    title_type: MaybeTitleType = ""
    lang: Language = ""


class Publisher(Part):
    """Who holds and publishes the resource (property 4)."""

    name: FilledText
    publisher_identifier: Text = ""
    publisher_identifier_scheme: Text = ""
    scheme_uri: Uri = ""
    lang: Language = ""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Types(Part):
    """What kind of resource it is (property 10)."""

    resource_type_general: ResourceTypeGeneral
    resource_type: Text = ""


class Subject(Part):
    """A keyword, classification code or key phrase (property 6)."""

    subject: Text
    subject_scheme: Text = ""
    scheme_uri: Uri = ""
    value_uri: Uri = ""
    classification_code: Uri = ""
    lang: Language = ""


class Date(Part):
    """A date or range of dates that matters (property 8)."""

    date: Text
    date_type: DateType
    date_information: Text = ""


class AlternateIdentifier(Part):
    """Another identifier of the same resource, of a free type (property 11)."""

    identifier: Text
    identifier_type: Text


class RelatedIdentifier(Part):
    """Another resource, by its identifier (property 12)."""

    related_identifier: Text
    related_identifier_type: RelatedIdentifierType
    relation_type: RelationType
    relation_type_information: Text = ""
    resource_type_general: MaybeResourceType = ""
    related_metadata_scheme: Text = ""
    scheme_uri: Uri = ""
    scheme_type: Text = ""


class Rights(Part):
    """Under which conditions the resource may be used (property 16)."""

    rights: Text = ""
    rights_uri: Uri = ""
    rights_identifier: Text = ""
    rights_identifier_scheme: Text = ""
    scheme_uri: Uri = ""
    lang: Language = ""


class Description(Part):
    """Further words on the resource (property 17); "<br>" is the only markup."""

    description: Text
    description_type: DescriptionType
    lang: Language = ""


class Point(Part):
    """A point in WGS 84 decimal degrees (property 18.1)."""

    point_longitude: Longitude
    point_latitude: Latitude


class Box(Part):
    """A box in WGS 84 decimal degrees; west > east crosses the antimeridian (property 18.2)."""

    west_bound_longitude: Longitude
    east_bound_longitude: Longitude
    south_bound_latitude: Latitude
    north_bound_latitude: Latitude


class Polygon(Part):
    """A closed line of at least four points; `inside` marks its inner side (property 18.4)."""

    points: Annotated[tuple[Point, ...], Field(min_length=4)]
    inside: Point | None = None


class GeoLocation(Part):
    """A region or named place (property 18). Several polygons are a list of lists in JSON."""

    geo_location_place: Text = ""
    geo_location_point: Point | None = None
    geo_location_box: Box | None = None
    geo_location_polygon: tuple[Polygon, ...] = ()

    @field_validator("geo_location_polygon", mode="before")
    @classmethod
    def _from_points(cls, value: Any) -> Any:
        if not isinstance(value, list) or not value:
            return value
        if all(isinstance(entry, list) for entry in value):
            return [_polygon(entry) for entry in value]
        return [_polygon(value)] if all(isinstance(entry, dict) for entry in value) else value

    @field_serializer("geo_location_polygon")
    def _to_points(self, polygons: tuple[Polygon, ...]) -> list[Any]:
        lists = [_points(polygon) for polygon in polygons]
        return lists[0] if len(lists) == 1 else lists


class FundingReference(Part):
    """Who paid (property 19). An identifier needs its type."""

    funder_name: FilledText
    funder_identifier: Text = ""
    funder_identifier_type: MaybeFunderIdentifierType = ""
    scheme_uri: Uri = ""
    award_number: Text = ""
    award_uri: Uri = ""
    award_title: Text = ""

    @model_validator(mode="after")
    def _identifier_has_type(self) -> FundingReference:
        if (self.funder_identifier or self.scheme_uri) and not self.funder_identifier_type:
            raise ValueError("a funderIdentifier needs a funderIdentifierType")
        return self


class RelatedItemIdentifier(Part):
    """The identifier of a related item (property 20.1)."""

    related_item_identifier: Text
    related_item_identifier_type: MaybeRelatedIdentifierType = ""
    related_metadata_scheme: Text = ""
    scheme_uri: Annotated[Uri, Field(alias="schemeURI")] = ""
    scheme_type: Text = ""


class RelatedCreator(Part):
    """Who made a related item (property 20.2)."""

    name: Text
    name_type: MaybeNameType = ""
    given_name: Text = ""
    family_name: Text = ""
    lang: Language = ""


class RelatedContributor(RelatedCreator):
    """Who else took part in a related item (property 20.12)."""

    contributor_type: ContributorType


class RelatedItem(Part):
    """Another resource by its description, e.g. the journal (property 20)."""

    related_item_type: ResourceTypeGeneral
    relation_type: RelationType
    relation_type_information: Text = ""
    related_item_identifier: RelatedItemIdentifier | None = None
    creators: tuple[RelatedCreator, ...] = ()
    titles: tuple[Title, ...] = ()
    publication_year: Year | None = None
    volume: Text = ""
    issue: Text = ""
    number: Text = ""
    number_type: MaybeNumberType = ""
    first_page: Text = ""
    last_page: Text = ""
    publisher: Text = ""
    edition: Text = ""
    contributors: tuple[RelatedContributor, ...] = ()


class Record(Part):
    """One complete DataCite 4.7 record.

    `doi` is lower case and bare ("10.14454/abcd"), "" while none is chosen; `url` is where the
    DOI leads. Everything else is what DataCite's schema describes.
    """

    doi: Text = ""
    url: Text = ""
    creators: Annotated[tuple[Creator, ...], Field(min_length=1)]
    titles: Annotated[tuple[Title, ...], Field(min_length=1)]
    publisher: Publisher
    publication_year: Year
    types: Types
    subjects: tuple[Subject, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    dates: tuple[Date, ...] = ()
    language: Language = ""
    identifiers: tuple[AlternateIdentifier, ...] = ()
    related_identifiers: tuple[RelatedIdentifier, ...] = ()
    related_items: tuple[RelatedItem, ...] = ()
    sizes: tuple[Text, ...] = ()
    formats: tuple[Text, ...] = ()
    version: Text = ""
    rights_list: tuple[Rights, ...] = ()
    descriptions: tuple[Description, ...] = ()
    geo_locations: tuple[GeoLocation, ...] = ()
    funding_references: tuple[FundingReference, ...] = ()

    @field_validator("geo_locations", "rights_list")
    @classmethod
    def _without_empty(cls, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(part for part in parts if part != type(part)())

    @property
    def main_title(self) -> str:
        """The first title without a type, else the first title."""
        return next((t.title for t in self.titles if not t.title_type), self.titles[0].title)


_CORNERS = {"polygonPoint", "inPolygonPoint"}


def _polygon(entries: list[Any]) -> Any:
    """DataCite's list of polygonPoint and inPolygonPoint as the members of a `Polygon`."""
    if any(not isinstance(e, dict) or (len(e) > 1 and _CORNERS & e.keys()) for e in entries):
        raise ValueError("each entry of a polygon is one polygonPoint or inPolygonPoint, no more")
    inside = [e["inPolygonPoint"] for e in entries if "inPolygonPoint" in e]
    points = [e.get("polygonPoint", e) for e in entries if "inPolygonPoint" not in e]
    if len(inside) > 1:
        raise ValueError("a polygon has at most one inPolygonPoint")
    return {"points": points, "inside": inside[0] if inside else None}


def _points(polygon: Polygon) -> list[dict[str, Any]]:
    points = [{"polygonPoint": p.model_dump()} for p in polygon.points]
    if polygon.inside:
        points.append({"inPolygonPoint": polygon.inside.model_dump()})
    return points
