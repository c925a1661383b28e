"""Datasets that wait for export in QuinCe; see README.md beside this file."""

from excudit.sources.quince.source import QuinceSource

__all__ = ["QuinceSource"]
