"""The metadata form of a draft."""

from fastapi import APIRouter

from excudit.web.pages.form import pages, preview, submitting

ROUTER = APIRouter(include_in_schema=False)
ROUTER.routes.extend(preview.ROUTER.routes)
ROUTER.routes.extend(submitting.ROUTER.routes)
ROUTER.routes.extend(pages.ROUTER.routes)
