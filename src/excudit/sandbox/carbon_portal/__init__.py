"""A stand-in for the ICOS Carbon Portal on loopback: login, metadata and bytes on one port."""

from excudit.sandbox.carbon_portal.server import MAIL, PASSWORD, CarbonPortalSandbox

__all__ = ["MAIL", "PASSWORD", "CarbonPortalSandbox"]
