"""Decisions on a request: approve, return, reject, suggest, label."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(include_in_schema=False)
