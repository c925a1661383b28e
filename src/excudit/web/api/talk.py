"""Comments and collaborators."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(tags=["talk"])
