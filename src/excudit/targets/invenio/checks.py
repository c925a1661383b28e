"""What can be known to be wrong before or without the repository."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from excudit.domain.model import Deposit, Snapshot
from excudit.domain.problem import Problem
from excudit.targets.invenio import words
from excudit.targets.invenio.found import Held
from excudit.targets.invenio.settings import InvenioSettings

GB = 1_000_000_000
SHORTEST_TITLE = 3


def check(snapshot: Snapshot, settings: InvenioSettings, name: str) -> list[Problem]:
    """All reasons why a repository would refuse the snapshot. No call is made."""
    return [*_sizes(snapshot, settings, name), *_record(snapshot, settings, name)]


def _sizes(snapshot: Snapshot, settings: InvenioSettings, name: str) -> Iterator[Problem]:
    count = len(snapshot.files)
    if not count:
        yield Problem(
            "", f"{name} takes no record without a file.", "Add a file.", rule="invenio.files"
        )
    if count > settings.max_files:
        yield Problem(
            "",
            f"{name} takes {settings.max_files} files in one record; here are {count}.",
            "Pack them into fewer files, or publish them as several records.",
            rule="invenio.files",
        )
    if snapshot.bytes > settings.max_gb * GB:
        yield Problem(
            "",
            f"{name} takes {settings.max_gb:g} GB in one record; here are"
            f" {snapshot.bytes / GB:.1f} GB.",
            "Publish fewer files, or ask the repository for a larger quota.",
            rule="invenio.bytes",
        )


def _record(snapshot: Snapshot, settings: InvenioSettings, name: str) -> Iterator[Problem]:
    record = snapshot.record
    if len(record.main_title) < SHORTEST_TITLE:
        yield Problem(
            "/titles/0/title",
            f"{name} takes titles of at least {SHORTEST_TITLE} characters.",
            "Give it a longer title.",
            rule="invenio.title",
        )
    free_words = settings.dialect == "rdm" and any(r.rights for r in record.rights_list)
    if not words.licence(record, settings.default_license) and not free_words:
        yield Problem(
            "/rightsList",
            f"The record names no licence; {name} would choose one by itself.",
            "Choose a licence, or set default_license for this target.",
            rule="invenio.licence",
        )


def files(
    snapshot: Snapshot, held: Mapping[str, Held], deposit: Deposit, name: str
) -> list[Problem]:
    """How the files there differ from those that were approved and sent."""
    receipts: Mapping[str, str] = deposit.data.get("receipts") or {}
    wrong = []
    wanted = set()
    for file in snapshot.files:
        wanted.add(file.path)
        there = held.get(file.path)
        told = receipts.get(file.path, "").removeprefix("md5:")
        if there is None or not there.complete:
            wrong.append((file.path, f"The file is not complete at {name}."))
        elif there.size != file.size or (told and there.md5 != told):
            wrong.append((file.path, f"{name} has other bytes than were sent."))
    wrong += [(path, f"{name} has this file besides.") for path in sorted(set(held) - wanted)]
    mend = "Stop this publication and publish again."
    return [Problem(path, message, mend, rule="invenio.files") for path, message in wrong]
