"""Files that excudit itself leaves in folders: not the dataset's, so they are neither read as part
of it nor taken for something foreign."""

from __future__ import annotations

OUTCOME = "excudit-publication.json"
RECORD = "excudit-datacite.json"
TOMBSTONE = "excudit-tombstone.json"
METADATA = "excudit-metadata.json"

OWN_FILES = frozenset(
    name for own in (OUTCOME, RECORD, TOMBSTONE, METADATA) for name in (own, f".{own}.part")
)
