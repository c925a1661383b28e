"""Operations and the audit log."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(tags=["operations"])
