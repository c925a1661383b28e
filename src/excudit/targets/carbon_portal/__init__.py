"""ICOS Carbon Portal: data objects with PIDs; see README.md beside this file."""

from excudit.targets.carbon_portal.target import CarbonPortalTarget

__all__ = ["CarbonPortalTarget"]
