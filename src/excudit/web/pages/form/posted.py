"""What was posted, read by the description of the form: everything else is ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from excudit.web.pages.form.kinds import Field, Group, Node, Rows, member
from excudit.web.pages.form.trees import Texts, plain

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER = re.compile(r"[0-9]{1,7}")
NEW_ROWS = 500
"""Rows of one list in one form, at most."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as a tree of texts, and what cannot be taken: name of field → sentence."""

    texts: dict[str, Texts]
    refused: dict[str, str]


def read(nodes: tuple[Node, ...], pairs: Iterable[tuple[str, object]], base: Texts) -> Typed:
    """The fields of a form. `base` is what the page showed: what stands there already is taken
    again, however long."""
    texts: dict[str, Texts] = {}
    refused: dict[str, str] = {}
    for name, value in pairs:
        if not isinstance(value, str):
            continue
        path = name.split(".")
        field = _field(nodes, path)
        if field is None:
            continue
        typed = plain(value)
        if typed != plain(_at(base, path)):
            why = _wrong(field, typed)
            if why:
                refused[name] = why
        if not _put(texts, path, typed):
            refused[name] = f"More than {NEW_ROWS} rows are too many for one form."
    return Typed(texts, refused)


def _wrong(field: Field, text: str) -> str:
    if len(text) > field.longest:
        return (
            f"{field.label} has {len(text):,} characters; at most {field.longest:,} are taken. "
            "Shorten it."
        )
    found = _ILLEGAL.search(text)
    if found:
        return (
            f"{field.label} holds a control character (after {found.start()} others) that cannot "
            "be published. Remove it, or type the text anew."
        )
    return ""


def _field(nodes: tuple[Node, ...], path: list[str]) -> Field | None:
    """The field of a name, "creators.0.name"; None where the description has none."""
    node: Node | None = None
    for step in path:
        if isinstance(node, Rows):
            if not _NUMBER.fullmatch(step):
                return None
            node = node.plain or Group(step, "", node.entry)
        elif node is None or isinstance(node, Group):
            node = member(node.members if node else nodes, step)
            if node is None:
                return None
        else:
            return None
    return node if isinstance(node, Field) else None


def field_at(nodes: tuple[Node, ...], name: str) -> Field | None:
    """The description of the field with this name."""
    return _field(nodes, name.split("."))


def _put(texts: dict[str, Texts], path: list[str], text: str) -> bool:
    place: dict[str | int, Texts] = texts  # type: ignore[assignment]
    for step in path[:-1]:
        key = int(step) if step.isdigit() else step
        if key not in place and isinstance(key, int) and len(place) >= NEW_ROWS:
            return False
        place = place.setdefault(key, {})
    last = path[-1]
    place[int(last) if last.isdigit() else last] = text
    return True


def _at(texts: Texts, path: list[str]) -> str:
    for step in path:
        if not isinstance(texts, Mapping):
            return ""
        texts = texts.get(int(step) if step.isdigit() else step, "")
    return texts if isinstance(texts, str) else ""


def flat(texts: Texts, name: str = "") -> Iterator[tuple[str, str]]:
    """The names and texts of a tree, as a form posts them."""
    if isinstance(texts, str):
        yield name, texts
        return
    for key, inner in texts.items():
        yield from flat(inner, f"{name}.{key}" if name else str(key))
