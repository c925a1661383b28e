"""An OpenID Provider that says whatever a test wants, over real HTTP."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT = "excudit"


class Stub:
    """`claims` change the next ID token, `key` signs it, `header` is its header. `asked` are the
    calls with their forms."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {"sub": "ada-1", "email": "ada@example.org"}
        self.codes = {"good"}
        self.nonce = ""
        self.is_down = False
        self.id_token = ""
        self.published: dict[str, Any] = {}
        self.rotate("first")
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub._answer(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                stub._answer(self, {k: v[0] for k, v in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self, kid: str) -> None:
        """A new key, and only that."""
        self.key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})
        self.header: dict[str, Any] = {"alg": "ES256", "kid": kid}

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with these claims."""
        if self.header["alg"] == "none":
            parts = [self.header, claims]
            return ".".join(_base64(json.dumps(p).encode()) for p in parts) + "."
        return jwt.encode(self.header, claims, self.key)

    def usual(self) -> dict[str, Any]:
        """The claims of an ID token that is right."""
        moment = int(time.time())
        return {
            "iss": self.issuer,
            "sub": "ada-1",
            "aud": CLIENT,
            "iat": moment,
            "exp": moment + 300,
            "nonce": self.nonce,
            "sid": "there-1",
        }

    def _answer(self, call: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        path = call.path.partition("?")[0]
        self.asked.append((path, form, call.headers.get("Authorization", "")))
        status, body = 503 if self.is_down else 200, self._body(path, form)
        if body is None:
            status, body = 400, {"error": "invalid_grant"}
        raw = json.dumps(body).encode()
        call.send_response(status)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(raw)))
        call.end_headers()
        call.wfile.write(raw)

    def _body(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/me",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end",
                **self.published,
            }
        if path == "/keys":
            return KeySet([self.key]).as_dict(private=False)
        if path == "/me":
            return self.userinfo
        if form.get("code") not in self.codes:
            return None
        self.codes.discard(form["code"])
        told = {k: v for k, v in {**self.usual(), **self.claims}.items() if v is not None}
        return {"access_token": "an-access-token", "id_token": self.id_token or self.sign(told)}


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
