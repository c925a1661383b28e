"""The pages of people who are signed in."""

from excudit.web.pages import (
    about,
    account,
    audit,
    deciding,
    desk,
    form,
    operations,
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
    audit,
    preferences,
    account,
    people,
    previews,
    form,
    reviewing,
    deciding,
    publication,
)
ROUTERS = tuple(room.ROUTER for room in _ROOMS)

__all__ = ["ROUTERS"]
