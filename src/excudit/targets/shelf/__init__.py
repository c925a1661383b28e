"""A curated area as a repository: folders on a file system or on S3; see README.md beside."""

from excudit.targets.shelf.settings import ShelfSettings
from excudit.targets.shelf.target import ShelfTarget

__all__ = ["ShelfSettings", "ShelfTarget"]
