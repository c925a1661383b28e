"""Addresses of a real app that always fail, each in its own way."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict, Denied, RateLimited, Rejected, Unavailable
from excudit.domain.problem import Problem
from excudit.web.visitors import Posted, SignedIn

SECRET = "postgresql://user:hunter2@db"
FAILURES: dict[int, Callable[[], Exception]] = {
    403: lambda: Denied("This needs the role curator.", hint="Ask the operators for it."),
    409: lambda: Conflict("It was published meanwhile.", hint="Look at it again."),
    422: lambda: Rejected(
        "The record has problems.",
        problems=(Problem("/titles", "A <b>title</b> is missing: 100 %", "Write one."),),
    ),
    429: lambda: RateLimited("Too many at once.", delay_s=90),
    500: lambda: RuntimeError(SECRET),
    503: lambda: Unavailable("The source sea does not answer.", remote="ECONNREFUSED 10.0.0.7"),
}


def add_failures(app: FastAPI) -> None:
    """GET and POST /fails/STATUS."""

    def read(request: Request, status: int) -> Response:
        raise FAILURES[status]()

    def sent(request: Request, status: int, person: SignedIn, form: Posted) -> Response:
        raise FAILURES[status]()

    app.add_api_route("/fails/{status}", read, methods=["GET"], include_in_schema=False)
    app.add_api_route("/fails/{status}", sent, methods=["POST"], include_in_schema=False)
