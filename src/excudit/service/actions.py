"""What the steps of all plans do and undo.

An action may run again after a crash or a lost answer: it looks before it acts. Its effect is
written down before it returns. What it raises decides whether the run waits, goes back or parks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from excudit.domain.errors import (
    Conflict,
    ExcuditError,
    Permanent,
    Rejected,
    Retryable,
    Unsupported,
)
from excudit.domain.model import (
    SERVICE,
    Claim,
    Deposit,
    Snapshot,
    Tombstone,
    manifest_digest,
)
from excudit.domain.problem import Problem, blocking
from excudit.domain.publication import Publication
from excudit.engine.step import Action, Call
from excudit.ports import Adopting, Concluding, Filling, Handing, Uploading
from excudit.service import (
    acts,
    asking,
    copying,
    following,
    looking,
    names,
    notifying,
    quality,
    renewing,
    selection,
)
from excudit.service.checking import check_json, of_other_groups
from excudit.service.frozen import drift, snapshot_of
from excudit.service.opening import bury, close_page, open_page
from excudit.service.parts import Parts
from excudit.service.prefill import prefilled
from excudit.service.reporting import report
from excudit.store import deposits, publications, snapshots
from excudit.store.database import Connection, recording, storing

Result = Mapping[str, Any] | None


def _publication(parts: Parts, call: Call) -> Publication:
    with parts.database.read() as connection:
        return publications.get(connection, call.subject)


def claim(parts: Parts, call: Call) -> Result:
    """Take custody of all datasets; `release` gives back those of a claim that broke off."""
    for part in _publication(parts, call).parts:
        parts.source(part.source).claim(part.ref, key=call.subject)
    return None


def release(parts: Parts, call: Call) -> Result:
    """Give all datasets back; one that cannot be given back keeps no other from it."""
    failed: ExcuditError | None = None
    for part in _publication(parts, call).parts:
        try:
            parts.source(part.source).release(Claim(part.source, part.ref, call.subject))
        except ExcuditError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return None


def freeze(parts: Parts, call: Call) -> Result:
    """Describe the datasets and store them as the publication's snapshot."""
    publication = _publication(parts, call)
    dataset = selection.described(parts, publication.parts, call)
    edited = publication.edited
    route = parts.route(publication.route)
    record = publication.record if edited else prefilled(route, dataset)
    frozen = snapshots.freeze(
        parts.database,
        publication.id,
        source=dataset.source,
        ref=dataset.ref,
        revision=dataset.revision,
        record=record,
        files=dataset.files,
        facts=dataset.facts,
    )
    titles = record.get("titles") or [{}]
    title = str(titles[0].get("title", "")) if isinstance(titles[0], dict) else ""
    with parts.database.write() as connection:
        publications.change(
            connection,
            publication.id,
            snapshot=frozen.id,
            record=dict(record),
            title=title or publication.title,
        )
    return {"files": frozen.files, "bytes": frozen.bytes, "digest": frozen.digest}


def look(parts: Parts, call: Call) -> Result:
    """Have the source calculate what people will look at, so that nobody waits for it."""
    shown = looking.prepare(parts, _publication(parts, call))
    return {"plots": len(shown.plots), "tables": len(shown.tables)} if shown else None


def check(parts: Parts, call: Call) -> Result:
    """All problems of the record, the datasets and every target, at once."""
    publication = _publication(parts, call)
    dataset = selection.looked_at(parts, publication.parts)
    found: list[Problem] = list(dataset.notes)
    found += of_other_groups(parts.route(publication.route), [dataset])
    found += check_json(publication.record, xsd=parts.settings.service.datacite_xsd)
    if not blocking(found):
        _, snapshot = snapshot_of(parts, publication.id)
        for name in parts.route(publication.route).targets:
            found += parts.target(name).check(snapshot)
        found += following.warnings(parts, publication.route, snapshot)
    unique = tuple(dict.fromkeys(found))
    if blocking(unique):
        raise Rejected(
            f"{len(blocking(unique))} problem(s) to mend before this can be published.",
            problems=unique,
            hint="Mend them and submit again; nothing was published.",
        )
    return {"warnings": [p.as_data() for p in unique]}


def compare(parts: Parts, call: Call) -> Result:
    """Read the datasets again: what is published is what was approved."""
    standing, snapshot = snapshot_of(parts, call.subject)
    if snapshot.digest != standing.approved_digest:
        raise Conflict("What is frozen is not what was approved.", hint="Submit it again.")
    current = selection.described(parts, _publication(parts, call).parts, call)
    if manifest_digest(current.files) != snapshot.manifest_digest:
        raise drift(snapshot.files, current.files)
    return None


def reserve(parts: Parts, call: Call) -> Result:
    """Open the draft under our own key and name, both stored before anybody else hears of them;
    look first, adopt what is ours."""
    target = parts.target(call.target)
    first = asking.first(parts, call, target)
    _, snapshot = snapshot_of(parts, call.subject)
    try:
        deposit = None if first else target.find(snapshot)
        if deposit is None:
            asking.wait(parts, call, target, first=first)
            previous = asking.previous(parts, call, target)
            deposit = target.reserve(snapshot, key=snapshot.key, previous=previous)
        else:
            deposit = target.amend(deposit, snapshot)
    except Conflict as error:
        if not target.capabilities.identifier:
            raise
        raise _chosen_again(parts, call, snapshot, error) from error
    except Permanent:
        if first:  # refused outright: nothing of ours can be there
            asking.forget(parts, call, target)
        raise
    _save(parts, call, deposit)
    return {"remote_id": deposit.remote_id, "doi": deposit.doi}


def _chosen_again(parts: Parts, call: Call, snapshot: Snapshot, error: Conflict) -> Retryable:
    target = parts.target(call.target)
    with parts.database.write() as connection:
        deposits.give_up_doi(connection, snapshot.doi)
        doi = deposits.choose_doi(connection, call.subject, target.name, target.name_doi())
    return Retryable(
        f"The name {snapshot.doi} belongs to somebody else; {doi} was chosen instead.",
        remote=error.remote or error.message,
    )


def _save(parts: Parts, call: Call, deposit: Deposit) -> None:
    with storing(), parts.database.write() as connection:
        deposits.save(connection, call.subject, deposit)


def _deposit(parts: Parts, call: Call, snapshot: Snapshot) -> Deposit:
    """What is ours at the target: as written down, else as found there."""
    with parts.database.read() as connection:
        known = deposits.find(connection, call.subject, call.target)
    if known is not None and not known.remote_id:
        known = None  # asked for, and no answer came
    found = known or parts.target(call.target).find(snapshot)
    if found is None:
        raise Conflict(
            f"There is no deposit at {call.target}.", hint="Stop this run and publish again."
        )
    return found


def discard(parts: Parts, call: Call) -> Result:
    """Remove the draft, known or only half made."""
    target = parts.target(call.target)
    if not asking.asked(parts, call, target):
        return None
    _, snapshot = snapshot_of(parts, call.subject)
    deposit = asking.known(parts, call, target)
    if deposit is None:
        try:
            deposit = target.find(snapshot)
        except Conflict:
            deposit = None  # somebody else's: nothing of ours is there
        if deposit is None:
            asking.wait(parts, call, target)
    if deposit is not None:
        target.discard(deposit)
    asking.forget(parts, call, target)
    return None


def files(parts: Parts, call: Call) -> Result:
    """Copy every file of the snapshot to the draft; what is there and equal is left alone."""
    target = parts.target(call.target)
    _, snapshot = snapshot_of(parts, call.subject)
    deposit = _deposit(parts, call, snapshot)
    datasets = _publication(parts, call).parts
    told = copying.copy_all(parts, call, datasets, target, deposit, snapshot)
    receipts = {one["path"]: one["checksum"] for one in told}
    _save(parts, call, replace(deposit, data={**deposit.data, "receipts": receipts}))
    each = told if len(snapshot.files) <= copying.LISTED else []
    return {"files": len(snapshot.files), "bytes": snapshot.bytes, "each": each}


def adopt(parts: Parts, call: Call) -> Result:
    """Move the whole folder from the source's custody to the draft."""
    source, target = _handing(parts, call), parts.target(call.target)
    assert isinstance(target, Adopting)  # the plan asked
    _, snapshot = snapshot_of(parts, call.subject)
    place = source.place(snapshot.refs[0], key=call.subject)
    _save(parts, call, target.adopt(_deposit(parts, call, snapshot), snapshot, place, call))
    return {"files": len(snapshot.files), "bytes": snapshot.bytes}


def fill(parts: Parts, call: Call) -> Result:
    """Have the target bring to the draft what it fetches itself."""
    target, (_, snapshot) = parts.target(call.target), snapshot_of(parts, call.subject)
    assert isinstance(target, Filling)  # the plan asked
    _save(parts, call, target.fill(_deposit(parts, call, snapshot), snapshot, call))
    return None


def _handing(parts: Parts, call: Call) -> Handing:
    """The source of the one folder; several are not moved as one. Raises Unsupported."""
    datasets = _publication(parts, call).parts
    source = parts.source(datasets[0].source)
    if len(datasets) != 1 or not isinstance(source, Handing):
        raise Unsupported(
            "Only one folder can be moved as a whole.",
            hint="Publish each folder by itself, or choose a route that copies files.",
        )
    return source


def publish(parts: Parts, call: Call) -> Result:
    """Make it public at one target. No way back. With the last target it is published."""
    _, snapshot = snapshot_of(parts, call.subject)
    target = parts.target(call.target)
    with asking.publishing(parts, call, target, _deposit(parts, call, snapshot)) as deposit:
        if isinstance(target, Uploading):
            opened = partial(copying.approved, parts, call.subject)
            public = target.upload(deposit, snapshot, opened, call)
        else:
            public = target.publish(deposit, snapshot)
    with recording(target.name), parts.database.write() as connection:
        deposits.save(connection, call.subject, public)
        if call.args.get("settles"):
            _settle(connection, parts, call)
            names.learn(connection, snapshot.record)
    return {"doi": public.doi, "state": public.state, "url": public.url}


def _settle(connection: Connection, parts: Parts, call: Call) -> None:
    publication = publications.get(connection, call.subject, lock=True)
    if publication.state == "publishing":
        acts.act(
            connection,
            parts,
            SERVICE,
            call.subject,
            "settle",
            run=call.run,
            by_service=True,
            published_at=publications.now(),
        )


def confirm(parts: Parts, call: Call) -> Result:
    """See what a stranger sees; a difference is for a person to look at."""
    if following.nothing_there(parts, call):
        return None
    _, snapshot = snapshot_of(parts, call.subject)
    target, deposit = parts.target(call.target), _deposit(parts, call, snapshot)
    problems = target.confirm(deposit, snapshot)
    if blocking(list(problems)):
        raise Rejected(
            f"{call.target} shows something else than was published.",
            problems=tuple(problems),
            hint="Retry; if it stays so, ask the target's support with the words above.",
        )
    if deposit.doi_state == "draft":
        # Its DOI was pending when it was published: it is public already, so this only looks.
        with recording(target.name):
            _save(parts, call, target.publish(deposit, snapshot))
    return {"warnings": [p.as_data() for p in problems]}


def conclude(parts: Parts, call: Call) -> Result:
    """Tell a target that everything is public and the DOI findable."""
    target = parts.target(call.target)
    assert isinstance(target, Concluding)  # the plan asked
    _, snapshot = snapshot_of(parts, call.subject)
    deposit = target.conclude(_deposit(parts, call, snapshot), snapshot)
    _save(parts, call, deposit)
    return {"state": deposit.state, "url": deposit.url}


def amend(parts: Parts, call: Call) -> Result:
    if following.nothing_there(parts, call):
        return None
    _, snapshot = snapshot_of(parts, call.subject)
    deposit, target = _deposit(parts, call, snapshot), parts.target(call.target)
    _save(parts, call, target.amend(deposit, snapshot))
    return None


def withdraw(parts: Parts, call: Call) -> Result:
    """Leave a tombstone; a draft that a follow-up has left is removed."""
    if following.nothing_there(parts, call):
        return discard(parts, call)
    publication, snapshot = snapshot_of(parts, call.subject)
    when = (publication.withdrawn_at or publications.now()).date()
    stone = Tombstone(publication.withdrawn_reason, when, snapshot.landing_url)
    deposit = _deposit(parts, call, snapshot)
    _save(parts, call, parts.target(call.target).withdraw(deposit, snapshot, stone))
    return None


DONE_BY: dict[str, Callable[[Parts, Call], Result]] = {
    f.__name__: f
    for f in (
        claim,
        release,
        freeze,
        look,
        check,
        compare,
        reserve,
        discard,
        files,
        adopt,
        fill,
        open_page,
        close_page,
        publish,
        confirm,
        conclude,
        report,
        amend,
        bury,
        withdraw,
    )
}


DONE_BY["ask_quality"] = quality.ask
DONE_BY["notify"] = notifying.notify


def bound(parts: Parts) -> dict[str, Action]:
    """All actions by the names that plans use."""
    return {n: renewing.guarded(parts, partial(action, parts)) for n, action in DONE_BY.items()}
