"""The review queue, and decisions on many of its publications at once."""

from fastapi import APIRouter

from excudit.web.pages.queue import bulk, listing

ROUTER = APIRouter(include_in_schema=False)
for _room in (listing, bulk):
    ROUTER.include_router(_room.ROUTER)

__all__ = ["ROUTER"]
