"""The caller's basket."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(tags=["baskets"])
