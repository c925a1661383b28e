"""The face of a data commons: requests for permanent identifiers of folders, and their metadata.

Same paths, fields, times in milliseconds and status codes as CyVerse's terrain; where that one
answers 500 for something that a caller did, this one says 4xx.
"""

from fastapi import APIRouter

from excudit.web.faces.terrain import metadata, requests

ROUTER = APIRouter(include_in_schema=False, prefix="/terrain")
ROUTER.include_router(metadata.ROUTER)
ROUTER.include_router(requests.ROUTER)

__all__ = ["ROUTER"]
