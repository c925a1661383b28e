"""Older editions of a draft."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(tags=["drafts"])
