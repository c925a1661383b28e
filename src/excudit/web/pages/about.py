"""Pages about the service itself: accessibility, help."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(include_in_schema=False)
