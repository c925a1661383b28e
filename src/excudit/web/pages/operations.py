"""How the service is, and what needs an operator."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(include_in_schema=False)
