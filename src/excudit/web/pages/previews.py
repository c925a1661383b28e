"""Read-only links for people without an account."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(include_in_schema=False)
