"""Assigning, labels and suggestions."""

from __future__ import annotations

from fastapi import APIRouter

ROUTER = APIRouter(tags=["reviewing"])
