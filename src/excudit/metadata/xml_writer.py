"""A record as kernel-4 XML, built as text: several times faster than a tree, and deterministic.

One element per line, top-level elements in the order of DataCite's documentation. Descriptions
keep "<br>" as markup; everything else is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from excudit.domain.record import (
    AlternateIdentifier,
    Box,
    Contributor,
    Creator,
    Date,
    Description,
    FundingReference,
    GeoLocation,
    Point,
    Polygon,
    Record,
    RelatedContributor,
    RelatedCreator,
    RelatedIdentifier,
    RelatedItem,
    RelatedItemIdentifier,
    Rights,
    Subject,
    Title,
)

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<resource xmlns="http://datacite.org/schema/kernel-4"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://datacite.org/schema/kernel-4'
    ' http://schema.datacite.org/meta/kernel-4.7/metadata.xsd">\n'
)
NO_DOI = ":tba"

_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_VALUE = {**_TEXT, ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}
_special_in_text = re.compile("[&<>\r]").search
_special_in_value = re.compile('[&<>\r"\t\n]').search


def to_xml(record: Record, doi: str | None = None) -> bytes:
    """The record as a kernel-4 document in UTF-8, valid by DataCite's 4.7 XSD.

    Equal records give equal bytes. `doi` stands in for the record's own; without any, the
    identifier is DataCite's ":tba". The URL has no place in XML.
    """
    name = text(doi or record.doi or NO_DOI)
    parts = (
        f'{HEAD}<identifier identifierType="DOI">{name}</identifier>\n',
        wrapped("creators", map(_creator, record.creators)),
        wrapped("titles", map(_title, record.titles)),
        _publisher(record),
        wrapped("subjects", map(_subject, record.subjects)),
        wrapped("contributors", map(_contributor, record.contributors)),
        wrapped("dates", map(_date, record.dates)),
        element("language", record.language),
        wrapped("alternateIdentifiers", map(_alternate_identifier, record.identifiers)),
        wrapped("relatedIdentifiers", map(_related_identifier, record.related_identifiers)),
        wrapped("relatedItems", map(_related_item, record.related_items)),
        wrapped("sizes", [f"<size>{text(size)}</size>\n" for size in record.sizes]),
        wrapped("formats", [f"<format>{text(form)}</format>\n" for form in record.formats]),
        element("version", record.version),
        wrapped("rightsList", map(_rights, record.rights_list)),
        wrapped("descriptions", map(_description, record.descriptions)),
        wrapped("geoLocations", map(_geo_location, record.geo_locations)),
        wrapped("fundingReferences", map(_funding, record.funding_references)),
        "</resource>\n",
    )
    return "".join(parts).encode()


def text(words: str) -> str:
    """`words` as character data; a carriage return survives as a reference."""
    return words.translate(_TEXT) if _special_in_text(words) else words


def value(name: str, words: str) -> str:
    """An attribute with a space before it, "" when it has no value."""
    if not words:
        return ""
    if _special_in_value(words):
        words = words.translate(_VALUE)
    return f' {name}="{words}"'


def lang(tag: str) -> str:
    """The attribute xml:lang with a space before it, "" without a tag."""
    return f' xml:lang="{tag}"' if tag else ""


def element(name: str, words: str) -> str:
    """A line with one plain element, "" when it has no text."""
    return f"<{name}>{text(words)}</{name}>\n" if words else ""


def wrapped(name: str, entries: Iterable[str]) -> str:
    """The entries inside their wrapper element, "" when there are none."""
    lines = "".join(entries)
    return f"<{name}>\n{lines}</{name}>\n" if lines else ""


def _creator(creator: Creator) -> str:
    return f"<creator>\n{_person('creatorName', creator)}</creator>\n"


def _contributor(one: Contributor) -> str:
    return (
        f'<contributor contributorType="{one.contributor_type}">\n'
        f"{_person('contributorName', one)}</contributor>\n"
    )


def _person(name: str, person: Creator | Contributor) -> str:
    lines = _names(name, person)
    for identifier in person.name_identifiers:
        lines += (
            f"<nameIdentifier{value('nameIdentifierScheme', identifier.name_identifier_scheme)}"
            f"{value('schemeURI', identifier.scheme_uri)}>"
            f"{text(identifier.name_identifier)}</nameIdentifier>\n"
        )
    for place in person.affiliation:
        lines += (
            f"<affiliation{value('affiliationIdentifier', place.affiliation_identifier)}"
            f"{value('affiliationIdentifierScheme', place.affiliation_identifier_scheme)}"
            f"{value('schemeURI', place.scheme_uri)}>{text(place.name)}</affiliation>\n"
        )
    return lines


def _names(name: str, person: Creator | Contributor | RelatedCreator) -> str:
    return (
        f"<{name}{value('nameType', person.name_type)}{lang(person.lang)}>{text(person.name)}"
        f"</{name}>\n{element('givenName', person.given_name)}"
        f"{element('familyName', person.family_name)}"
    )


def _title(title: Title) -> str:
    kind = value("titleType", title.title_type)
    return f"<title{kind}{lang(title.lang)}>{text(title.title)}</title>\n"


def _publisher(record: Record) -> str:
    publisher, types = record.publisher, record.types
    return (
        f"<publisher{value('publisherIdentifier', publisher.publisher_identifier)}"
        f"{value('publisherIdentifierScheme', publisher.publisher_identifier_scheme)}"
        f"{value('schemeURI', publisher.scheme_uri)}{lang(publisher.lang)}>"
        f"{text(publisher.name)}</publisher>\n"
        f"<publicationYear>{record.publication_year:04d}</publicationYear>\n"
        f'<resourceType resourceTypeGeneral="{types.resource_type_general}">'
        f"{text(types.resource_type)}</resourceType>\n"
    )


def _subject(subject: Subject) -> str:
    return (
        f"<subject{value('subjectScheme', subject.subject_scheme)}"
        f"{value('schemeURI', subject.scheme_uri)}{value('valueURI', subject.value_uri)}"
        f"{value('classificationCode', subject.classification_code)}{lang(subject.lang)}>"
        f"{text(subject.subject)}</subject>\n"
    )


def _date(one: Date) -> str:
    information = value("dateInformation", one.date_information)
    return f'<date dateType="{one.date_type}"{information}>{text(one.date)}</date>\n'


def _alternate_identifier(one: AlternateIdentifier) -> str:
    kind = value("alternateIdentifierType", one.identifier_type) or ' alternateIdentifierType=""'
    return f"<alternateIdentifier{kind}>{text(one.identifier)}</alternateIdentifier>\n"


def _related_identifier(one: RelatedIdentifier) -> str:
    return (
        f'<relatedIdentifier relatedIdentifierType="{one.related_identifier_type}"'
        f' relationType="{one.relation_type}"'
        f"{value('relationTypeInformation', one.relation_type_information)}"
        f"{value('resourceTypeGeneral', one.resource_type_general)}"
        f"{value('relatedMetadataScheme', one.related_metadata_scheme)}"
        f"{value('schemeURI', one.scheme_uri)}{value('schemeType', one.scheme_type)}>"
        f"{text(one.related_identifier)}</relatedIdentifier>\n"
    )


def _related_item(related: RelatedItem) -> str:
    identifier = related.related_item_identifier
    year = related.publication_year
    return (
        f'<relatedItem relatedItemType="{related.related_item_type}"'
        f' relationType="{related.relation_type}"'
        f"{value('relationTypeInformation', related.relation_type_information)}>\n"
        f"{_related_item_identifier(identifier) if identifier else ''}"
        f"{wrapped('creators', map(_related_creator, related.creators))}"
        f"{wrapped('titles', map(_title, related.titles))}"
        f"{'' if year is None else element('publicationYear', f'{year:04d}')}"
        f"{element('volume', related.volume)}{element('issue', related.issue)}"
        f"{_number(related)}"
        f"{element('firstPage', related.first_page)}{element('lastPage', related.last_page)}"
        f"{element('publisher', related.publisher)}{element('edition', related.edition)}"
        f"{wrapped('contributors', map(_related_contributor, related.contributors))}"
        "</relatedItem>\n"
    )


def _related_item_identifier(one: RelatedItemIdentifier) -> str:
    return (
        f"<relatedItemIdentifier"
        f"{value('relatedItemIdentifierType', one.related_item_identifier_type)}"
        f"{value('relatedMetadataScheme', one.related_metadata_scheme)}"
        f"{value('schemeURI', one.scheme_uri)}{value('schemeType', one.scheme_type)}>"
        f"{text(one.related_item_identifier)}</relatedItemIdentifier>\n"
    )


def _related_creator(creator: RelatedCreator) -> str:
    return f"<creator>\n{_names('creatorName', creator)}</creator>\n"


def _related_contributor(one: RelatedContributor) -> str:
    return (
        f'<contributor contributorType="{one.contributor_type}">\n'
        f"{_names('contributorName', one)}</contributor>\n"
    )


def _number(related: RelatedItem) -> str:
    if not (related.number or related.number_type):
        return ""
    return f"<number{value('numberType', related.number_type)}>{text(related.number)}</number>\n"


def _rights(rights: Rights) -> str:
    return (
        f"<rights{value('rightsURI', rights.rights_uri)}"
        f"{value('rightsIdentifier', rights.rights_identifier)}"
        f"{value('rightsIdentifierScheme', rights.rights_identifier_scheme)}"
        f"{value('schemeURI', rights.scheme_uri)}{lang(rights.lang)}>"
        f"{text(rights.rights)}</rights>\n"
    )


def _description(one: Description) -> str:
    words = text(one.description).replace("&lt;br&gt;", "<br/>")
    return (
        f'<description descriptionType="{one.description_type}"{lang(one.lang)}>'
        f"{words}</description>\n"
    )


def _geo_location(place: GeoLocation) -> str:
    point, box = place.geo_location_point, place.geo_location_box
    return (
        f"<geoLocation>\n{element('geoLocationPlace', place.geo_location_place)}"
        f"{_point('geoLocationPoint', point) if point else ''}{_box(box) if box else ''}"
        f"{''.join(map(_polygon, place.geo_location_polygon))}</geoLocation>\n"
    )


def _box(box: Box) -> str:
    return (
        "<geoLocationBox>\n"
        f"<westBoundLongitude>{box.west_bound_longitude!r}</westBoundLongitude>\n"
        f"<eastBoundLongitude>{box.east_bound_longitude!r}</eastBoundLongitude>\n"
        f"<southBoundLatitude>{box.south_bound_latitude!r}</southBoundLatitude>\n"
        f"<northBoundLatitude>{box.north_bound_latitude!r}</northBoundLatitude>\n"
        "</geoLocationBox>\n"
    )


def _polygon(polygon: Polygon) -> str:
    points = "".join(_point("polygonPoint", point) for point in polygon.points)
    inside = _point("inPolygonPoint", polygon.inside) if polygon.inside else ""
    return f"<geoLocationPolygon>\n{points}{inside}</geoLocationPolygon>\n"


def _point(name: str, point: Point) -> str:
    return (
        f"<{name}>\n<pointLongitude>{point.point_longitude!r}</pointLongitude>\n"
        f"<pointLatitude>{point.point_latitude!r}</pointLatitude>\n</{name}>\n"
    )


def _funding(one: FundingReference) -> str:
    funder = award = ""
    if one.funder_identifier or one.funder_identifier_type:
        funder = (
            f'<funderIdentifier funderIdentifierType="{one.funder_identifier_type}"'
            f"{value('schemeURI', one.scheme_uri)}>{text(one.funder_identifier)}"
            "</funderIdentifier>\n"
        )
    if one.award_number or one.award_uri:
        award = (
            f"<awardNumber{value('awardURI', one.award_uri)}>"
            f"{text(one.award_number)}</awardNumber>\n"
        )
    return (
        f"<fundingReference>\n<funderName>{text(one.funder_name)}</funderName>\n"
        f"{funder}{award}{element('awardTitle', one.award_title)}</fundingReference>\n"
    )
