"""File lists of a copy, compared with the original's as multisets of what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import orjson

from excudit.domain.errors import Drifted, Retryable
from excudit.ports import Watch
from excudit.scicat import Block, Blocks, content_digest
from excudit.scicat.blocks import LARGEST_POST
from excudit.targets.scicat_mirror.originals import Original


@dataclass(slots=True)
class Survey:
    """How a copy's lists stand to the original's. `missing` says how often each content lacks,
    `surplus` are lists that do not belong there, `hidden` those not flagged as wanted."""

    missing: Counter[str] = field(default_factory=Counter)
    surplus: list[Block] = field(default_factory=list)
    hidden: list[Block] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    digest: str = ""

    @property
    def complete(self) -> bool:
        """Whether the same lists are there, each as often as it must be."""
        return not self.missing and not self.surplus


class Lists:
    """Brings lists from one SciCat to another; both are streamed."""

    def __init__(self, origin: Blocks, copy: Blocks, *, once: bool) -> None:
        self._origin, self._copy, self._once = origin, copy, once

    def _due(self, original: Original) -> Iterator[Block]:
        """The lists that the copy must have, split where one is too large to be posted. Raises
        Drifted at the end, when they are not those that were approved."""
        seen: Counter[str] = Counter()
        for block in self._origin.of(original.pid):
            seen[block.digest] += 1
            if self._once and seen[block.digest] > 1:
                continue
            yield from pieces(block)
        if content_digest(sorted(seen.elements())) != original.lists:
            raise Drifted(
                f"The file lists of {original.pid} changed after they were approved.",
                hint="Look at the change and submit again.",
            )

    def survey(self, original: Original, *, public: bool) -> Survey:
        """Compare, changing nothing. `public`: the flag that the copy's lists should have."""
        there: Counter[str] = Counter()
        found = Survey()
        for block in self._due(original):
            found.missing[block.digest] += 1
            found.files += len(block.files)
            found.bytes += block.size
        due = Counter(found.missing)
        for block in self._copy.of(original.pid):
            there[block.digest] += 1
            if there[block.digest] > due[block.digest]:
                found.surplus.append(replace(block, files=()))
            elif block.published != public:
                found.hidden.append(replace(block, files=()))
        found.missing = due - there
        found.digest = content_digest(sorted(due.elements()))
        return found

    def bring(self, original: Original, survey: Survey, watch: Watch | None = None) -> None:
        """Post what is missing and nothing else; a surplus list becomes a missing one before any
        is deleted. After a lost answer survey again. Raises Drifted."""
        missing = Counter(survey.missing)
        spare = list(survey.surplus)
        total, done = sum(missing.values()), 0
        for block in self._due(original) if total else ():
            if not missing[block.digest]:
                continue
            _go_on(watch, done, total)
            missing[block.digest] -= 1
            if spare:
                self._copy.change(spare.pop(), block)
            else:
                self._copy.add(original.pid, block)
            done += 1
        for block in spare:
            self._copy.remove(block)
        _go_on(watch, total, total)

    def flag(self, blocks: list[Block], *, public: bool) -> None:
        """Show or hide lists."""
        for block in blocks:
            self._copy.show(block, published=public)

    def flag_all(self, pid: str, *, public: bool) -> None:
        """Show or hide all lists of the copy."""
        for block in self._copy.of(pid):
            self._copy.show(block, published=public)

    def remove_all(self, pid: str) -> None:
        """Delete all lists of the copy."""
        for block in list(self._without_files(pid)):
            self._copy.remove(block)

    def _without_files(self, pid: str) -> Iterator[Block]:
        for row in self._copy.stamps(pid):
            yield Block(str(row["_id"]), 0, "", ())


def pieces(block: Block) -> Iterator[Block]:
    """The block, or several with its entries in order: SciCat takes 16 MB at once."""
    weight = len(orjson.dumps([dict(f) for f in block.files]))
    if weight <= LARGEST_POST or len(block.files) < 2:
        yield block
        return
    count = min(weight // LARGEST_POST + 1, len(block.files))
    step = -(-len(block.files) // count)
    for start in range(0, len(block.files), step):
        files = block.files[start : start + step]
        yield replace(block, files=files, size=sum(int(f.get("size") or 0) for f in files))


def _go_on(watch: Watch | None, done: int, total: int) -> None:
    if watch is None:
        return
    if watch.stop():
        raise Retryable("Copying was stopped.", hint="It goes on by itself, or when asked to.")
    watch.progress(done, total, "file lists")
