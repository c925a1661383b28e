"""The site's JSON Schema for published data, and what it complains about (Ajv's words)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

Tree = dict[str, Any]
_NAMED: Tree = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
METADATA: Tree = {
    "allOf": [
        {"dynamicDefaults": {"publicationYear": "currentYear"}},
        {
            "type": "object",
            "properties": {
                "creators": {"type": "array", "minItems": 1, "items": _NAMED},
                "publisher": {
                    "type:": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "publisherIdentifierScheme": {"type": "string"},
                    },
                    "required": ["name", "publisherIdentifierScheme"],
                },
                "publicationYear": {"type": "integer"},
                "resourceType": {"type": "string", "$dataciteRequired": True},
                "contributors": {
                    "type": "array",
                    "items": {"type": "object", "required": ["name", "contributorType"]},
                },
                "dates": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"date": {"type": "string", "format": "date-time"}},
                    },
                },
                "proposal": {"type": "string", "title": "Proposal"},
                "grant": {"type": "string", "title": "Grant"},
            },
            "required": ["creators", "publisher", "publicationYear", "resourceType"],
        },
    ]
}
UI: Tree = {
    "type": "VerticalLayout",
    "elements": [{"type": "Control", "scope": "#/properties/creators"}],
}


def complaints(metadata: Tree) -> list[Tree]:
    """Everything that the site's schema refuses."""
    filled = {"publicationYear": datetime.now().astimezone().year, **metadata}
    return list(_judge(METADATA["allOf"][1], filled, "", "#/allOf/1"))


def _judge(schema: Tree, value: Any, where: str, path: str) -> Iterator[Tree]:
    kinds = {"object": dict, "array": list, "string": str, "integer": int}
    kind = schema.get("type")
    if kind in kinds and not isinstance(value, kinds[kind]):
        yield _told(where, f"{path}/type", "type", {"type": kind}, f"must be {kind}")
        return
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                words = f"must have required property '{name}'"
                yield _told(where, f"{path}/required", "required", {"missingProperty": name}, words)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                below = f"{path}/properties/{name}"
                yield from _judge(inner, value[name], f"{where}/{name}", below)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            words = f"must NOT have fewer than {schema['minItems']} items"
            limit = {"limit": schema["minItems"]}
            yield _told(where, f"{path}/minItems", "minItems", limit, words)
        for at, one in enumerate(value):
            yield from _judge(schema.get("items", {}), one, f"{where}/{at}", f"{path}/items")
    if schema.get("format") == "date-time" and "T" not in str(value):
        words = 'must match format "date-time"'
        yield _told(where, f"{path}/format", "format", {"format": "date-time"}, words)


def _told(where: str, path: str, keyword: str, params: Tree, message: str) -> Tree:
    return {
        "instancePath": where,
        "schemaPath": path,
        "keyword": keyword,
        "params": params,
        "message": message,
    }
