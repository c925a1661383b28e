"""The page about a failure: what happened, what to do, whom to ask, and what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from excudit.domain.errors import ExcuditError
from excudit.service.parts import Parts
from excudit.store.publications import now
from excudit.web import rendering, shell
from excudit.web.visitors import Visitor, is_from_here, visitor

KEPT_CHARACTERS = 500_000
"""What was typed is given back up to this length; longer, the browser's own way back has it."""
_OURS = ("csrf",)
_SECRET = ("password", "token", "secret", "code")
# What may pass when the same is sent again; other refusals come again.
_PASSING = (429, 500, 502, 503)


def page(
    request: Request,
    told: Mapping[str, Any],
    headers: Mapping[str, str],
    *,
    who: Visitor | None = None,
) -> Response:
    """A failure as a page. `told` are the members of the problem+json answer.

    Whoever it is for: when even that cannot be found out, it is for nobody.
    """
    parts: Parts = request.app.state.parts
    if who is None:
        who = _visitor(request, parts)
    status = int(told["status"])
    delay = headers.get("Retry-After", "")
    typed = _typed(request)
    values = {
        "hint": "",
        "remote": "",
        "incident": "",
        "problems": (),
        **told,
        "again_at": now() + timedelta(seconds=int(delay)) if delay.isdigit() else None,
        "typed": typed,
        "can_resend": bool(typed) and status in _PASSING and _resendable(request, who),
        "failed": True,
        "back": _back(request),
        "came_by_form": request.method == "POST",
        "address": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    }
    return shell.show(
        request, who, "error.html", values, status=status, headers=headers, quiet=True
    )


def _visitor(request: Request, parts: Parts) -> Visitor:
    try:
        return visitor(request, parts)
    except ExcuditError:
        return Visitor(None)


def _typed(request: Request) -> list[tuple[str, str]]:
    """The fields of a form that was sent, without ours and without secrets."""
    form = getattr(request.state, "form", None)
    if form is None:
        return []
    fields = [(k, v) for k, v in form.multi_items() if isinstance(v, str) and v]
    shown = [(k, v) for k, v in fields if k not in _OURS and not _is_secret(k)]
    return shown if sum(len(k) + len(v) for k, v in shown) <= KEPT_CHARACTERS else []


def _is_secret(field: str) -> bool:
    return any(word in field.lower() for word in _SECRET)


def _resendable(request: Request, who: Visitor) -> bool:
    """Whether sending it again would be the same: our own form, whole, of somebody signed in."""
    form = request.state.form
    whole = not any(_is_secret(k) or not isinstance(v, str) for k, v in form.multi_items())
    return whole and who.actor is not None and is_from_here(request)


def _back(request: Request) -> str:
    """The page of ours that led here, "" when it is not known."""
    parts: Parts = request.app.state.parts
    came = urlsplit(request.headers.get("referer", ""))
    hosts = (urlsplit(parts.settings.site.base_url).netloc, request.headers.get("host", ""))
    here = rendering.root(parts.settings.site) + request.url.path
    if came.netloc not in hosts or not came.path or (came.path == here and request.method == "GET"):
        return ""
    return came.path + (f"?{came.query}" if came.query else "")
