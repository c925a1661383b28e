"""Every rule by which a record is judged, in one table; the documentation is made of it.

The first group is what the schema demands (the readers find it), the rest goes beyond the schema
and is found by the functions beside this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from excudit.domain.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name in problems, what it demands, and who says so."""

    name: str
    severity: Severity
    sentence: str
    source: str


_SCHEMA = "DataCite Metadata Schema 4.7"
_XSD = "DataCite kernel-4.7 XSD"
_API = "DataCite REST API"
_OURS = "excudit"

# fmt: off
_TABLE = (
    # What the text and the schema demand.
    ("syntax", "error", "The text is well-formed JSON, YAML or XML without a DTD.", _OURS),
    ("duplicate-key", "error", "No key stands twice in one object.", "RFC 8259, section 4"),
    ("unsupported-kernel", "error", "The record is of schema version 4.", _API),
    ("wrong-namespace", "error", "The XML namespace is that of kernel-4.", _XSD),
    ("xsd", "error", "The official schema, where an operator names it, accepts the XML.", _XSD),
    ("mandatory", "error", "What the schema makes mandatory is there.", f"{_SCHEMA}, section 2.1"),
    ("cardinality", "error", "Each member stands as often as the schema allows.", _XSD),
    ("order", "error", "XML elements stand in the order of the schema.", _XSD),
    ("vocabulary", "error", "Terms come from the schema's lists, letter by letter.", _XSD),
    ("text-form", "error", "Texts have the form of their type and no forbidden characters.", _XSD),
    ("shape", "error", "Each value is a text, number, list or object, as the schema says.", _API),
    ("unknown-member", "error", "Every JSON member is known; others are dropped silently.", _API),
    ("unknown-element", "error", "Every XML element and attribute is known.", _XSD),
    ("identifier-type", "error", "The identifier of an XML record is a DOI.", f"{_SCHEMA}, 1.a"),
    ("not-kept", "warning", "Nothing in the text is lost in reading.", _OURS),
    ("metadata-file", "error", "A folder has one readable metadata file.", _OURS),
    # Texts and names.
    ("blank-text", "error", "Titles, names, subjects and descriptions are more than space.", _OURS),
    ("main-title", "error", "One title at least has no titleType.", f"{_SCHEMA}, 3.a"),
    ("title-placeholder", "warning", "The title is neither a file name nor ':tba'.", _OURS),
    ("personal-name", "warning", "A person's name is 'Family, Given' of its two parts.", _API),
    ("html", "warning", "Descriptions hold no markup but <br>.", f"{_SCHEMA}, 17"),
    ("language-tag", "error", "Languages are well-formed BCP 47.", "RFC 5646, section 2.1"),
    # Identifiers.
    ("doi-form", "error", "The DOI is one that the registry can create.", _API),
    ("doi-case", "warning", "The DOI is written in lower case.", "DOI Handbook, 2.4"),
    ("orcid", "error", "An ORCID has its form and check digit.", "ISO 7064 MOD 11-2"),
    ("ror", "error", "A ROR id has its form and check digits.", "ISO 7064 MOD 97-10"),
    ("isni", "error", "An ISNI has its form and check digit.", "ISO 27729"),
    ("identifier-address", "warning", "ORCID and ROR ids are written as https addresses.", _SCHEMA),
    ("scheme-pair", "error", "An identifier has its scheme, and a scheme its identifier.", _SCHEMA),
    ("funder-id", "error", "A Crossref Funder ID is a DOI under 10.13039.", "Crossref"),
    ("issn", "error", "An ISSN has its form and check digit.", "ISO 3297"),
    ("isbn", "error", "An ISBN has its form and check digit.", "ISO 2108"),
    ("ean13", "error", "An EAN-13 has its form and check digit.", "GS1"),
    ("related-doi", "error", "A related DOI has the form of a DOI.", _SCHEMA),
    ("related-doi-address", "warning", "A related DOI is written without an address.", _SCHEMA),
    ("own-doi", "error", "The record does not relate to its own DOI.", _OURS),
    ("dropped-identifier", "warning", "No alternate identifier is of type DOI.", _API),
    ("relation-other", "error", "The relation Other is explained.", f"{_SCHEMA}, 12.g"),
    ("metadata-scheme", "warning", "Metadata schemes have a metadata relation.", f"{_SCHEMA}, 12"),
    # Dates and years.
    ("date", "error", "Dates are EDTF level 0 or 1 with days that exist.", "ISO 8601-2:2019"),
    ("year-range", "error", "The publication year is from 1400 to next year.", _OURS),
    ("year-agrees", "warning", "The year is that of Issued or Available.", f"{_SCHEMA}, 5"),
    # Rights.
    ("rights-length", "error", "A rights text has at most 2000 characters.", _API),
    ("spdx", "error", "What is said to be an SPDX identifier is one.", "SPDX License List"),
    # Places.
    ("box", "error", "A box's south is not north of its north.", f"{_SCHEMA}, 18.2"),
    ("polygon-closed", "error", "A polygon's last point is its first.", f"{_SCHEMA}, 18.4"),
    ("polygon-flat", "error", "A polygon's points are not all on one line.", f"{_SCHEMA}, 18.4"),
    ("polygon-inside", "warning", "inPolygonPoint is inside its polygon.", f"{_SCHEMA}, 18.4.2"),
    # Where the DOI leads.
    ("url", "error", "The URL is an http, https or ftp address without spaces.", _API),
    ("url-secure", "error", "The URL is https, except on the own machine.", _OURS),
    ("url-host", "error", "The URL's host is one that the repository allows.", _API),
    # A good record of a dataset.
    ("duplicate", "warning", "Nobody and nothing is named twice.", _OURS),
    ("dataset-abstract", "warning", "A dataset has an abstract.", "FAIR F2"),
    ("dataset-licence", "warning", "A dataset has a licence with SPDX identifier.", "FAIR R1.1"),
    ("dataset-orcid", "warning", "A dataset names at least one ORCID.", "FAIR F1"),
    ("dataset-ror", "warning", "A dataset names at least one ROR id.", "FAIR F1"),
)
# fmt: on

RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _TABLE}  # type: ignore[arg-type]


# A finding before its place is known: the name of the rule, the message and the mend. Rules that
# run for every part of a record return one or None, so that a right record costs next to nothing.
Finding = tuple[str, str, str]


def broken(rule: str, where: str, message: str, mend: str = "") -> Problem:
    """The problem of a rule broken at `where`, as grave as the table says."""
    return Problem(where, message, mend, RULES[rule].severity, rule)
