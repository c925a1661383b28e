"""Datasets that are folders on a POSIX file system; see README.md beside this file."""

from excudit.sources.folder.source import FolderSource

__all__ = ["FolderSource"]
