"""Choosing datasets: routes, search, the basket, and what would become public."""

from __future__ import annotations

from fastapi import APIRouter

from excudit.web.pages.picking import kept, looking, prospects, routes

ROUTER = APIRouter(include_in_schema=False)
for _room in (routes, kept, prospects, looking):
    ROUTER.routes.extend(_room.ROUTER.routes)
