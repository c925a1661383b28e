"""Looking only: before anything is made, and afterwards as a stranger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from excudit.domain.errors import ExcuditError
from excudit.domain.model import Deposit, Snapshot
from excudit.domain.problem import Problem
from excudit.scicat import SciCat, content_digest
from excudit.targets.scicat_mirror import mapping
from excudit.targets.scicat_mirror.originals import Original, originals
from excudit.targets.scicat_mirror.settings import ScicatMirrorSettings


def repeated(original: Original, rules: ScicatMirrorSettings) -> list[Problem]:
    """That the original has lists twice, and what becomes of them."""
    if not original.repeated:
        return []
    how = "copied once each" if rules.repeated == "once" else "copied as they are"
    words = f"{original.repeated} file list(s) of {original.pid} repeat others; they are {how}."
    mend = "Have them removed in the original, or leave it so."
    return [Problem("", words, mend, "warning", "scicat-mirror.repeated")]


def as_a_stranger(
    copy: SciCat, rules: ScicatMirrorSettings, deposit: Deposit, snapshot: Snapshot
) -> list[Problem]:
    """What a stranger sees that is not as it must be."""
    lists = list(deposit.data.get("lists") or ())
    found: list[Problem] = []
    for at, original in enumerate(originals(snapshot)):
        row = copy.public_dataset(original.pid)
        if row is None:
            words = f"A stranger does not see {original.pid} at {copy.name}."
            found.append(Problem("", words, "Publish it again.", rule="scicat-mirror.state"))
            continue
        body = mapping.wanted(original, snapshot, rules)
        differing = sorted(mapping.changes(row, body))
        if differing:
            words = f"{original.pid} at {copy.name} differs in {', '.join(differing)}."
            found.append(Problem("", words, "Amend it.", rule="scicat-mirror.members"))
        due = lists[at] if at < len(lists) else ""
        found += _lists(copy, rules, original, due)
    return found


def _lists(
    copy: SciCat, rules: ScicatMirrorSettings, original: Original, due: str
) -> Iterator[Problem]:
    blocks = copy.blocks.of(original.pid, stranger=rules.public_lists)
    seen = Counter(block.digest for block in blocks)
    once = original.lists_once if rules.repeated == "once" else original.lists
    if content_digest(sorted(seen.elements())) != (due or once):
        words = f"{original.pid} at {copy.name} shows other file lists than were approved."
        yield Problem(
            "", words, "Retry; look at it there if it stays so.", rule="scicat-mirror.lists"
        )


def probe(copy: SciCat, origin: SciCat) -> list[Problem]:
    """For `doctor`: each problem with its mend. Reads only."""
    found = []
    for scicat, at in ((copy, ""), (origin, "/origin")):
        try:
            if not scicat.healthy():
                mend = "Ask its operators."
                found.append(_told(f"{at}/url", f"{scicat.url} says that it is not well.", mend))
                continue
            scicat.known()
            if scicat is copy:
                scicat.api.needs_v4("copying datasets")
        except ExcuditError as error:
            where = f"{at}/username" if error.kind in ("Denied", "Rejected") else f"{at}/url"
            found.append(_told(where, error.message, error.hint))
    return found


def _told(where: str, message: str, mend: str) -> Problem:
    return Problem(where, message, mend, rule="scicat-mirror.probe")
