"""What a template allows: its attributes, their values and children, read from one JSON file."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from excudit.domain.errors import Rejected
from excudit.metadata.template.document import Avu

Kind = Literal["text", "enum", "url", "number", "boolean", "year", "group"]
_OWN = uuid.UUID("c1a1a6ab-4f0f-5c0e-8f7e-3a5d3c0b6a11")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a template.

    `required`: always at the top, with its parent below. `many`: may be repeated. `values` are
    all that an "enum" may hold, `default` the one that forms offer. `limits` of a "number". A
    "group" has no value of its own.
    """

    name: str
    description: str
    kind: Kind
    required: bool = False
    many: bool = False
    values: tuple[str, ...] = ()
    default: str = ""
    limits: tuple[float, float] | None = None
    attributes: tuple[Attribute, ...] = ()

    def child(self, name: str) -> Attribute | None:
        """The child of this name, whatever its capitals."""
        wanted = name.casefold()
        return next((c for c in self.attributes if c.name.casefold() == wanted), None)

    def spelt(self, avu: Avu) -> Avu:
        """The attribute and its children, called as the template calls them."""
        children = []
        for one in avu.children:
            known = self.child(one.name)
            children.append(
                known.spelt(Avu(known.name, one.value, one.where, one.children)) if known else one
            )
        return Avu(avu.name, avu.value, avu.where, tuple(children))

    def as_data(self, path: str) -> dict[str, Any]:
        """As terrain's API shows it; identifiers are made from the place, so they stay."""
        here = f"{path}/{self.name}"
        shown: dict[str, Any] = {
            "id": _id(here),
            "name": self.name,
            "description": self.description,
            "required": self.required,
            "type": self.kind.capitalize() if self.kind != "url" else "URL/URI",
        }
        if self.values:
            shown["values"] = [
                {"id": _id(f"{here}={v}"), "value": v, "is_default": v == self.default}
                for v in self.values
            ]
        if self.attributes:
            shown["attributes"] = [c.as_data(here) for c in self.attributes]
        return shown


@dataclass(frozen=True, slots=True)
class Template:
    """A named set of attributes; `root` is an attribute that only has children."""

    id: str
    name: str
    description: str
    root: Attribute

    def as_data(self) -> dict[str, Any]:
        """As terrain's API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "deleted": False,
            "attributes": [a.as_data(self.id) for a in self.root.attributes],
        }


def _id(place: str) -> str:
    return str(uuid.uuid5(_OWN, place))


@functools.cache
def datacite() -> Template:
    """The template that comes with excudit: "DOI Request - DataCite 4.2"."""
    return load(Path(__file__).with_name("datacite.json"))


def load(path: Path) -> Template:
    """A deployment's own template. Raises Rejected, saying where the file is wrong."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        root = Attribute("", "", "group", attributes=_attributes(found["attributes"]))
        return Template(found["id"], found["name"], found.get("description", ""), root)
    except OSError as error:
        raise Rejected(f"The template {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Rejected(
            f"The template {path} is not one: {error}.",
            hint='It is {"id", "name", "attributes": [{"name", "type", "required", …}]}.',
        ) from error


def _attributes(found: list[Mapping[str, Any]]) -> tuple[Attribute, ...]:
    return tuple(_attribute(one) for one in found)


def _attribute(found: Mapping[str, Any]) -> Attribute:
    kind = str(found.get("type", "text")).lower().split("/")[0]
    if kind not in get_args(Kind):
        raise ValueError(f"{found['name']}: there is no type {found['type']!r}")
    values = found.get("values", [])
    limits = found.get("limits")
    return Attribute(
        name=found["name"],
        description=found.get("description", ""),
        kind=kind,  # type: ignore[arg-type]
        required=bool(found.get("required")),
        many=bool(found.get("many")),
        values=tuple(v["value"] for v in values),
        default=next((v["value"] for v in values if v.get("is_default")), ""),
        limits=(float(limits["least"]), float(limits["most"])) if limits else None,
        attributes=_attributes(found.get("attributes", [])),
    )
