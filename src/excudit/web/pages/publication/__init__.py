"""The page of one publication, its tabs, and what people do together on it."""

from __future__ import annotations

from fastapi import APIRouter

from excudit.web.pages.publication import acting, discussion, exporting, front, looking, tabs

ROUTER = APIRouter(include_in_schema=False)
for _room in (front, tabs, looking, exporting, discussion, acting):
    ROUTER.routes.extend(_room.ROUTER.routes)
