"""A first record, from what the source knows and what the route says."""

from __future__ import annotations

from typing import Any

from excudit.domain.model import Dataset
from excudit.settings import Route
from excudit.store.publications import now


def prefilled(route: Route, dataset: Dataset) -> dict[str, Any]:
    """The record as a person would find it: the source's words first, then the route's defaults,
    then what is true of any publication made today."""
    fallback: dict[str, Any] = {
        "titles": [{"title": dataset.title}] if dataset.title else [],
        "publicationYear": now().year,
        "types": {"resourceTypeGeneral": "Dataset"},
    }
    known = {k: v for k, v in dataset.metadata.items() if v not in ("", None, [], {}, ())}
    record = {**fallback, **route.defaults, **known}
    # The names are given by excudit: a DOI or URL in the metadata belongs to something else.
    return {k: v for k, v in record.items() if k not in ("doi", "url")}
