"""Near-valid kernel-4 documents: a valid one with one or two things wrong, or only odd."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from lxml import etree

from excudit.metadata.datacite_xml import to_xml
from excudit.metadata.kernel4 import NAMESPACE
from record_strategies import records

Draw = Callable[[st.SearchStrategy[object]], object]

# fmt: off
NAMES = (
    "creator", "creatorName", "givenName", "familyName", "nameIdentifier", "affiliation",
    "title", "publisher", "subject", "publicationYear", "resourceType", "contributor",
    "contributorName", "date", "language", "size", "format", "rights",
    "alternateIdentifier", "relatedIdentifier", "relatedItem", "version", "description",
    "br", "geoLocation", "geoLocationPlace", "geoLocationPoint", "geoLocationBox",
    "geoLocationPolygon", "polygonPoint", "inPolygonPoint", "pointLongitude",
    "pointLatitude", "funderName", "funderIdentifier", "awardNumber", "number", "volume",
    "identifier", "titles", "nonsense",
)
# fmt: on
# fmt: off
ATTRIBUTES = (
    "nameType", "titleType", "contributorType", "dateType", "dateInformation",
    "descriptionType", "schemeURI", "valueURI", "relationType", "relatedIdentifierType",
    "resourceTypeGeneral", "funderIdentifierType", "identifierType",
    "{http://www.w3.org/XML/1998/namespace}lang", "awardURI", "nonsense",
    "{http://example.org/}foreign",
)
# fmt: on
# fmt: off
TEXTS = (
    "", "  ", "2024", " 2024 ", "123", "20245", "abc", "0", "-90", "90.5", "-180",
    "180.001", "181", "+5", ".5", "5.", "1e2", "1E400", "NaN", "INF", "-", "1,5",
    "Personal", "personal", " Personal", "DOI", "doi", "URL", "Other", "Dataset", "en",
    "en_US", "en-", "de-1996", "xxxxxxxxx", "1", "Crossref Funder ID", "http://[", "%zz",
    "1a:b", ":unkn", "a b", "http://x:y/", "10.14454/abc", "#a#b", "http://a@b@c/",
)
# fmt: on


@st.composite
def near_valid(draw: Draw) -> bytes:
    """A document that was valid before one to three changes."""
    root = etree.fromstring(to_xml(draw(records())))  # type: ignore[arg-type]
    for _ in range(draw(st.integers(1, 3))):  # type: ignore[call-overload]
        change = draw(st.sampled_from(CHANGES))
        elements = [e for e in root.iter() if isinstance(e.tag, str)]
        change(draw, draw(st.sampled_from(elements)))  # type: ignore[operator]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _remove(_: Draw, element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _repeat(_: Draw, element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        twin = etree.fromstring(etree.tostring(element, with_tail=False))
        parent.insert(parent.index(element), twin)


def _move(draw: Draw, element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
        parent.insert(draw(st.integers(0, len(parent))), element)  # type: ignore[arg-type]


def _write(draw: Draw, element: etree._Element) -> None:
    for child in element:
        element.remove(child)
    element.text = str(draw(st.sampled_from(TEXTS)))


def _say_between(draw: Draw, element: etree._Element) -> None:
    if element.getparent() is not None:
        element.tail = str(draw(st.sampled_from(TEXTS)))


def _set(draw: Draw, element: etree._Element) -> None:
    names = [*element.attrib, *ATTRIBUTES]
    name = str(draw(st.sampled_from(names)))
    element.set(name, str(draw(st.sampled_from(TEXTS))))


def _unset(draw: Draw, element: etree._Element) -> None:
    if element.attrib:
        del element.attrib[str(draw(st.sampled_from(sorted(element.attrib))))]


def _rename(draw: Draw, element: etree._Element) -> None:
    element.tag = f"{{{NAMESPACE}}}{draw(st.sampled_from(NAMES))}"


def _insert(draw: Draw, element: etree._Element) -> None:
    namespace = draw(st.sampled_from([NAMESPACE, NAMESPACE, "http://example.org/", ""]))
    name = draw(st.sampled_from(NAMES))
    new = etree.Element(f"{{{namespace}}}{name}" if namespace else str(name))
    new.text = str(draw(st.sampled_from(TEXTS)))
    element.insert(draw(st.integers(0, len(element))), new)  # type: ignore[arg-type]


def _comment(_: Draw, element: etree._Element) -> None:
    element.insert(0, etree.Comment("nothing"))


CHANGES = (
    _remove,
    _repeat,
    _move,
    _write,
    _write,
    _say_between,
    _set,
    _set,
    _unset,
    _rename,
    _insert,
    _comment,
)
