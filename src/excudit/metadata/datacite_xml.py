"""A record as kernel-4 XML: `to_xml` and `parse` lose nothing but the URL, which XML has not.

Reads 4.0 to 4.7, safely: no network, no document type, no entities. Every problem has its line
and column.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata import xml_tree
from excudit.metadata.kernel4 import NAMESPACE
from excudit.metadata.shape import Place, located, record_of
from excudit.metadata.xml_reader import Reader
from excudit.metadata.xml_writer import NO_DOI, to_xml

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["parse", "places_of", "to_xml", "tree_of", "validate_with_xsd"]

_OLD_KERNEL = re.compile(
    r"https?://(?:www\.)?datacite\.org/schema/(?:kernel|namespace)(?:-[23].*|$)"
)
_NO_DOIS = frozenset({NO_DOI, f"({NO_DOI})"})
_validating = Lock()


def parse(xml: bytes) -> tuple[Record | None, list[Problem]]:
    """The record in a kernel-4 document, and all problems with line and column.

    The document is refused when one of the problems is an error. The record may come along even
    then, when enough of it could be read, so that its semantic problems can be told together.
    """
    root, problems = xml_tree.read(xml)
    if root is None:
        return None, problems
    foreign = _foreign_root(root)
    if foreign:
        return None, [foreign]
    reader = Reader()
    tree = reader.tree(root)
    if tree.get("doi") in _NO_DOIS:
        tree["doi"] = ""
    record, found = record_of(tree)
    told = {p.where for p in reader.problems if p.severity == "error"}
    fresh = [p for p in found if p.where not in told]
    return record, [*reader.problems, *located(fresh, reader.places)]


def tree_of(xml: bytes) -> Any:
    """The members that could be read, for a sketch; None when it is not a kernel-4 document."""
    root, _ = xml_tree.read(xml)
    return None if root is None or _foreign_root(root) else Reader().tree(root)


def places_of(xml: bytes) -> dict[str, Place]:
    """Line and column of every value by JSON pointer; `xml` was parsed before."""
    reader = Reader()
    root, _ = xml_tree.read(xml)
    if root is not None:
        reader.tree(root)
    return reader.places


def validate_with_xsd(xml: bytes, xsd_path: str | Path) -> list[Problem]:
    """What the official schema at `xsd_path` says of the document, in libxml2's own words.

    The registry uses the same words. Raises OSError or lxml's XMLSchemaParseError when the schema
    itself cannot be used.
    """
    from lxml import etree

    path = Path(xsd_path)
    schema = _schema(path, path.stat().st_mtime_ns)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        document = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        return [Problem("", str(error), "Mend the XML.", rule="xsd", line=error.lineno)]
    with _validating:
        if schema.validate(document):
            return []
        log: Any = schema.error_log
        return [_xsd_problem(entry) for entry in log]


@lru_cache(maxsize=4)
def _schema(path: Path, _changed: int) -> etree.XMLSchema:
    from lxml import etree

    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def _xsd_problem(entry: Any) -> Problem:
    return Problem("", entry.message, rule="xsd", line=entry.line, column=entry.column or None)


def _foreign_root(root: xml_tree.Element) -> Problem | None:
    line, column = root.place
    namespace = root.namespace
    if namespace == NAMESPACE and root.name == "resource":
        return None
    message = f"The root element is {root.name} in the namespace {namespace or 'none'}."
    mend, rule = f'Write <resource xmlns="{NAMESPACE}">.', "wrong-namespace"
    if _OLD_KERNEL.fullmatch(namespace):
        message = f"Schema {namespace} is no longer supported."
        mend, rule = f"Bring the record to DataCite 4, namespace {NAMESPACE}.", "unsupported-kernel"
    return Problem("", message, mend, rule=rule, line=line, column=column)
