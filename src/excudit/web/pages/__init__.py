"""The pages of people who are signed in."""

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

__all__ = ["ROUTES"]
