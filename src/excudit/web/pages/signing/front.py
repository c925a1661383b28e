"""The sign-in page itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from starlette.responses import Response

from excudit.domain.errors import ExcuditError, RateLimited
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.auth import browser, held
from excudit.web.pages.signing import sample
from excudit.web.visitors import Visitor, at_the_door, give_cookie


def page(
    request: Request,
    parts: Parts,
    visitor: Visitor,
    asked: str,
    *,
    name: str = "",
    problems: Sequence[tuple[str, str]] = (),
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Ways to sign in; a browser without a cookie gets one, for the mark of the form. Nothing is
    written for it: whoever looks at this page costs the database nothing."""
    is_new = visitor.session is None and not visitor.door
    visitor = at_the_door() if is_new else visitor
    kept = visitor.session.kept if visitor.session else {}
    signin = parts.settings.signin
    values = {
        "asked": browser.ours(asked),
        "name": name,
        "problems": list(problems),
        "local": signin.local,
        "openid": signin.openid,
        "sample_users": sample.users_for(request, parts),
        "waiting": held.at(parts, kept.get("held", "")),
        "failed": bool(problems),
    }
    answer = shell.show(
        request, visitor, "signing/signin.html", values, status=status, headers=headers
    )
    if is_new:
        give_cookie(answer, parts, visitor.door)
    return answer


def refused(
    request: Request, parts: Parts, visitor: Visitor, error: ExcuditError, status: int
) -> Response:
    """Why somebody could not come in, and whom to ask."""
    values = {"error": error, "failed": True}
    headers = wait_of(error)
    return shell.show(
        request, visitor, "signing/refused.html", values, status=status, headers=headers
    )


def wait_of(error: ExcuditError) -> dict[str, str]:
    """How long to wait, for programs."""
    delay_s = error.delay_s if isinstance(error, RateLimited) else 0.0
    return {"Retry-After": str(max(1, round(delay_s)))} if delay_s else {}
