"""The pages of decisions: each says first what would happen, and what cannot be taken back."""

from fastapi import APIRouter

from excudit.web.pages.deciding import amending, dates, gates, publishing, turns, withdrawing

ROUTER = APIRouter(include_in_schema=False)
for _room in (publishing, dates, withdrawing, amending, gates, turns):
    ROUTER.routes.extend(_room.ROUTER.routes)

__all__ = ["ROUTER"]
