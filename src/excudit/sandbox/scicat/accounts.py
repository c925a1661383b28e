"""Signing in, and asking who one is."""

from __future__ import annotations

import re

from excudit.sandbox.scicat.exchange import Call, answer
from excudit.sandbox.scicat.people import LIFE_S, User, token_of, users
from excudit.sandbox.scicat.shapes import NOT_YOURS, STRANGER, Refused, Tree, e1, stamp
from excudit.sandbox.serving import Reply, json_reply

_FOR_EVER = 100 * 365 * 86_400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def login(call: Call) -> Reply:
    told = call.body
    user = users().get(str(told.get("username")))
    if user is None or told.get("password") != user.password:
        raise Refused(401, {"message": "Unauthorized", "statusCode": 401})
    life_s = 1 if "short-token" in call.faults else LIFE_S
    token = token_of(user, call.store.secret, life_s)
    shown: Tree = {
        "access_token": token,
        "id": token,
        "expires_in": life_s,
        "ttl": life_s,
        "created": stamp(),
        "userId": user.id,
        "user": {"username": user.name, "email": user.email, "authStrategy": "local"},
    }
    shown["user"] |= {"_id": user.id, "__v": 0, "id": user.id}
    return json_reply(201, shown)


def legacy(call: Call) -> Reply:
    """Answers 201 and nothing, whoever asks."""
    return Reply(201)


def logout(call: Call) -> Reply:
    """The token stays valid."""
    return json_reply(200, {"logout": "successful"})


def _shown(user: User) -> Tree:
    return {"_id": user.id, "username": user.name, "email": user.email}


def whoami(call: Call) -> Reply:
    user = call.user
    if user is None:
        return Reply(200)
    groups: Tree = {"currentGroups": list(user.groups), "authStrategy": "local"}
    return answer(200, {**_shown(user), **groups})


def myself(call: Call) -> Reply:
    if call.user is None:
        raise e1(401, "Unauthenticated")
    return answer(200, _shown(call.user))


def everybody(call: Call) -> Reply:
    if not call.signed_in().admin:
        raise e1(403, NOT_YOURS)
    more = {"authStrategy": "local"}
    return answer(200, [{**_shown(u), "id": u.id, **more} for u in users().values()])


def mint(call: Call, id_: str) -> Reply:
    """An admin makes a token for somebody."""
    if not call.signed_in().admin:
        raise e1(403, STRANGER)
    user = next((u for u in users().values() if u.id == id_), None)
    if user is None:
        raise e1(404, "User not found")
    told = str(call.body.get("expiresIn", "1h"))
    match = re.fullmatch(r"(\d+)([smhd])", told)
    life_s = int(match[1]) * _UNITS[match[2]] if match else _FOR_EVER
    return json_reply(201, {"jwt": token_of(user, call.store.secret, life_s)})


def health(call: Call) -> Reply:
    up = {"mongodb": {"status": "up"}}
    return json_reply(200, {"status": "ok", "info": up, "error": {}, "details": up})
