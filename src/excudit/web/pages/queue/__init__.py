"""The review queue, and decisions on many of its publications at once."""

from fastapi import APIRouter

from excudit.web.pages.queue import bulk, listing

ROUTER = APIRouter(include_in_schema=False)
for _room in (listing, bulk):
    ROUTER.routes.extend(_room.ROUTER.routes)

__all__ = ["ROUTER"]
