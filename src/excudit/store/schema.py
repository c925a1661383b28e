"""All tables together: what migrations must lead to."""

from __future__ import annotations

from excudit.store import (
    columns,
    tables,
    tables_operations,
    tables_people,
    tables_review,
    tables_routes,
)

metadata = columns.metadata
ROOMS = (tables, tables_people, tables_review, tables_operations, tables_routes)
