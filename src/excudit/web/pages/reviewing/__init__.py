"""Reviewing one publication: look, decide, assign, label, suggest; and the labels themselves."""

from fastapi import APIRouter

from excudit.web.pages.reviewing import assigning, decisions, labels, review, suggesting

ROUTER = APIRouter(include_in_schema=False)
for _room in (review, decisions, assigning, labels, suggesting):
    ROUTER.routes.extend(_room.ROUTER.routes)

__all__ = ["ROUTER"]
