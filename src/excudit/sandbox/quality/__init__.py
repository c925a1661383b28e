"""A loopback stand-in for an outside quality control that is asked before anything is public."""

from excudit.sandbox.quality.server import Mode, Quality

__all__ = ["Mode", "Quality"]
