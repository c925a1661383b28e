"""The web side: a page to look at the mails, the same as JSON, and the fault switches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from excudit.sandbox.smtp.faults import Faults, Switches
from excudit.sandbox.smtp.letters import Letter, Letters

SHOWN = 200
TEMPLATES = Path(__file__).parent / "templates"
_PAGE_CSP = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'"
# A mail is a stranger's markup: no script, no form, nothing fetched, even opened in its own tab.
_MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
)


def make_page(letters: Letters, switches: Switches) -> FastAPI:
    """The mailbox's web application. It only reads the mails; it changes faults alone."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.router.routes.extend(_Pages(letters).routes())
    _Control(switches).add_to(app)
    return app


class _Pages:
    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[Route]:
        return [
            Route("/", self.index),
            Route("/style.css", self.style),
            Route("/messages", self.as_json),
            Route("/messages/{name}", self.letter),
            Route("/messages/{name}/html", self.html_part),
            Route("/messages/{name}/source", self.source),
        ]

    def index(self, request: Request) -> Response:
        shown = self._letters.newest(SHOWN)
        return self._page("index.html", letters=shown, count=len(self._letters))

    def letter(self, request: Request) -> Response:
        return self._page("letter.html", letter=self._wanted(request))

    def html_part(self, request: Request) -> Response:
        html = self._wanted(request).part("html")
        return HTMLResponse(html, headers=_headers(_MAIL_CSP))

    def source(self, request: Request) -> Response:
        content = self._letters.source(request.path_params["name"])
        if content is None:
            raise HTTPException(404, "There is no such mail.")
        # As plain text, so that a browser shows the source and never renders it.
        return Response(content, media_type="text/plain", headers=_headers(_PAGE_CSP))

    def as_json(self, request: Request) -> Response:
        return JSONResponse([_as_data(letter) for letter in self._letters.newest(SHOWN)])

    def style(self, request: Request) -> Response:
        return Response((TEMPLATES / "style.css").read_bytes(), media_type="text/css")

    def _wanted(self, request: Request) -> Letter:
        letter = self._letters.find(request.path_params["name"])
        if letter is None:
            raise HTTPException(404, "There is no such mail.")
        return letter

    def _page(self, template: str, **values: Any) -> Response:
        text = self._templates.get_template(template).render(values)
        return HTMLResponse(text, headers=_headers(_PAGE_CSP))


class _Control:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def add_to(self, app: FastAPI) -> None:
        path = "/_sandbox/faults"
        app.add_api_route(path, self.show, methods=["GET"])
        app.add_api_route(path, self.change, methods=["PUT", "POST"])
        app.add_api_route(path, self.end, methods=["DELETE"])

    def show(self) -> Faults:
        return self._switches.faults

    def change(self, faults: Faults) -> Faults:
        self._switches.set(faults)
        return self._switches.faults

    def end(self) -> Faults:
        return self.change(Faults())


def _as_data(letter: Letter) -> dict[str, Any]:
    headers = letter.message
    return {
        "name": letter.name,
        "sender": letter.sender,
        "recipients": list(letter.recipients),
        "from": str(headers["From"] or ""),
        "to": str(headers["To"] or ""),
        "subject": str(headers["Subject"] or ""),
        "date": str(headers["Date"] or ""),
        "message_id": str(headers["Message-ID"] or ""),
        "references": str(headers["References"] or ""),
        "text": letter.part("plain"),
        "html": letter.part("html"),
    }


def _headers(csp: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": csp,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
