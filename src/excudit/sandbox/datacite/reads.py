"""Reading DOIs and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from excudit.sandbox.datacite import formats
from excudit.sandbox.datacite.accounts import Account
from excudit.sandbox.datacite.call import Call, Reply, json_reply, refuse
from excudit.sandbox.datacite.store import Doi, Store
from excudit.sandbox.datacite.suffix import random_doi
from excudit.sandbox.datacite.views import resource

_SINCE = "2020-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Reader:
    """The reading calls of one caller, None for a stranger."""

    store: Store
    caller: Account | None
    accounts: Sequence[Account]

    def visible(self, name: str) -> Doi:
        """The DOI, if the caller may see it: a stranger sees findable ones only."""
        found = self.store.get(name)
        if found is None or not (found.state == "findable" or self.owns(found)):
            raise refuse(404)
        return found

    def owns(self, doi: Doi) -> bool:
        """Whether the caller is the DOI's repository."""
        return self.caller is not None and self.caller.symbol == doi.owner

    def doi(self, call: Call, name: str) -> Reply:
        """GET /dois/{doi}, as JSON or in the format that `Accept` asks for."""
        mime = formats.accepted(call.headers.get("accept", ""))
        found = self.visible(name)
        if mime:
            return formats.render(mime, found, call)
        owner = self.caller if self.owns(found) else None
        flags = {flag: call.flag(flag) for flag in ("publisher", "affiliation")}
        return json_reply(200, {"data": resource(found, **flags, owner=owner)})

    def formatted(self, call: Call, mime: str, name: str) -> Reply:
        """GET /dois/{mime}/{doi}: content negotiation by path."""
        return formats.render(formats.known(mime), self.visible(name), call)

    def url(self, name: str) -> Reply:
        """GET /dois/{doi}/get-url: what the handle server knows, for drafts what is stored."""
        found = self.store.get(name)
        if found is None:
            raise refuse(404)
        if found.state == "draft":
            return json_reply(200, {"url": found.url}) if found.url else Reply(204)
        url = self.store.handle(found.doi)
        if url is None:
            return json_reply(404, {"errors": [{"status": 404, "title": "Not found"}]})
        return json_reply(200, {"url": url})

    def activities(self, call: Call, name: str = "") -> Reply:
        """GET /dois/{doi}/activities and /activities: newest first, as far as indexed."""
        where, values = "shown = 1", []
        if name:
            where, values = "shown = 1 and doi = ?", [self.visible(name).doi]
        number, size = page(call)
        total = self.store.query(f"select count(*) from activities where {where}", *values)[0][0]  # noqa: S608
        rows = self.store.query(
            f"select body from activities where {where} order by n desc limit ? offset ?",  # noqa: S608
            *(*values, size, (number - 1) * size),
        )
        pages = -(-total // size)
        meta = {"total": total, "totalPages": pages, "page": number}
        shown = [_activity(orjson.loads(row[0]), call.base) for row in rows]
        return json_reply(200, {"data": shown, "meta": meta, "links": {"self": _self(call)}})

    def activity(self, call: Call, number: str) -> Reply:
        """GET /activities/{id}."""
        rows = self.store.query("select body from activities where shown = 1 and id = ?", number)
        if not rows:
            raise refuse(404)
        shown = _activity(orjson.loads(rows[0][0]), call.base)
        return json_reply(200, {"data": shown})

    def random(self, call: Call) -> Reply:
        """GET /dois/random: suffixes that nobody reserves."""
        prefix = call.query.get("prefix")
        if not prefix:
            raise refuse(422, "Parameter prefix is required")
        told, size = call.query.get("number", ""), call.query.get("size", "1")
        if told and not told.isdecimal():
            raise refuse(422, "Number is invalid", "the registry's text for this is unknown")
        count = int(size) if size.isdecimal() else 1
        number = int(told) if told else None
        return json_reply(200, {"dois": [random_doi(prefix, number) for _ in range(count)]})

    def prefixes(self, only: str = "") -> Reply:
        """GET /prefixes and /prefixes/{id}."""
        known = [
            _prefix(prefix, account)
            for account in self.accounts
            for prefix in account.prefixes
            if only in ("", prefix)
        ]
        if not only:
            meta = {"total": len(known), "totalPages": 1, "page": 1}
            return json_reply(200, {"data": known, "meta": meta})
        if not known:
            raise refuse(404)
        return json_reply(200, {"data": known[0]})

    def repository(self, name: str) -> Reply:
        """GET /repositories/{id}."""
        account = next((a for a in self.accounts if a.key == name.lower()), None)
        if account is None:
            raise refuse(404)
        return json_reply(200, {"data": _repository(account)})


def page(call: Call) -> tuple[int, int]:
    """Page number and size: 25 by default, 1000 at most, number x size at most 10 000."""
    size = _whole(call.query.get("page[size]"), 25)
    size = min(max(size, 1), 1000)
    number = max(_whole(call.query.get("page[number]"), 1), 1)
    return min(number, max(10_000 // size, 1)), size


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def _self(call: Call) -> str:
    query = f"?{call.raw_query}" if call.raw_query else ""
    return f"{call.base}{call.path}{query}"


def _activity(kept: dict[str, Any], base: str) -> dict[str, Any]:
    return {
        "id": kept["id"],
        "type": "activities",
        "attributes": {
            "prov:wasGeneratedBy": f"{base}/activities/{kept['id']}",
            "prov:generatedAtTime": kept["at"],
            "prov:wasDerivedFrom": f"https://doi.org/{kept['doi']}",
            "prov:wasAttributedTo": f"{base}/repositories/{kept['owner'].lower()}",
            "action": kept["action"],
            "version": kept["version"],
            "changes": kept["changes"],
        },
    }


def _prefix(prefix: str, account: Account) -> dict[str, Any]:
    return {
        "id": prefix,
        "type": "prefixes",
        "attributes": {"prefix": prefix, "createdAt": _SINCE},
        "relationships": {
            "clients": {"data": [{"id": account.key, "type": "clients"}]},
            "providers": {"data": [{"id": account.provider, "type": "providers"}]},
        },
    }


def _repository(account: Account) -> dict[str, Any]:
    return {
        "id": account.key,
        "type": "repositories",
        "attributes": {
            "name": account.name or account.symbol,
            "symbol": account.symbol,
            "domains": account.domains,
            "isActive": account.active,
            "clientType": "repository",
            "created": _SINCE,
            "updated": _SINCE,
        },
        "relationships": {
            "provider": {"data": {"id": account.provider, "type": "providers"}},
            "prefixes": {"data": [{"id": p, "type": "prefixes"} for p in account.prefixes]},
        },
    }
