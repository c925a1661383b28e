"""A loopback QuinCe: its export API with all its traps, and a clock that can be moved."""

from excudit.sandbox.quince.measured import Cruise
from excudit.sandbox.quince.server import PASSWORD, USERNAME, QuinCe

__all__ = ["PASSWORD", "USERNAME", "Cruise", "QuinCe"]
