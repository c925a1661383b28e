"""A stand-in for SciCat's backend 5.2 on loopback; see README.md beside this file."""

from excudit.sandbox.scicat.exchange import Rules
from excudit.sandbox.scicat.people import users
from excudit.sandbox.scicat.server import SciCatSandbox

__all__ = ["Rules", "SciCatSandbox", "users"]
