"""Logins for other services, and how their secrets are kept out of all words."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import SecretStr

from excudit.domain.errors import Rejected

HIDDEN = "•••"
_SENDABLE = re.compile(r"[!-~]+")

# Credentials that may stand in anybody's words: userinfo in a URL, header lines, query values.
_LEAKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^/\s@\"']+(?=@)"), HIDDEN),
    (
        re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?(?:[a-z]+\s+)?)[\w.~+/=:-]+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(basic|bearer)\s+(?=\S*[\d=])[\w.~+/=-]{12,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([?&](?:[\w-]*token|api_?key|password|secret|sig(?:nature)?|x-amz-\w+)=)[^&\s\"']+"
        ),
        rf"\1{HIDDEN}",
    ),
)


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """`text` without the given secrets and without anything that looks like a credential."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern, substitute in _LEAKS:
        text = pattern.sub(substitute, text)
    return text


def without(body: bytes, secrets: Collection[str]) -> bytes:
    """`redact` for bytes that may be no text, and only for the given secrets."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        body = body.replace(secret.encode(), HIDDEN.encode())
    return body


def _forms(secret: str) -> frozenset[str]:
    return frozenset({secret, quote(secret, safe=""), json.dumps(secret)[1:-1]})


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic (RFC 7617). `password` is read anew for each request, so it may be rotated."""

    username: str
    password: Callable[[], SecretStr]

    def header(self) -> tuple[str, frozenset[str]]:
        """The Authorization header, and every form in which the secret might leak."""
        secret = self.password().get_secret_value()
        token = base64.b64encode(f"{self.username}:{secret}".encode()).decode()
        return f"Basic {token}", _forms(secret) | {token}


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer token (RFC 6750), read anew for each request."""

    token: Callable[[], SecretStr]

    def header(self) -> tuple[str, frozenset[str]]:
        """The Authorization header, and every form in which the secret might leak."""
        secret = self.token().get_secret_value()
        if not _SENDABLE.fullmatch(secret):
            raise Rejected(
                "The token is empty or holds a space, a line end or a sign outside ASCII.",
                hint="Write the token alone into its file or variable.",
            )
        return f"Bearer {secret}", _forms(secret)
