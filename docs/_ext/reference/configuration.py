"""The settings, from the models that read them."""

from __future__ import annotations

import inspect
import re
import types
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from excudit.settings import Faces, Mail, OpenID, Plugged, Route, Secret, Service, SignIn, Site
from reference.tables import code, plain, table

OWN: dict[str, type[BaseModel]] = {
    "[site]": Site,
    "[service]": Service,
    "[signin]": SignIn,
    "[signin.openid]": OpenID,
    "[mail]": Mail,
    "[faces]": Faces,
    "[routes.NAME]": Route,
    "[sources.NAME] and [targets.NAME]": Plugged,
}
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}


def models() -> dict[str, type[BaseModel]]:
    """Every table of excudit.toml with its model, those of the built-in plug-ins included."""
    found = dict(OWN)
    for room in ("sources", "targets"):
        for entry in sorted(entry_points(group=f"excudit.{room}"), key=lambda e: e.name):
            if entry.value.startswith("excudit."):
                found[f'[{room}.NAME] with kind = "{entry.name}"'] = entry.load().Settings
    found["A secret"] = Secret
    return found


def text() -> str:
    """A table for each table of excudit.toml."""
    return "\n".join(_section(title, model) for title, model in models().items())


def _section(title: str, model: type[BaseModel]) -> str:
    told = explanations(model)
    rows = [
        [code(name), _kind(field), _default(field), plain(told.get(name, ""))]
        for name, field in model.model_fields.items()
    ]
    first = plain((inspect.getdoc(model) or "").split("\n\n")[0])
    heading = title if title.startswith("A ") else code(title)
    return f"## {heading}\n\n{first}\n\n" + table(["Setting", "Type", "Default", "Meaning"], rows)


def explanations(model: type[BaseModel]) -> dict[str, str]:
    """What the docstrings of the model and of those it builds on say of each field: "`name`:
    words"."""
    told: dict[str, str] = {}
    for known in reversed([m for m in model.__mro__ if issubclass(m, BaseModel)]):
        words = inspect.cleandoc(known.__doc__ or "") if known.model_fields else ""
        parts = re.split(r"`(\w+)`: ", " ".join(words.split()))
        pairs = zip(parts[1::2], (p.strip().rstrip(";") for p in parts[2::2]), strict=True)
        told |= {name: said for name, said in pairs if name in model.model_fields}
    return told


def _kind(field: FieldInfo) -> str:
    return _word(field.annotation)


def _word(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _word(args[0])
    if origin is Literal:
        return " or ".join(code(f'"{a}"') for a in args)
    if origin in (Union, types.UnionType):
        return " or ".join(_word(a) for a in args if a is not type(None))
    if origin is list:
        return f"list of {_word(args[0])}"
    if origin is dict:
        return "table"
    if kind is Secret:
        return "[secret](#a-secret)"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    return WORDS[kind]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined:
        return "none"
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, (str, Path)):
        return code(f'"{value}"')
    if isinstance(value, list):
        return code("[" + ", ".join(f'"{v}"' for v in value) + "]")
    return code("{}" if value == {} else str(value))
