"""Reviews of drafts by a community."""

from __future__ import annotations

import uuid
from typing import Any

from excudit.sandbox.invenio import views
from excudit.sandbox.invenio.exchange import SERVER_FAULT, Call, Refused, Reply, json_reply
from excudit.sandbox.invenio.records import Records
from excudit.sandbox.invenio.store import stamp

Tree = dict[str, Any]
COMMUNITY = "b72fc06b-ac90-417a-aeb9-67a692f45bcc"
SLUG = "ocean"
ENDS = {"accept": "accepted", "decline": "declined", "cancel": "cancelled"}


def community(records: Records, call: Call) -> Reply:
    if call.parts[2] not in (SLUG, COMMUNITY):
        raise Refused(404, "The persistent identifier does not exist.")
    return json_reply(200, {"id": COMMUNITY, "slug": SLUG, "metadata": {"title": "Ocean"}})


def _asked(records: Records, id_: str) -> Tree:
    found = records.store.get("request", id_)
    if found is None:
        raise Refused(404, "Not found.")
    return found


def ask(records: Records, call: Call) -> Reply:
    """Put a review; every time it is a new request."""
    record = records.draft(call.user, call.parts[2])
    body = call.body or {}
    asked = {
        "id": str(uuid.uuid4()),
        "created": stamp(),
        "community": (body.get("receiver") or {}).get("community"),
        "record": record["id"],
        "status": "created",
    }
    records.store.keep("request", asked)
    record["review"] = asked["id"]
    records.save(record)
    return json_reply(200, views.request(call.base, asked))


def show(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2])
    return json_reply(200, views.request(call.base, _asked(records, record["review"])))


def drop(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2])
    asked = _asked(records, record["review"])
    if asked["status"] == "submitted":
        raise Refused(400, "You cannot delete an open review.")
    record["review"] = ""
    records.save(record)
    return Reply(204)


def submit(records: Records, call: Call) -> Reply:
    record = records.draft(call.user, call.parts[2])
    asked = _asked(records, record["review"])
    if asked["status"] != "created":
        return json_reply(500, {"message": SERVER_FAULT, "status": 500})
    asked["status"] = "submitted"
    records.store.keep("request", asked)
    record["reviewing"] = True
    records.save(record)
    return json_reply(202, views.request(call.base, asked))


def show_request(records: Records, call: Call) -> Reply:
    return json_reply(200, views.request(call.base, _asked(records, call.parts[2])))


def act(records: Records, call: Call) -> Reply:
    """Accept, decline or cancel."""
    asked, action = _asked(records, call.parts[2]), call.parts[4]
    if asked["status"] != "submitted" or action not in ENDS:
        message = f"Error for action '{action}': Could not execute the action"
        raise Refused(400, message)
    if action == "accept":
        records.publish(None, asked["record"], accepted=True)
    else:
        record = records.any(asked["record"])
        record["reviewing"] = False
        records.save(record)
    asked["status"] = ENDS[action]
    records.store.keep("request", asked)
    return json_reply(200, views.request(call.base, asked))
