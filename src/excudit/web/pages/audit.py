"""The audit log."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(include_in_schema=False)
