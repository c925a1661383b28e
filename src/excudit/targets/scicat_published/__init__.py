"""Published data in a SciCat: its own record of a publication, and its datasets made public."""

from excudit.targets.scicat_published.target import ScicatPublishedTarget

__all__ = ["ScicatPublishedTarget"]
