"""The contract of a source, as tests that every source must pass.

A plug-in's author inherits the suite and says how a dataset is made and changed:

    class TestMySource(SourceContract):
        @pytest.fixture
        def case(self, tmp_path):
            ...
            return SourceCase(source=…, ref=…, missing=…, contents={"a.csv": b"…"}, change=…)

pytest finds the inherited tests by themselves; pytest itself is not imported here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from excudit.domain.errors import Conflict, Denied, ExcuditError, NotFound, Permanent, Retryable
from excudit.domain.model import SERVICE, Dataset, FileEntry, Outcome, manifest_digest
from excudit.ports import Guarded, Measuring, Source


@dataclass(frozen=True)
class SourceCase:
    """One dataset in one source, and the means to change it.

    `ref` names the dataset, `missing` one that is not there. `contents` holds all its files.
    `change` alters the content of at least one file, at the place where the dataset lives.
    `words` is a text that `search` finds it by ("" = this source cannot be searched).
    """

    source: Source
    ref: str
    missing: str
    contents: Mapping[str, bytes]
    change: Callable[[], None]
    words: str = ""


class Follower:
    """A `Watch` that remembers what it was told and stops when it should."""

    def __init__(self, *, stops: bool = False) -> None:
        self.told: list[tuple[int, int, str]] = []
        self._stops = stops

    def progress(self, done: int, total: int, unit: str) -> None:
        """Remember it."""
        self.told.append((done, total, unit))

    def stop(self) -> bool:
        """As it was asked to."""
        return self._stops


def refusal(call: Callable[[], object], *kinds: type[ExcuditError]) -> ExcuditError:
    """The error of one of these kinds that the call raises; that it raises none is a failure."""
    try:
        call()
    except kinds as error:
        refused = error
    else:
        raise AssertionError(f"expected one of {[k.__name__ for k in kinds]}, nothing was raised")
    assert refused.message, "an error says what and where"
    assert refused.hint, "an error says how to mend it"
    return refused


class SourceContract:
    """What `excudit.ports.Source` promises. Inherit it and give the fixture `case`."""

    def test_the_description_names_the_source_the_reference_and_a_title(
        self, case: SourceCase
    ) -> None:
        dataset = case.source.describe(case.ref)
        assert (dataset.source, dataset.ref) == (case.source.name, case.ref)
        assert dataset.title
        assert dataset.revision

    def test_a_look_tells_the_same_title_without_files(self, case: SourceCase) -> None:
        look = case.source.look(case.ref)
        assert look.title == case.source.describe(case.ref).title
        assert list(look.files) == []

    def test_all_files_are_described_with_size_and_digest(self, case: SourceCase) -> None:
        described = {e.path: (e.size, e.sha256) for e in case.source.describe(case.ref).files}
        assert described == {
            path: (len(content), hashlib.sha256(content).hexdigest())
            for path, content in case.contents.items()
        }

    def test_files_come_in_the_order_of_the_bytes_of_their_path(self, case: SourceCase) -> None:
        paths = [entry.path for entry in case.source.describe(case.ref).files]
        assert paths == sorted(paths, key=str.encode)

    def test_files_may_be_iterated_again_and_again(self, case: SourceCase) -> None:
        files = case.source.describe(case.ref).files
        assert list(files) == list(files)
        assert len(files) == len(list(files)) == len(case.contents)

    def test_describing_twice_gives_the_same_revision_and_manifest(self, case: SourceCase) -> None:
        first, second = case.source.describe(case.ref), case.source.describe(case.ref)
        assert first.revision == second.revision
        assert manifest_digest(first.files) == manifest_digest(second.files)
        assert dict(first.metadata) == dict(second.metadata)

    def test_the_revision_changes_with_the_dataset(self, case: SourceCase) -> None:
        before = case.source.describe(case.ref)
        case.change()
        after = case.source.describe(case.ref)
        assert before.revision != after.revision
        assert manifest_digest(before.files) != manifest_digest(after.files)

    def test_a_dataset_that_is_not_there_is_not_found(self, case: SourceCase) -> None:
        calls: tuple[Callable[[], object], ...] = (
            lambda: case.source.describe(case.missing),
            lambda: case.source.look(case.missing),
            lambda: case.source.claim(case.missing, key="key-1"),
        )
        for call in calls:
            refusal(call, NotFound)

    def test_progress_goes_forward_to_the_total(self, case: SourceCase) -> None:
        follower = Follower()
        case.source.describe(case.ref, follower)
        done = [d for d, _, _ in follower.told]
        assert done == sorted(done)
        assert follower.told[-1][0] == follower.told[-1][1]

    def test_a_description_that_is_stopped_may_be_tried_again(self, case: SourceCase) -> None:
        refusal(lambda: case.source.describe(case.ref, Follower(stops=True)), Retryable)
        assert case.source.describe(case.ref).revision

    def test_each_file_opens_at_any_offset(self, case: SourceCase) -> None:
        for entry in case.source.describe(case.ref).files:
            content = case.contents[entry.path]
            for offset in sorted({0, len(content) // 2, len(content)}):
                with case.source.open(case.ref, entry, offset=offset) as stream:
                    assert stream.read() == content[offset:]

    def test_a_file_that_is_not_there_does_not_open(self, case: SourceCase) -> None:
        absent = FileEntry("there-is/no-such-file", 3, "0" * 64)
        refusal(lambda: case.source.open(case.ref, absent), Permanent)

    def test_a_file_of_another_size_does_not_open(self, case: SourceCase) -> None:
        entry = next(iter(case.source.describe(case.ref).files))
        other = replace(entry, size=entry.size + 1)
        refusal(lambda: case.source.open(case.ref, other), Permanent)

    def test_a_path_that_climbs_out_does_not_open(self, case: SourceCase) -> None:
        for path in ("../outside", "/etc/passwd", "a/../../outside"):
            climbing = FileEntry(path, 1, "0" * 64)
            refusal(partial(case.source.open, case.ref, climbing), Denied, NotFound)

    def test_the_same_key_twice_is_the_same_claim(self, case: SourceCase) -> None:
        claim = case.source.claim(case.ref, key="key-1")
        again = case.source.claim(case.ref, key="key-1")
        assert (claim.source, claim.ref, claim.key) == (case.source.name, case.ref, "key-1")
        assert (again.source, again.ref, again.key) == (claim.source, claim.ref, claim.key)
        case.source.release(claim)

    def test_another_key_conflicts_where_there_is_custody(self, case: SourceCase) -> None:
        claim = case.source.claim(case.ref, key="key-1")
        if case.source.custody:
            refusal(lambda: case.source.claim(case.ref, key="key-2"), Conflict)
        case.source.release(claim)
        case.source.release(case.source.claim(case.ref, key="key-2"))

    def test_renewing_never_shortens_a_claim(self, case: SourceCase) -> None:
        claim = case.source.claim(case.ref, key="key-1")
        renewed = case.source.renew(claim)
        assert renewed.key == claim.key
        assert _end(renewed.expires_at) >= _end(claim.expires_at)
        case.source.release(renewed)

    def test_releasing_twice_is_releasing_once(self, case: SourceCase) -> None:
        claim = case.source.claim(case.ref, key="key-1")
        case.source.release(claim)
        case.source.release(claim)

    def test_custody_and_report_leave_the_dataset_as_it_was(self, case: SourceCase) -> None:
        before = case.source.describe(case.ref).revision
        claim = case.source.claim(case.ref, key="key-1")
        outcome = Outcome(True, "10.5072/abcd", "https://example.org/abcd", "published")
        case.source.report(case.ref, outcome, key="key-1")
        case.source.report(case.ref, outcome, key="key-1")
        case.source.release(claim)
        assert case.source.describe(case.ref).revision == before

    def test_search_finds_it_and_keeps_to_the_limit(self, case: SourceCase) -> None:
        if case.words:
            found = list(case.source.search(case.words, actor=SERVICE))
            assert case.ref in [dataset.ref for dataset in found]
        assert len(list(case.source.search("", actor=SERVICE, limit=1))) <= 1
        assert list(case.source.search("zzz-nothing-is-called-this", actor=SERVICE)) == []

    def test_a_measure_counts_what_the_description_lists(self, case: SourceCase) -> None:
        if isinstance(case.source, Measuring):
            sizes = [len(content) for content in case.contents.values()]
            found = case.source.measure(case.ref)
            assert (found.files, found.bytes) == (len(sizes), sum(sizes))
            stopped = partial(case.source.measure, case.ref, Follower(stops=True))
            refusal(stopped, Retryable)
            refusal(partial(case.source.measure, case.missing), NotFound)

    def test_the_service_sees_what_is_there_and_nobody_what_is_not(self, case: SourceCase) -> None:
        if isinstance(case.source, Guarded):
            assert case.source.sees(case.ref, actor=SERVICE)
            assert not case.source.sees(case.missing, actor=SERVICE)

    def test_what_is_ready_are_datasets_of_this_source(self, case: SourceCase) -> None:
        for dataset in case.source.ready():
            assert isinstance(dataset, Dataset)
            assert dataset.source == case.source.name


def _end(at: datetime | None) -> float:
    return at.timestamp() if at else float("inf")
