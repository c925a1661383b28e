"""The web application, made from wired parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from excudit import __version__
from excudit.ports import Receiving
from excudit.service.parts import Parts
from excudit.web import api, brand, faces, health, metrics, pages, problems, public
from excudit.web.api import troubles
from excudit.web.api.rooms import by_name
from excudit.web.auth.provider import Provider
from excudit.web.headers import BODY_LIMIT, BodyLimits, Edge
from excudit.web.pages import signing


class Application(FastAPI):
    """FastAPI with a description that also knows how calls fail."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document, made once."""
        if not self.openapi_schema:
            schemas = super().openapi()["components"]["schemas"]
            for name, schema in troubles.components().items():
                schemas.setdefault(name, schema)
        document: dict[str, Any] = super().openapi()
        return document

    def build_middleware_stack(self) -> ASGIApp:
        """The edge outside of everything, so that unexpected failures have the headers too."""
        uploads = _uploads(self.state.parts)
        return Edge(super().build_middleware_stack(), uploads=uploads)


def _uploads(parts: Parts) -> int:
    """Bytes of the largest hand-in that any source takes, with room for what is around it."""
    largest = (s.largest for s in parts.sources.values() if isinstance(s, Receiving))
    return max(largest, default=0) + BODY_LIMIT


def create_app(parts: Parts, *, sample_users: Sequence[str] = ()) -> FastAPI:
    """API, pages and health of one service. Opens nothing: the parts are the caller's to close.

    `sample_users` may sign in without a password from this machine; no setting names any.
    """
    site = parts.settings.site
    brand.of(site)  # a logo that cannot be shown is told at the start
    app = Application(
        title=f"{site.name} API",
        version=__version__,
        summary="Takes research datasets to publication, exactly once.",
        description=api.DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=by_name,
        servers=[{"url": site.base_url.rstrip("/")}],
        routes=list(public.ROUTES),
        # The framework would build the address to go to from the caller's Host header.
        redirect_slashes=False,
    )
    app.state.parts = parts
    app.state.sample_users = tuple(sample_users)
    openid = parts.settings.signin.openid
    app.state.provider = Provider(openid, site) if openid else None
    problems.install(app)
    signing.install(app)
    app.router.routes.extend((*api.ROUTES, *health.ROUTER.routes, *metrics.ROUTER.routes))
    for router in faces.ROUTERS:
        app.include_router(router)
    app.router.routes.extend(pages.ROUTES)
    app.add_middleware(BodyLimits, limit=BODY_LIMIT, uploads=_uploads(parts))
    return app
