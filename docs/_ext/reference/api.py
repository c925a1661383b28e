"""The HTTP API, from the OpenAPI document of a wired service."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from excudit import app
from excudit.cli.demo_settings import demo_settings
from excudit.web import create_app
from reference.tables import code, plain, table

METHODS = ("get", "post", "put", "patch", "delete")


@functools.cache
def _openapi() -> dict[str, Any]:
    with TemporaryDirectory(prefix="excudit-docs-") as scratch:
        place = Path(scratch)
        parts = app.build(demo_settings(place), migrating=False)
        document: dict[str, Any] = create_app(parts).openapi()
        parts.database.close()
    return document


def document() -> str:
    """The OpenAPI document itself."""
    return json.dumps(_openapi(), indent=2, ensure_ascii=False) + "\n"


def text() -> str:
    """Every call, by address."""
    rows = list(_calls())
    return table(["Call", "What it does", "Answers"], rows)


def _calls() -> Iterator[list[str]]:
    for path, calls in _openapi()["paths"].items():
        for method in METHODS:
            if method in calls:
                call = calls[method]
                answers = ", ".join(sorted(call["responses"]))
                first = (call.get("description") or call.get("summary") or "").split("\n\n")[0]
                yield [code(f"{method.upper()} {path}"), plain(first), answers]
