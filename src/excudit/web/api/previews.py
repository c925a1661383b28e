"""Preview links and the publish date."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(tags=["previews"])
