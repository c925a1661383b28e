"""Steps that cannot be taken back, and the owner's ways back."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(include_in_schema=False)
