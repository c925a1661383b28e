"""XML read safely, every element with its line and column.

Expat with a door: no document type, so no entities and no way to the network; names come with
their namespace. Far smaller than a general tree, because a record is small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from excudit.domain.problem import Problem
from excudit.metadata.shape import Place

XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
DEEPEST = 64


@dataclass(slots=True)
class Element:
    """One element; `tag` and attribute names are "namespace name" where they have a namespace."""

    tag: str
    attributes: dict[str, str]
    place: Place
    parts: list[Element | str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition(" ")[2]

    @property
    def namespace(self) -> str:
        """The namespace, "" for none."""
        return self.tag.rpartition(" ")[0]

    @property
    def text(self) -> str:
        """The element's own character data."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def children(self) -> list[Element]:
        """The elements directly inside, in order."""
        return [part for part in self.parts if isinstance(part, Element)]


class _Refused(Exception):  # a signal out of a parser's callback
    pass


def read(xml: bytes) -> tuple[Element | None, list[Problem]]:
    """The root element, or the one reason why this is not acceptable XML."""
    parser = expat.ParserCreate(namespace_separator=" ")
    builder = _Builder(parser)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        return None, [
            _problem(f"This is not well-formed XML: {reason}.", error.lineno, error.offset)
        ]
    except (_Refused, UnicodeEncodeError, LookupError, ValueError) as error:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber
        return None, [_problem(f"This XML is refused: {error}.", line, column)]
    return builder.root, []


class _Builder:
    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.root: Element | None = None
        self.open: list[Element] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        place = (self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        element = Element(tag, attributes, place)
        if len(self.open) >= DEEPEST:
            raise _Refused(f"elements are nested more than {DEEPEST} deep")
        if self.open:
            self.open[-1].parts.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _: str) -> None:
        self.open.pop()

    def characters(self, words: str) -> None:
        self.open[-1].parts.append(words)


def _no_doctype(*_: Any) -> None:
    raise _Refused("a document type or entities are not allowed")


def _problem(message: str, line: int, offset: int) -> Problem:
    return Problem(
        "", message, "Mend the XML at this place.", rule="syntax", line=line, column=offset + 1
    )
