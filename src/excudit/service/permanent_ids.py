"""Requests for permanent identifiers of folders, in the words of a data commons.

A request is a publication on a route with the vocabulary "permanent-id". Every function does what
the lifecycle allows, under its own verbs, and raises their errors.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from excudit.domain.errors import Conflict, Denied, NotFound, Rejected
from excudit.domain.model import Actor, Dataset
from excudit.domain.problem import Problem, blocking
from excudit.domain.publication import Publication
from excudit.domain.words import permanent_id as words
from excudit.metadata import datacite_xml
from excudit.ports import Reserving
from excudit.service import assigning, beginnings, labels, preview_record, talk, verbs
from excudit.service.parts import Parts
from excudit.service.permanent_id_folders import is_curator, route_for, routes, standing_of
from excudit.store import deposits, events, publications, requests, users
from excudit.store import labels as kept
from excudit.store.requests import Order, Requested, Word

NO_REASON = "No reason was given"
KINDS = ("DOI",)
_UNDECIDED = ("submitted", "in_review", "changes_requested")
STATUS_WORDS: tuple[Word, ...] = (
    Word("", _UNDECIDED),
    Word(words.SUBMITTED, ("in_review",), untaken=True),
    *(Word(s.word, s.states, s.healths) for s in words.WORDS.statuses),
)


def ask(parts: Parts, actor: Actor, source: str, ref: str) -> Publication:
    """Ask for an identifier: all that can be known at once is checked before anything is done.

    Raises Denied for somebody else's folder; Conflict when it was asked for already (rule
    "requested") or its name is taken (rules "name-in-staging", "name-in-curated"); Rejected with
    all problems of its metadata (rule "template") or for an empty folder (rule "empty-folder").
    """
    route = route_for(parts)
    dataset = beginnings.look(parts.source(source), actor, ref)
    if dataset.owner and dataset.owner != actor.name:
        raise Denied("User does not own given folder.")
    standing = standing_of(parts, source, dataset.ref)
    if standing is not None and standing.state not in ("draft", "changes_requested"):
        raise _again(standing)
    _must_be_free(parts, source, dataset)
    found = blocking(list(dataset.notes))
    if found:
        raise Rejected(
            f"The folder's metadata has {len(found)} problem{'s' * (len(found) > 1)}.",
            problems=tuple(replace(p, rule=p.rule or "template") for p in dataset.notes),
            hint="Mend them and ask again.",
        )
    if standing is not None:
        return verbs.submit(parts, actor, standing.id)
    try:
        return beginnings.create(parts, actor, route, dataset.ref, submitting=True)
    except Conflict as error:
        other = standing_of(parts, source, dataset.ref)
        raise _again(other) if other is not None else error from error


def _must_be_free(parts: Parts, source: str, dataset: Dataset) -> None:
    found = parts.source(source)
    refusal = found.refusal(dataset.ref) if isinstance(found, Reserving) else None
    if refusal is not None:
        raise refusal


def _again(standing: Publication) -> Conflict:
    words = "A Permanent ID Request of this type for this item was already submitted."
    return Conflict(words, problems=(Problem(standing.id, words, rule="requested"),))


def page(
    parts: Parts,
    actor: Actor,
    *,
    everybody: bool,
    statuses: Sequence[str] = (),
    order: Order = "date_submitted",
    descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[int, list[Requested]]:
    """How many requests there are in all, and a page of them: one's own, or `everybody`'s. Raises
    Denied for who is no curator."""
    if everybody:
        _must_curate(parts, actor)
    with parts.database.read() as connection:
        return requests.page(
            connection,
            routes(parts),
            STATUS_WORDS,
            owner="" if everybody else actor.name,
            statuses=statuses,
            order=order,
            descending=descending,
            limit=limit,
            offset=offset,
        )


def _must_curate(parts: Parts, actor: Actor) -> None:
    if not is_curator(parts, actor):
        raise Denied("This needs the role curator.")


def request(parts: Parts, actor: Actor, key: str, *, everybody: bool) -> Publication:
    """One request, one's own or `everybody`'s. Raises NotFound, Denied."""
    if everybody:
        _must_curate(parts, actor)
    with parts.database.read() as connection:
        found = publications.get(connection, key)
        asked = events.of(connection, key, action="submit")
    if found.route not in routes(parts) or not asked:
        raise NotFound("A Permanent ID Request with this ID was not found.")
    if not everybody and found.owner != actor.name:
        raise NotFound("A Permanent ID Request with this ID was not found for this user.")
    return found


def status(found: Publication) -> str:
    """The word for how a request stands."""
    for one in STATUS_WORDS:
        label = not one.word and not found.label
        other = one.healths and found.health not in one.healths
        taken = one.untaken and found.reviewer
        if found.state in one.states and not label and not other and not taken:
            return one.word or found.label
    return found.words


def doi(parts: Parts, found: Publication) -> str:
    """The identifier, once it was given."""
    if found.state not in ("published", "withdrawn"):
        return ""
    with parts.database.read() as connection:
        return deposits.doi_of(connection, found.id)


def code_words(parts: Parts) -> list[tuple[str, str]]:
    """All status words with what they mean: the seeded ones, then the curators' own."""
    own = [(row["name"], row["meaning"] or row["name"]) for row in labels.every(parts)]
    return [*((word, words.MEANINGS[word]) for word in words.SEEDED), *own]


def set_status(parts: Parts, actor: Actor, key: str, word: str, comments: str) -> Publication:
    """What a curator means by a status word: a note where it is the current one, a step of the
    lifecycle where it is one of its words, else a label. Raises Denied, Conflict, NotFound."""
    found = request(parts, actor, key, everybody=True)
    said = comments.strip()
    if not word or word == status(found):
        if said:
            talk.comment(parts, actor, key, said)
        return request(parts, actor, key, everybody=True)
    if word in _STEPS:
        _STEPS[word](parts, actor, found, said)
        if found.label:
            labels.put(parts, actor, key, "")
    elif word in (*words.MEANINGS, words.DRAFT):
        raise Conflict(
            f"{word} is set by what happens, not by hand; this request is {status(found)}.",
            hint="Approve it, ask for changes, or reject it.",
        )
    else:
        _label(parts, actor, key, word, said)
    return request(parts, actor, key, everybody=True)


def _evaluate(parts: Parts, actor: Actor, found: Publication, said: str) -> None:
    assigning.claim(parts, actor, found.id)
    if said:
        talk.comment(parts, actor, found.id, said)


def _approve(parts: Parts, actor: Actor, found: Publication, said: str) -> None:
    verbs.approve(parts, actor, found.id, reason=said)


def _pend(parts: Parts, actor: Actor, found: Publication, said: str) -> None:
    verbs.turn_down(parts, actor, found.id, "return", said or NO_REASON)


def _reject(parts: Parts, actor: Actor, found: Publication, said: str) -> None:
    verbs.turn_down(parts, actor, found.id, "reject", said or NO_REASON)


_STEPS = {
    words.EVALUATION: _evaluate,
    words.APPROVED: _approve,
    words.PENDING: _pend,
    words.REJECTED: _reject,
}


def _label(parts: Parts, actor: Actor, key: str, word: str, said: str) -> None:
    """A word that nobody used yet becomes a label by its first use."""
    with parts.database.read() as connection:
        known = kept.find(connection, word)
    if known is None:
        with contextlib.suppress(Conflict):  # another one was first
            labels.define(parts, actor, word, word)
    labels.put(parts, actor, key, word, said)


def mint(parts: Parts, actor: Actor, key: str) -> Publication:
    """Give the identifier: approve first what is not approved yet, go on with what stands still.

    Raises Conflict in every other state; when it was given already, with rule "minted".
    """
    found = request(parts, actor, key, everybody=True)
    if found.state in ("published", "withdrawn"):
        words = "This Request appears to be completed, since it already has a Permanent ID."
        raise Conflict(words, problems=(Problem(doi(parts, found), words, rule="minted"),))
    if found.health in ("needs_attention", "out_of_sync") and found.state == "publishing":
        return verbs.retry(parts, actor, key)
    if found.state == "approved":
        return verbs.publish(parts, actor, key)
    with parts.database.write() as connection:
        after = verbs.approve_in(connection, parts, actor, key)
        if after.state == "approved":
            after = verbs.publish_in(connection, parts, actor, key)
    return after


def submission(parts: Parts, actor: Actor, key: str, *, everybody: bool) -> str:
    """The XML as DataCite would get it now; a placeholder stands for what is not known yet."""
    found = request(parts, actor, key, everybody=everybody)
    with parts.database.read() as connection:
        named = deposits.doi_of(connection, key)
    site = parts.settings.site
    record, _ = preview_record.lenient(found.record, publisher=site.name)
    shown = record.model_copy(update={"doi": named or "10.5072/placeholder"})
    return datacite_xml.to_xml(shown).decode()


def requester(parts: Parts, name: str) -> Mapping[str, Any] | None:
    """What is known of an account."""
    with parts.database.read() as connection:
        return users.profile(connection, name)
