"""The address of the next page, in the body and as a Link header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Response


def next_page(here: str, filters: Mapping[str, str | None], cursor: str, response: Response) -> str:
    """The address of the page that follows `cursor` with the same filters."""
    query = {k: v for k, v in filters.items() if v is not None} | {"cursor": cursor}
    url = f"{here}?{urlencode(query)}"
    response.headers["Link"] = f'<{url}>; rel="next"'
    return url
