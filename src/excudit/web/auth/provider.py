"""The OpenID Provider of the settings: where it answers, and what we ask it (RFC 6749, RFC 7636,
OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0)."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet
from pydantic import SecretStr

from excudit.domain.errors import Denied, ExcuditError, Permanent, Unavailable
from excudit.http import Answer, Basic, Bearer, Remote, Timeouts, user_agent
from excudit.settings import OpenID, Site
from excudit.web.auth import tokens

BACK = "/sign-in/openid/back"
ENDED = "/sign-in/openid/ended"
CACHED_S = 600.0
KEYS_EVERY_S = 5.0
"""Keys are fetched anew for an unknown key, but not more often than this."""
_PATIENCE = Timeouts(connect_s=3.0, read_s=8.0, total_s=12.0)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the provider vouches for: the claims, and what its own session is called."""

    claims: Mapping[str, Any]
    id_token: str
    sid: str


class Provider:
    """One OpenID Provider; safe to use from several threads. What it publishes of itself is kept
    for ten minutes. Raises Unavailable when it does not answer, Denied when it must not be
    trusted."""

    def __init__(
        self, openid: OpenID, site: Site, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.openid = openid
        self._site, self._clock = site, clock
        self._lock = threading.RLock()
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._down: tuple[float, Unavailable] | None = None
        self._remotes: dict[tuple[str, bool], Remote] = {}

    def start(self) -> tuple[str, dict[str, str]]:
        """A sign-in begins: where the browser has to go, and what its session has to remember."""
        state = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        asked = {
            "response_type": "code",
            "client_id": self.openid.client_id,
            "redirect_uri": self._here(BACK),
            "scope": " ".join(self.openid.scopes),
            "state": state["state"],
            "nonce": state["nonce"],
            "code_challenge": create_s256_code_challenge(state["verifier"]),
            "code_challenge_method": "S256",
        }
        to = self._endpoint("authorization_endpoint")
        return str(add_params_to_uri(to, list(asked.items()))), state

    def finish(self, code: str, begun: Mapping[str, str], issuer: str) -> SignedIn:
        """Whoever came back with this code; `issuer` is what the answer said of itself, or ""."""
        meta = self.metadata()
        if issuer and issuer != self.openid.issuer:
            raise Denied(
                "The answer came from another sign-in service than the one that was asked.",
                hint="Begin again from the sign-in page.",
            )
        said = self._exchange(code, begun["verifier"])
        claims = tokens.id_claims(
            str(said.get("id_token", "")),
            self.keys,
            issuer=self.openid.issuer,
            client=self.openid.client_id,
            nonce=begun["nonce"],
            access_token=str(said.get("access_token", "")),
            offered=meta.get("id_token_signing_alg_values_supported") or (),
        )
        more = self._userinfo(str(said.get("access_token", "")), claims["sub"])
        sid = claims.get("sid")
        return SignedIn(
            {**more, **claims}, str(said["id_token"]), sid if isinstance(sid, str) else ""
        )

    def signed_out(self, logout_token: str) -> dict[str, Any]:
        """The claims of a logout token (sub, sid, jti)."""
        return tokens.logout_claims(
            logout_token,
            self.keys,
            issuer=self.openid.issuer,
            client=self.openid.client_id,
            offered=self.metadata().get("id_token_signing_alg_values_supported") or (),
        )

    def end_url(self, id_token: str) -> str:
        """Where the browser signs out of the provider, too; "" where it offers none."""
        if not self.metadata().get("end_session_endpoint"):
            return ""
        asked = {
            "id_token_hint": id_token,
            "client_id": self.openid.client_id,
            "post_logout_redirect_uri": self._here(ENDED),
        }
        to = self._endpoint("end_session_endpoint")
        return str(add_params_to_uri(to, list(asked.items())))

    def metadata(self) -> dict[str, Any]:
        """What the provider publishes of itself."""
        with self._lock:
            if self._found is None or self._clock() - self._found[0] > CACHED_S:
                issuer = self.openid.issuer.rstrip("/")
                found = self._get(f"{issuer}/.well-known/openid-configuration").value
                if not isinstance(found, dict) or found.get("issuer") != self.openid.issuer:
                    said = found.get("issuer") if isinstance(found, dict) else None
                    raise Denied(
                        f"The sign-in service calls itself {said!r}.",
                        hint="signin.openid.issuer has to be exactly that.",
                    )
                self._found = (self._clock(), found)
            return self._found[1]

    def keys(self, anew: bool) -> KeySet:
        """The provider's keys."""
        with self._lock:
            age = self._clock() - self._keys[0] if self._keys else CACHED_S + 1
            if self._keys is None or age > (KEYS_EVERY_S if anew else CACHED_S):
                found = tokens.key_set(self._get(self._endpoint("jwks_uri")).value)
                self._keys = (self._clock(), found)
            return self._keys[1]

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._here(BACK),
            "code_verifier": verifier,
        }
        confidential = self.openid.client_secret is not None
        if not confidential:
            form["client_id"] = self.openid.client_id
        remote, path = self._remote(self._endpoint("token_endpoint"), with_secret=confidential)
        # A code counts once: a lost answer cannot be asked for again, but nothing is lost either.
        answer = remote.send("POST", path, form=form, safe=True)
        if answer.status != 200 or not isinstance(answer.value, dict):
            error = remote.failure(answer) if answer.status != 200 else answer.unsure("answered")
            if isinstance(error, Permanent):
                raise Denied(
                    "Your organisation's sign-in service did not accept the answer of your "
                    "browser.",
                    hint="It may have been too late: begin again from the sign-in page.",
                    remote=answer.words,
                ) from error
            raise error
        return answer.value

    def _userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        """More claims, where the provider tells them apart (Core §5.3)."""
        if not access_token or not self.metadata().get("userinfo_endpoint"):
            return {}
        remote, path = self._remote(self._endpoint("userinfo_endpoint"))
        login, _ = Bearer(lambda: SecretStr(access_token)).header()
        answer = remote.call("GET", path, headers={"Authorization": login})
        found = answer.value
        if not isinstance(found, dict) or found.get("sub") != subject:
            raise Denied("Your organisation's sign-in service told of somebody else.")
        return found

    def _get(self, url: str) -> Answer:
        # While it is down, waiting visitors must not take all threads from the others.
        if self._down and self._clock() - self._down[0] < KEYS_EVERY_S:
            raise self._down[1]
        remote, path = self._remote(url)
        try:
            return remote.call("GET", path)
        except ExcuditError as error:
            down = Unavailable(
                "Your organisation's sign-in service does not answer as it should.",
                hint="Try again in a few minutes.",
                remote=error.remote or error.message,
            )
            self._down = (self._clock(), down)
            raise down from error

    def _endpoint(self, name: str) -> str:
        url = self.metadata().get(name)
        wanted = urlsplit(self.openid.issuer).scheme
        if not isinstance(url, str) or urlsplit(url).scheme not in ("https", wanted):
            raise Denied(f"The sign-in service publishes no trustworthy {name}.")
        return url

    def _remote(self, url: str, *, with_secret: bool = False) -> tuple[Remote, str]:
        there = urlsplit(url)
        origin = f"{there.scheme}://{there.netloc}"
        with self._lock:
            if (origin, with_secret) not in self._remotes:
                self._remotes[origin, with_secret] = Remote(
                    "The sign-in service",
                    origin,
                    agent=user_agent(self._site),
                    auth=self._login() if with_secret else None,
                    timeouts=_PATIENCE,
                    max_bytes=1024 * 1024,
                )
            path = (there.path or "/") + (f"?{there.query}" if there.query else "")
            return self._remotes[origin, with_secret], path

    def _login(self) -> Basic:
        secret = self.openid.client_secret
        assert secret is not None
        # RFC 6749 §2.3.1: both are form-encoded before they are joined.
        return Basic(
            quote(self.openid.client_id, safe=""),
            lambda: SecretStr(quote(secret.read().get_secret_value(), safe="")),
        )

    def _here(self, path: str) -> str:
        return self._site.base_url.rstrip("/") + path
