"""Where something happened and what it is about: the facts that a mail of trouble and of success
names, so that nobody has to ask."""

from __future__ import annotations

from urllib.parse import urlsplit

from excudit.domain.events import Event
from excudit.domain.publication import Publication
from excudit.service import wording
from excudit.service.mail.words import moment
from excudit.service.parts import Parts
from excudit.store import deposits
from excudit.store.database import Connection

MOST = 10

Fact = tuple[str, str, str]
"""Label, words, address ("" = none)."""


def of(connection: Connection, parts: Parts, publication: Publication, event: Event) -> list[Fact]:
    """The dataset and its deposits; of trouble also stage, host, problems and time."""
    facts: list[Fact] = [("Dataset", part.ref, "") for part in publication.parts[:MOST]]
    facts += [
        (f"Deposit at {parts.settings.target_title(d.target)}", d.remote_id, d.url)
        for d in deposits.of(connection, publication.id)
        if d.remote_id
    ]
    status = wording.status_now(parts, connection, publication)
    if status is not None:
        facts.append(("Process", status.word, ""))
    return facts + _of_trouble(parts, publication, event)


def _of_trouble(parts: Parts, publication: Publication, event: Event) -> list[Fact]:
    error = event.details.get("error") or {}
    if not error:
        return []
    title = str(event.details.get("step_title") or "")
    stage = wording.vocabulary(parts, publication.route).stage(title)
    host = _host(parts, str(event.details.get("target") or ""))
    facts: list[Fact] = []
    if title:
        facts.append(("Stage", f"{stage}: {title}" if stage else title, ""))
    if host:
        facts.append(("Host", host, ""))
    facts += [
        ("Problem", " ".join(f"{p.get('where', '')} {p.get('message', '')}".split()), "")
        for p in (error.get("problems") or ())[:MOST]
    ]
    return [*facts, ("Time", moment(event.at), "")]


def _host(parts: Parts, target: str) -> str:
    known = parts.settings.targets.get(target)
    url = str(known.own().get("url", "")) if known else ""
    return urlsplit(url).netloc
