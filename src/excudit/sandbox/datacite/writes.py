"""Creating, changing and deleting DOIs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from excudit.sandbox.datacite import states, xml_reader, xml_writer
from excudit.sandbox.datacite.accounts import Account, require
from excudit.sandbox.datacite.attributes import METADATA, permit
from excudit.sandbox.datacite.call import Call, Refused, Reply, json_reply, refuse
from excudit.sandbox.datacite.normalise import normalise
from excudit.sandbox.datacite.store import Doi, Store, now
from excudit.sandbox.datacite.suffix import random_doi
from excudit.sandbox.datacite.validation import DOI, Check
from excudit.sandbox.datacite.views import resource

ALLOWED = "HEAD, GET, POST, PATCH, PUT, OPTIONS"


@dataclass(frozen=True, slots=True)
class Writer:
    """The verbs of one caller. `handle_up` tells, at each registration, if that server answers."""

    store: Store
    caller: Account | None
    handle_up: Callable[[], bool]
    bypass: bool = True

    def post(self, call: Call) -> Reply:
        """POST /dois: creates, never updates."""
        account, sent = require(self.caller), _sent(call)
        doi = Doi(_chosen_doi(sent), account.symbol)
        _authorise(account, doi)
        with self.store.lock:
            return self._create(call, doi, sent, posted=True)

    def put(self, call: Call, name: str) -> Reply:
        """PUT and PATCH: both update what is there, or create it."""
        account, sent = require(self.caller), _sent(call)
        with self.store.lock:
            found = self.store.get(name)
            if found is not None:
                return self._update(call, found, sent, account)
            if not DOI.match(name):
                raise refuse(404)
            doi = Doi(name.lower(), account.symbol)
            _authorise(account, doi)
            return self._create(call, doi, sent, posted=False)

    def delete(self, name: str) -> Reply:
        """DELETE: drafts only."""
        account = require(self.caller)
        with self.store.lock:
            found = self.store.get(name)
            if found is None:
                raise refuse(404)
            if found.owner != account.symbol:
                raise refuse(403)
            if found.state != "draft":
                raise refuse(405, Allow=ALLOWED)
            self.store.delete(found.doi)
        return Reply(204, committed=True)

    def validate(self, call: Call) -> Reply:
        """POST /dois/validate: the checks of a published DOI; nothing is stored, always 200."""
        account, sent = require(self.caller), _sent(call)
        doi = Doi(_chosen_doi(sent), account.symbol, created=now(), updated=now())
        _authorise(account, doi)
        sent.pop("event", None)
        with self.store.lock:
            _apply(doi, sent)
            check = Check(doi, account, full=True, posted=True, bypass=self.bypass)
            errors = check.errors(new=True)
        if errors:
            return json_reply(200, {"errors": errors})
        return json_reply(200, {"data": _shown(call, doi)})

    def _create(self, call: Call, doi: Doi, sent: dict[str, Any], *, posted: bool) -> Reply:
        doi.created = doi.updated = now()
        _apply(doi, sent)
        self._check(doi, sent, new=True, posted=posted)
        doi.writes = 1
        self.store.put(doi, "create", _changes(None, doi))
        self._register(doi)
        body = {"data": _shown(call, doi)}
        reply = json_reply(201, body, Location=f"{call.base}/dois/{doi.doi}")
        return replace(reply, committed=True)

    def _update(self, call: Call, doi: Doi, sent: dict[str, Any], account: Account) -> Reply:
        if doi.owner != account.symbol:
            raise refuse(403)
        before = replace(doi)
        _apply(doi, sent)
        self._check(doi, sent, new=False, posted=False)
        doi.updated = now()
        doi.writes += 1
        if doi.xml != before.xml:
            doi.metadata_version += 1
        self.store.put(doi, "update", _changes(before, doi))
        self._register(doi)
        return replace(json_reply(200, {"data": _shown(call, doi)}), committed=True)

    def _check(self, doi: Doi, sent: dict[str, Any], *, new: bool, posted: bool) -> None:
        full = doi.state != "draft" or sent.get("shouldValidate") in (True, "true")
        owner = self.caller or Account(doi.owner)
        check = Check(doi, owner, full=full, posted=posted, bypass=self.bypass)
        errors = check.errors(new=new, taken=lambda: self.store.get(doi.doi) is not None)
        if errors:
            raise Refused(json_reply(422, {"errors": errors}))

    def _register(self, doi: Doi) -> None:
        """The handle server is told after the commit; that it is down shows nowhere."""
        if doi.state != "draft" and doi.url and self.handle_up():
            self.store.register(doi)


def _sent(call: Call) -> dict[str, Any]:
    """The permitted attributes of the payload. Refuses with 400 what is not one."""
    body = call.body
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise refuse(400)
    sent = body["data"].get("attributes")
    sent = {} if sent is None else sent
    if not isinstance(sent, dict):
        raise refuse(400)
    try:
        orjson.dumps(sent)
    except TypeError as error:
        raise refuse(400, str(error), "the registry's text for this is unknown") from error
    return permit(sent)


def _chosen_doi(sent: dict[str, Any]) -> str:
    """The DOI that was sent, or a random one under the prefix that was."""
    if sent.get("doi"):
        return str(sent["doi"]).lower()
    if sent.get("prefix"):
        return random_doi(str(sent["prefix"]))
    error = {"source": "doi", "title": "Can't be blank", "uid": None}
    note = "the registry's text for neither doi nor prefix is unknown"
    raise Refused(json_reply(422, {"errors": [error]}).noted(note))


def _authorise(account: Account, doi: Doi) -> None:
    if doi.prefix not in account.prefixes or not doi.suffix:
        raise refuse(403)


def _apply(doi: Doi, sent: dict[str, Any]) -> None:
    """Puts what was sent into `doi`: the XML first, attributes over it, then the event."""
    metadata = {name: sent[name] for name in METADATA if name in sent}
    _apply_about(doi, sent)
    if sent.get("xml"):
        _apply_xml(doi, sent)
    if metadata:
        doi.metadata = {**doi.metadata, **normalise(metadata)}
    if metadata or not doi.xml:
        _write_xml(doi)
    doi.state = states.after(doi.state, sent.get("event"))


def _apply_about(doi: Doi, sent: dict[str, Any]) -> None:
    if "url" in sent:
        doi.url = str(sent["url"]) if sent["url"] else None
    if "contentUrl" in sent:
        urls = sent["contentUrl"]
        doi.content_url = [str(u) for u in urls] if isinstance(urls, list) else None
    if sent.get("schemaVersion"):
        doi.schema_version = str(sent["schemaVersion"])
    doi.source = str(sent.get("source") or doi.source)
    if "reason" in sent:
        doi.reason = str(sent["reason"]) if sent["reason"] else None


def _apply_xml(doi: Doi, sent: dict[str, Any]) -> None:
    try:
        document = xml_reader.decode(sent["xml"])
        renamed = xml_reader.rename(document, doi.doi)
    except xml_reader.Unreadable as error:
        raise _xml_error(doi, error.title, error.note) from error
    doi.metadata = normalise(permit(xml_reader.read(renamed)))
    doi.xml = renamed.decode()
    if not sent.get("schemaVersion"):
        doi.schema_version = xml_reader.namespace(renamed)


def _write_xml(doi: Doi) -> None:
    try:
        doi.xml = xml_writer.write(doi.doi, doi.metadata).decode()
    except ValueError as error:
        note = "what the registry does with characters that XML lacks is unknown"
        raise _xml_error(doi, str(error), note) from error


def _xml_error(doi: Doi, text: str, note: str) -> Refused:
    error = {"source": "xml", "title": f"DOI {doi.doi}: {text}", "uid": doi.doi}
    return Refused(json_reply(422, {"errors": [error]}).noted(note))


def _shown(call: Call, doi: Doi) -> dict[str, Any]:
    flags = {name: call.flag(name) for name in ("publisher", "affiliation")}
    return resource(doi, **flags, owner=Account(doi.owner))


def _changes(before: Doi | None, after: Doi) -> dict[str, Any]:
    """Values on create, pairs of old and new on update."""
    kept = ("doi", "url", "state", "schema_version", "content_url", "reason")
    new = {**{name: getattr(after, name) for name in kept}, **after.metadata}
    if before is None:
        return {name: value for name, value in new.items() if value not in (None, [], {})}
    old = {**{name: getattr(before, name) for name in kept}, **before.metadata}
    return {name: [old.get(name), value] for name, value in new.items() if value != old.get(name)}
