"""Drop-in faces: the APIs of other systems, so that their clients keep working.

A face is a room with a `ROUTER`; it translates and calls the same verbs as pages and API do.
"""

from __future__ import annotations

from fastapi import APIRouter

from excudit.web.faces import cat, scicat, terrain

ROUTERS: tuple[APIRouter, ...] = (cat.ROUTER, scicat.ROUTER, terrain.ROUTER)

__all__ = ["ROUTERS"]
