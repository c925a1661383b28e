"""What people ask for at a source: begun here, and told there how it stands and how it ended.

The source itself keeps the requests, so nothing is lost with a call that did not arrive: calls only
make us look at once. Requests for one dataset attach to one publication.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress

from excudit.domain.errors import Conflict, ExcuditError, Permanent
from excudit.domain.model import Actor, Outcome
from excudit.domain.publication import Publication
from excudit.ports import Request, Requested, Source
from excudit.service import handing_in, wording
from excudit.service.frozen import snapshot_of
from excudit.service.parts import Parts
from excudit.store import deposits, runs, site_events, users, whereabouts

log = logging.getLogger(__name__)
CALLED = "request"
EVERY_S = 1.0
ENDED = ("changes_requested", "rejected", "cancelled")
SHOWN = 5


def knock(parts: Parts, source: str, request: str) -> None:
    """Keep durably that this request of a source was announced; the same twice is once."""
    about = f"{source}:{request}"
    with parts.database.write() as connection:
        if site_events.last(connection, CALLED, about) is None:
            site_events.append(connection, actor=source, action=CALLED, about=about)


def announced(parts: Parts, source: str, request: str) -> bool:
    """Whether it was announced."""
    with parts.database.read() as connection:
        return site_events.last(connection, CALLED, f"{source}:{request}") is not None


def newest_call(parts: Parts) -> int:
    """The number of the last announcement, 0 before the first."""
    with parts.database.read() as connection:
        return site_events.newest(connection, CALLED)


def routes_of(parts: Parts) -> Iterator[tuple[str, Source]]:
    """The routes that begin by themselves what people ask for at their source."""
    for name, route in parts.settings.routes.items():
        source = parts.sources.get(route.source)
        if route.intake and isinstance(source, Requested):
            yield name, source


def answer(parts: Parts, route: str, stop: threading.Event | None = None) -> int:
    """Begin what is asked for and not begun, and tell everybody how it stands; how many requests
    there were. One that fails keeps no other from it."""
    source = parts.source(parts.route(route).source)
    assert isinstance(source, Requested)
    count = 0
    for request in source.requests():
        if stop is not None and stop.is_set():
            break
        count += 1
        try:
            _answer_one(parts, route, source, request)
        except Permanent as error:
            log.warning("%s asks for %s: %s", source.name, request.ref, error.message)
            with suppress(ExcuditError):
                told = f"{error.message} {error.hint}".strip()
                source.report(request.ref, Outcome(False, message=told), key="")
        except ExcuditError as error:
            log.warning("%s asks for %s, later: %s", source.name, request.ref, error.message)
    return count


def _answer_one(parts: Parts, route: str, source: Source, request: Request) -> None:
    held = handing_in.newest(parts, route, request.ref)
    if held is None or not request.said or _may_begin_anew(held):
        held = _begun(parts, route, request) or held
    if held is not None:
        _tell(parts, source, request, held)


def _may_begin_anew(held: Publication) -> bool:
    return held.state == "published" and held.health == "idle"


def _begun(parts: Parts, route: str, request: Request) -> Publication | None:
    """What was begun now; None where it is under way, done, or waits for people."""
    submitted = parts.route(route).intake == "submitted"
    held = handing_in.newest(parts, route, request.ref)
    if not submitted and held is not None:
        return None
    try:
        return handing_in.put_forward(parts, asker(parts, route, request), route, request.ref)
    except Conflict:
        return handing_in.newest(parts, route, request.ref)


def asker(parts: Parts, route: str, request: Request) -> Actor:
    """Who asked: their account here by its address, else the route's own owner of what comes in,
    who passes our mails on to that address."""
    with parts.database.read() as connection:
        known = users.by_email(connection, request.email)
    name = known.name if known else parts.route(route).intake_owner or "excudit"
    # Who may ask for a dataset was judged by the source, which knows its owners.
    return Actor(name, frozenset({"service", "admin"}), request.email)


def _tell(parts: Parts, source: Source, request: Request, held: Publication) -> None:
    assert isinstance(source, Requested)
    if held.state == "published" and held.health in ("idle", "running"):
        source.report(request.ref, _published(parts, held), key=held.id)
    elif held.state == "withdrawn":
        source.report(request.ref, Outcome(False, message="It was withdrawn."), key=held.id)
    elif held.state in ENDED and held.health != "running":
        source.report(request.ref, Outcome(False, message=_why(parts, held)), key=held.id)
    else:
        _say(source, request, standing(parts, held), held.id)


def _say(source: Source, request: Request, words: str, key: str) -> None:
    assert isinstance(source, Requested)
    if words != request.said:
        source.show(request.ref, words, key=key)


def standing(parts: Parts, held: Publication) -> str:
    """How it stands in one line that seldom changes: each change may send mails there."""
    page = f"{parts.settings.site.base_url.rstrip('/')}/publications/{held.id}"
    if held.health in ("needs_attention", "out_of_sync"):
        return f"It stands still; somebody has to look at it: {page}"
    if held.state == "in_review":
        return f"A reviewer looks at it: {page}"
    if held.state in ("draft", "approved") and held.health == "idle":
        return f"It waits for somebody: {page}"
    return f"In progress: {page}"


def _published(parts: Parts, held: Publication) -> Outcome:
    _, snapshot = snapshot_of(parts, held.id)
    with parts.database.read() as connection:
        there = tuple(deposits.of(connection, held.id))
    return Outcome(True, snapshot.doi, snapshot.landing_url, deposits=there)


def _why(parts: Parts, held: Publication) -> str:
    """What is to be mended, in the words of the last run."""
    with parts.database.read() as connection:
        run = runs.newest(connection, held.id)
    error: Mapping[str, object] = (run or {}).get("error") or {}
    listed = error.get("problems")
    found = [
        f"{p.get('message', '')} {p.get('mend', '')}".strip()
        for p in (listed if isinstance(listed, list) else ())
        if p.get("severity", "error") == "error"
    ]
    more = f" And {len(found) - SHOWN} more." if len(found) > SHOWN else ""
    page = f"{parts.settings.site.base_url.rstrip('/')}/publications/{held.id}"
    told = " ".join(found[:SHOWN]) + more or str(error.get("message") or "It was returned.")
    status = wording.status(parts, held)
    meaning = f" ({status.meaning.rstrip('.')})" if status and not found else ""
    return f"{told}{meaning} See {page}"


def of_request(parts: Parts, source: str, ref: str) -> Publication | None:
    """The newest publication of a dataset by any route of its source that begins by itself."""
    with parts.database.read() as connection:
        for route, made in routes_of(parts):
            if made.name == source and (
                found := whereabouts.of_dataset(connection, route, source, ref)
            ):
                return found
    return None


class Answerer:
    """Answers requests every `intake_s` seconds of their route, and at once after a call, in a
    thread of its own. `start` and `stop` once each. Several workers may answer at once."""

    def __init__(self, parts: Parts, every_s: float = EVERY_S) -> None:
        self._parts, self._every_s = parts, every_s
        self._done = threading.Event()
        self._due: dict[str, float] = {}
        self._call = 0
        self._thread = threading.Thread(target=self._run, name="answerer", daemon=True)

    def start(self) -> None:
        """Begin; nothing is done where no route begins by itself."""
        if next(routes_of(self._parts), None) is not None:
            self._thread.start()

    def stop(self) -> None:
        """Answer no more; a request under way is finished."""
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._done.is_set():
            try:
                self.turn()
            except ExcuditError as error:
                log.warning("Requests were put off: %s", error.message)
            self._done.wait(self._every_s)

    def turn(self) -> int:
        """Answer the routes that are due; how many requests there were."""
        call = newest_call(self._parts)
        called, self._call = call > self._call, call
        count = 0
        for route, _ in routes_of(self._parts):
            if called or time.monotonic() >= self._due.get(route, 0.0):
                self._due[route] = time.monotonic() + self._parts.route(route).intake_s
                count += answer(self._parts, route, self._done)
        return count
