"""Datasets of a SciCat catalogue; see README.md beside this file."""

from excudit.sources.scicat.settings import ScicatSourceSettings
from excudit.sources.scicat.source import ScicatSource

__all__ = ["ScicatSource", "ScicatSourceSettings"]
