"""The metadata form of a draft."""

from fastapi import APIRouter

from excudit.web.pages.form import pages, preview, submitting

ROUTER = APIRouter(include_in_schema=False)
ROUTER.include_router(preview.ROUTER)
ROUTER.include_router(submitting.ROUTER)
ROUTER.include_router(pages.ROUTER)
