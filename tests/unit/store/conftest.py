"""A publication in a database."""

from __future__ import annotations

import pytest

from excudit.domain.publication import Part, Publication
from excudit.store import events, publications


@pytest.fixture
def add_publication():
    """Adds a draft with one event; returns its id."""

    def add(database, *, ref="/data/a", concept=None, version=1, **values):
        key, moment = publications.new_id(), publications.now()
        publication = Publication(
            **{
                "id": key,
                "slug": publications.new_slug(),
                "route": "folder-doi",
                "owner": "ada",
                "title": "A title",
                "state": "draft",
                "health": "idle",
                "concept": concept or key,
                "version": version,
                "created_at": moment,
                "updated_at": moment,
                "parts": (Part("folders", ref),),
                **values,
            }
        )
        with database.write() as connection:
            publications.add(connection, publication)
            events.append(connection, key, actor="ada", action="create")
        return key

    return add
