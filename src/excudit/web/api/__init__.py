"""The HTTP API, version 1."""

from excudit.web.api import (
    actions,
    baskets,
    dates,
    documents,
    drafts,
    fixity,
    gates,
    looking,
    names,
    operations,
    outside,
    people,
    previews,
    publications,
    readings,
    reviewing,
    standing,
    talk,
)
from excudit.web.api.rooms import below

DESCRIPTION = """\
Every answer is JSON. Failures are problem details (RFC 9457): `kind` names the failure, `hint`
says how to mend it, `remote` is another service's own words, `problems` lists everything that is
wrong with its place.

A publication carries `links`, the calls that are possible now, and `refused`, why the others are
not. Lists are read page by page by following `next` (also in the `Link` header).
"""

_ROOMS = (
    publications,
    actions,
    dates,
    readings,
    standing,
    gates,
    looking,
    talk,
    names,
    drafts,
    reviewing,
    previews,
    baskets,
    documents,
    operations,
    fixity,
    outside,
    people,
)
ROUTES = tuple(route for room in _ROOMS for route in below(room.ROUTER))
