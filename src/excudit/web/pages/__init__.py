"""The pages of people who are signed in."""

from fastapi.routing import APIRoute

from excudit.web.pages import (
    about,
    account,
    audit,
    deciding,
    desk,
    form,
    handing,
    operations,
    outside,
    people,
    picking,
    picks,
    preferences,
    previews,
    publication,
    queue,
    reviewing,
    signing,
)

# Fixed addresses come before /publications/{publication}.
_ROOMS = (
    signing,
    about,
    desk,
    picking,
    picks,
    queue,
    operations,
    outside,
    audit,
    preferences,
    account,
    people,
    previews,
    form,
    handing,
    reviewing,
    deciding,
    publication,
)
ROUTES = tuple(route for room in _ROOMS for route in room.ROUTER.routes)
for _route in ROUTES:
    # Pages are no part of the description of the API, whatever their room says.
    assert isinstance(_route, APIRoute)
    _route.include_in_schema = False

__all__ = ["ROUTES"]
