"""Submission packages for SOCAT, the Surface Ocean CO2 Atlas; see README.md beside this file."""

from excudit.targets.socat.target import SocatTarget

__all__ = ["SocatTarget"]
