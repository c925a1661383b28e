"""A second SciCat that holds copies of datasets; see README.md beside this file."""

from excudit.targets.scicat_mirror.settings import ScicatMirrorSettings
from excudit.targets.scicat_mirror.target import ScicatMirrorTarget

__all__ = ["ScicatMirrorSettings", "ScicatMirrorTarget"]
