"""How publications begin: new, as the next version, as a copy; and how one is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, NotFound, Permanent, Rejected
from excudit.domain.model import Actor, Dataset
from excudit.domain.problem import Problem
from excudit.domain.publication import Part, Publication
from excudit.domain.sentence import Sentence
from excudit.ports import Guarded, Source
from excudit.service import acts, selection
from excudit.service.checking import of_other_groups
from excudit.service.merged import main_title
from excudit.service.once import Once
from excudit.service.parts import Parts
from excudit.service.prefill import cleaned, prefilled, traces, traces_of_copy
from excudit.store import baskets, deposits, publications

_AT_ONCE = 8


def create(
    parts: Parts,
    actor: Actor,
    route: str,
    refs: str | Sequence[str],
    *,
    record: Mapping[str, Any] | None = None,
    submitting: bool = False,
    once: Once | None = None,
    from_basket: bool = False,
) -> Publication:
    """A new draft for datasets of the route's source, prefilled from all of them; with
    `submitting` also submitted, both or neither.

    `record` (DataCite REST JSON) is taken as it is instead of the prefilled one. With
    `from_basket` the datasets leave the actor's basket in the same transaction. With `once` a
    repeated call answers what the first one made. Without it a call is not idempotent, but a
    dataset is held by one work only: submitting it again raises Conflict with the holder.

    Raises Rejected for a dataset named twice, none at all, or more than `selection.LIMIT`.
    """
    if once is not None:
        with parts.database.read() as connection:
            made = once.made(connection, actor)
        if made is not None:
            return made
    rules = parts.route(route)
    datasets = looked_at(parts, actor, parts.source(rules.source), refs)
    if others := of_other_groups(rules, datasets):
        raise Rejected(others[0].message, problems=tuple(others), hint=others[0].mend)
    draft, details = _draft(parts, route, datasets, record)
    fresh = _fresh(
        actor,
        route,
        draft,
        title=main_title(draft) or cleaned(selection.as_one(datasets).title),
        edited=record is not None,
        datasets=tuple(Part(rules.source, d.ref, cleaned(d.title), d.revision) for d in datasets),
    )
    with parts.database.write() as connection:
        made = once.bind(connection, actor, fresh.id) if once is not None else None
        if made is not None:
            return made
        publications.add(connection, fresh)
        acts.tell(connection, parts, fresh, actor=actor, action="create", details=details)
        if from_basket:
            chosen = [(p.source, p.ref) for p in fresh.parts]
            baskets.remove(connection, actor.name, chosen)
        if submitting:
            return submit_in(connection, parts, actor, fresh.id)
    return fresh


def _draft(
    parts: Parts, route: str, datasets: Sequence[Dataset], record: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first record, and what its event tells of where it came from."""
    if record is not None:
        return dict(record), {}
    rules = parts.route(route)
    draft = prefilled(rules, selection.as_one(datasets))
    return draft, {"origins": traces(draft, rules, datasets)}


def _fresh(
    actor: Actor,
    route: str,
    record: Mapping[str, Any],
    *,
    title: str,
    edited: bool,
    datasets: tuple[Part, ...],
) -> Publication:
    """A draft of a work of its own."""
    moment, key = publications.now(), publications.new_id()
    return Publication(
        id=key,
        slug=publications.new_slug(),
        route=route,
        owner=actor.name,
        owner_email=actor.email,
        title=title,
        state="draft",
        health="idle",
        concept=key,
        version=1,
        created_at=moment,
        updated_at=moment,
        record=record,
        edited=edited,
        parts=datasets,
    )


def sees(source: Source, actor: Actor, ref: str) -> bool:
    """Whether the actor may see the dataset at its source, as far as the source can tell."""
    if "service" in actor.roles or not isinstance(source, Guarded):
        return True
    return source.sees(ref, actor=actor)


def look(source: Source, actor: Actor, ref: str) -> Dataset:
    """`source.look`, with the actor's own permission: what one may not see is not there. Raises
    Rejected for a reference that is too long to be kept."""
    _must_be_short(ref)
    if not sees(source, actor, ref):
        raise unseen(source, ref)
    found = source.look(ref)
    _must_be_short(found.ref)
    return found


def _must_be_short(ref: str) -> None:
    if problem := selection.too_long(ref):
        raise Rejected(problem.message, problems=(problem,), hint=problem.mend)


def unseen(source: Source, ref: str) -> NotFound:
    """The error for a dataset that is not there or not for the one who asks to see."""
    return NotFound(
        Sentence("%(name)s has no dataset %(ref)s that you may see.", name=source.name, ref=ref),
        hint="Look for it in the list of the source, or ask its owner for permission.",
    )


def looked_at(
    parts: Parts, actor: Actor, source: Source, refs: str | Sequence[str]
) -> list[Dataset]:
    """The datasets as they are now, in the order given, all of them visible to the actor.

    Raises Rejected with all problems at once; for one dataset alone, what the source raises.
    """
    asked = [refs] if isinstance(refs, str) else list(refs)
    _countable(asked)
    if len(asked) == 1:
        return [look(source, actor, asked[0])]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda ref: _looked(source, actor, ref), asked))
    seen = [d for d in found if isinstance(d, Dataset)]
    problems = [p for p in found if isinstance(p, Problem)] + _twice([d.ref for d in seen])
    if problems:
        raise Rejected(
            Sentence(
                "%(count)s of %(count_2)s datasets cannot be published.",
                count=len(problems),
                count_2=len(asked),
            ),
            problems=tuple(problems),
            hint="Take them out of the selection, or mend them at their source.",
        )
    return seen


def _looked(source: Source, actor: Actor, ref: str) -> Dataset | Problem:
    try:
        return look(source, actor, ref)
    except Permanent as error:
        return Problem(ref, error.message, error.hint, rule="dataset")


def _countable(refs: Sequence[str]) -> None:
    problems = _twice(refs)
    if not refs:
        problems = [Problem("", "No dataset was chosen.", "Choose at least one.", rule="dataset")]
    if len(refs) > selection.LIMIT:
        words = f"{len(refs):,} datasets are more than one publication can hold."
        problems = [
            Problem(
                "",
                words,
                Sentence("Choose at most %(limit)s.", limit=format(selection.LIMIT, ",")),
                rule="dataset",
            )
        ]
    if problems:
        raise Rejected(problems[0].message, problems=tuple(problems), hint=problems[0].mend)


def _twice(refs: Sequence[str]) -> list[Problem]:
    return [
        Problem(
            ref,
            Sentence("%(ref)s is chosen twice.", ref=ref),
            "Name each dataset once.",
            rule="dataset",
        )
        for ref, times in Counter(refs).items()
        if times > 1
    ]


def submit_in(
    connection: Any, parts: Parts, actor: Actor, publication: str, *, edition: int | None = None
) -> Publication:
    """`verbs.submit` inside the caller's transaction."""
    if edition is not None and edition != publications.get(connection, publication).edition:
        raise Conflict(
            "The draft was changed since you looked at what becomes public.",
            hint="Look at it again, then submit it.",
        )
    asked = acts.act(connection, parts, actor, publication, "submit")
    publications.claim(connection, asked)
    acts.start(connection, parts, asked, "take-in", actor=actor)
    return publications.get(connection, publication)


def new_version(parts: Parts, actor: Actor, publication: str) -> Publication:
    """A draft for the next version of the same datasets, prefilled from this one and naming it as
    the version before (IsNewVersionOf).

    Raises Conflict when a newer version exists already, or is under way.
    """
    with parts.database.write() as connection:
        return new_version_in(connection, parts, actor, publication)


def new_version_in(
    connection: Any,
    parts: Parts,
    actor: Actor,
    publication: str,
    *,
    news: Mapping[str, Any] | None = None,
    datasets: tuple[Part, ...] | None = None,
) -> Publication:
    """`new_version` inside the caller's transaction; `news` are members of the record that its
    `datasets` have as they are now."""
    old = acts.act(connection, parts, actor, publication, "new_version")
    every = publications.versions(connection, old.concept)
    newest = [v for v in every if v.state not in ("cancelled", "rejected")][-1]
    if newest.id != old.id:
        there = newest.state in ("published", "withdrawn")
        raise Conflict(
            f"Version {newest.version} {'exists' if there else 'is under way'} already.",
            hint=Sentence("Go on with %(id)s.", id=newest.id),
        )
    record = _after({**old.record, **(news or {})}, deposits.doi_of(connection, old.id))
    chosen = old.parts if datasets is None else datasets
    title = main_title(record) or old.title
    draft = _fresh(actor, old.route, record, title=title, edited=True, datasets=chosen)
    fresh = replace(draft, concept=old.concept, version=every[-1].version + 1, previous=old.id)
    publications.add(connection, fresh)
    details = _copied(old, fresh)
    acts.tell(connection, parts, fresh, actor=actor, action="create", details=details)
    return fresh


def _after(record: Mapping[str, Any], doi: str) -> dict[str, Any]:
    """The record of the version that follows the one named by `doi`."""
    before = {
        "relatedIdentifier": doi,
        "relatedIdentifierType": "DOI",
        "relationType": "IsNewVersionOf",
    }
    return {
        **record,
        "relatedIdentifiers": [*_without_version(record), *([before] if doi else [])],
    }


def _without_version(record: Mapping[str, Any]) -> list[Any]:
    others = record.get("relatedIdentifiers")
    return [
        r
        for r in (others if isinstance(others, list | tuple) else ())
        if not isinstance(r, Mapping) or r.get("relationType") != "IsNewVersionOf"
    ]


def _copied(old: Publication, fresh: Publication) -> dict[str, Any]:
    """What the event of the making tells of a record that was taken over."""
    return {
        "copied_from": {"id": old.id, "title": old.title},
        "origins": traces_of_copy(fresh.record),
    }


def copy(
    parts: Parts,
    actor: Actor,
    publication: str,
    *,
    refs: Sequence[str] | None = None,
    from_basket: bool = False,
) -> Publication:
    """A new draft with this one's record and route, a work of its own: without its identifiers,
    its dates of publication and withdrawal, its version.

    `refs` are the datasets of the copy, of the route's source; None = those of the original, which
    can be submitted only where the original has let go of them. Raises Denied without the
    permission to copy, Conflict when the original has no datasets any more and none are given.
    """
    with parts.database.read() as connection:
        old = publications.get(connection, publication)
        roles = acts.roles_of(connection, actor, old)
    if permissions.refusal("view", old.state, roles) is not None:
        raise publications.absent(publication)
    permissions.require("copy", old.state, roles)
    rules = parts.route(old.route)
    datasets = old.parts
    for part in datasets if refs is None else ():
        if not sees(parts.source(part.source), actor, part.ref):
            raise unseen(parts.source(part.source), part.ref)
    if refs is not None:
        seen = looked_at(parts, actor, parts.source(rules.source), refs)
        datasets = tuple(Part(rules.source, d.ref, cleaned(d.title), d.revision) for d in seen)
    if not datasets:
        raise Conflict(
            "This publication has no datasets any more.", hint="Choose datasets for the copy."
        )
    record = _own(old.record)
    fresh = _fresh(actor, old.route, record, title=old.title, edited=True, datasets=datasets)
    with parts.database.write() as connection:
        publications.add(connection, fresh)
        details = _copied(old, fresh)
        acts.tell(connection, parts, fresh, actor=actor, action="create", details=details)
        if from_basket:
            baskets.remove(connection, actor.name, [(p.source, p.ref) for p in datasets])
    return fresh


_OF_THE_ORIGINAL = frozenset({"doi", "url", "identifiers", "alternateIdentifiers", "version"})
_ITS_DATES = frozenset({"Issued", "Available", "Withdrawn"})


def _own(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what belongs to the original alone."""
    kept = {k: v for k, v in record.items() if k not in _OF_THE_ORIGINAL}
    if "relatedIdentifiers" in kept:
        kept["relatedIdentifiers"] = _without_version(record)
    if isinstance(kept.get("dates"), list | tuple):
        kept["dates"] = [
            d
            for d in kept["dates"]
            if not isinstance(d, Mapping) or d.get("dateType") not in _ITS_DATES
        ]
    return {**kept, "publicationYear": publications.now().year}
