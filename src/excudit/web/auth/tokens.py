"""What an OpenID Provider signed, looked at before it is believed.

OpenID Connect Core 1.0 §3.1.3.7, Back-Channel Logout 1.0 §2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from excudit.domain.errors import Denied

# Signed with the provider's private key; never "none", never a secret that we share.
ALGORITHMS = frozenset(
    f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA"}
LEEWAY_S = 60
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"

Keys = Callable[[bool], KeySet]
"""The provider's keys; with True they are fetched anew first."""


def key_set(jwks: Any) -> KeySet:
    """The keys that verify signatures; kinds that are not known are left out."""
    listed = jwks.get("keys") if isinstance(jwks, Mapping) else None
    keys: list[Key] = []
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and entry.get("use", "sig") == "sig":
            try:
                keys.append(import_key(entry))
            except (JoseError, ValueError, KeyError, TypeError):
                continue
    return KeySet(keys)


def id_claims(
    token: str,
    keys: Keys,
    *,
    issuer: str,
    client: str,
    nonce: str,
    access_token: str,
    offered: Collection[str] = (),
) -> dict[str, Any]:
    """The claims of an ID token that is ours, from the provider, for this sign-in and in time.

    Raises Denied.
    """
    found = _verified(token, keys, offered)
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client},
        "sub": {"essential": True, "allow_blank": False},
    }
    params = {"nonce": nonce, "client_id": client, "access_token": access_token}
    claims = CodeIDToken(found.claims, found.header, options, params)
    _judge(claims)
    if not isinstance(claims["sub"], str) or len(claims["sub"]) > 255:
        raise _bad("the subject is no text of up to 255 signs")
    return dict(claims)


def logout_claims(
    token: str, keys: Keys, *, issuer: str, client: str, offered: Collection[str] = ()
) -> dict[str, Any]:
    """The claims of a logout token that is for us. Raises Denied."""
    found = _verified(token, keys, offered)
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client},
        "jti": {"essential": True, "allow_blank": False},
    }
    # A logout token need not say for whom it is: sub or sid.
    claims = CodeIDToken({"sub": "", **found.claims}, found.header, options, {"client_id": client})
    _judge(claims)
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT), Mapping):
        raise _bad("it is no logout token")
    if "nonce" in claims:
        raise _bad("a logout token has no nonce")
    told = [claims.get(name, "") for name in ("sub", "sid")]
    if not any(told) or not all(isinstance(name, str) for name in told):
        raise _bad("it does not say who signed out")
    return dict(claims)


def _verified(token: str, keys: Keys, offered: Collection[str]) -> jwt.Token:
    allowed = sorted(ALGORITHMS & set(offered) if offered else ALGORITHMS)
    registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
    try:
        try:
            return jwt.decode(token, keys(False), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):
            # Providers change their keys.
            return jwt.decode(token, keys(True), registry=registry)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _bad(str(error) or type(error).__name__) from error


def _judge(claims: CodeIDToken) -> None:
    try:
        claims.validate(leeway=LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        raise _bad(str(error)) from error


def _bad(why: str) -> Denied:
    return Denied(
        "What your organisation's sign-in service sent cannot be trusted.",
        hint="Try again. When it stays so, tell the operators of this service.",
        remote=why,
    )
