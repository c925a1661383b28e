"""The promises of `excudit.ports.Target` as tests: subclass `TargetContract` and give it parts.

    class TestMine(TargetContract):
        @pytest.fixture
        def target(self) -> Target: ...

        @pytest.fixture
        def snapshot(self, target: Target) -> Snapshot: ...

`snapshot` is complete, may be published at that target, and has a key and a DOI that nothing has
used before. For a target that keeps files it has some, and `content` opens each of them. The same
suite runs against a stand-in and against a real server: nothing in it needs more than the port. It
leaves public deposits behind, so give it a test system, never production.
"""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import BinaryIO

import pytest

from excudit.domain.errors import Conflict, ExcuditError, Permanent, Unsupported
from excudit.domain.model import Deposit, FileEntry, Snapshot, Tombstone
from excudit.domain.problem import blocking
from excudit.ports import Lagging, Target


class TargetContract:
    """What every target promises, whatever it is. Skips what a target says it cannot do."""

    @pytest.fixture
    def target(self) -> Target:
        """The target under test."""
        raise NotImplementedError("give the suite a target")

    @pytest.fixture
    def snapshot(self, target: Target) -> Snapshot:
        """A complete snapshot with a fresh key and, where the target names, a fresh DOI."""
        raise NotImplementedError("give the suite a snapshot")

    @pytest.fixture
    def revised(self, snapshot: Snapshot) -> Snapshot:
        """The same publication with another title."""
        first, *others = snapshot.record.titles
        titles = (first.model_copy(update={"title": f"{first.title}, revised"}), *others)
        record = snapshot.record.model_copy(update={"titles": titles})
        return replace(snapshot, record=record, digest=f"{snapshot.digest}-revised")

    @pytest.fixture
    def foreign(self, snapshot: Snapshot) -> Snapshot:
        """Another publication that wants the same place."""
        return replace(snapshot, key=f"{snapshot.key}-other")

    def content(self, file: FileEntry) -> BinaryIO:
        """The bytes of a file of the snapshot, for a target that keeps files."""
        raise NotImplementedError("give the suite the content of files")

    @pytest.fixture
    def secrets(self) -> Collection[str]:
        """What must never be seen in an error or a log."""
        return ()

    def test_probe_is_content_with_a_right_setup(self, target: Target) -> None:
        assert blocking(list(target.probe())) == []

    def test_check_finds_nothing_and_leaves_nothing(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        assert blocking(list(target.check(snapshot))) == []
        assert target.find(snapshot) is None

    def test_names_are_never_given_twice(self, target: Target) -> None:
        if not target.capabilities.identifier:
            assert target.name_doi() == ""
            return
        names = {target.name_doi() for _ in range(200)}
        assert len(names) == 200
        assert all(name == name.lower() for name in names)

    def test_a_reserved_deposit_is_a_draft_and_is_found_again(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        assert target.find(snapshot) is None
        deposit = target.reserve(snapshot, key=snapshot.key)
        assert (deposit.target, deposit.key) == (target.name, snapshot.key)
        assert deposit.remote_id
        if target.capabilities.identifier:
            assert (deposit.doi, deposit.doi_state) == (snapshot.doi, "draft")
        found = target.find(snapshot)
        assert found is not None
        assert (found.remote_id, found.state) == (deposit.remote_id, deposit.state)

    def test_reserving_again_opens_no_second_deposit(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        if isinstance(target, Lagging):
            pytest.skip("this target takes no name from us: the plan looks before it asks again")
        first = target.reserve(snapshot, key=snapshot.key)
        assert target.reserve(snapshot, key=snapshot.key).remote_id == first.remote_id

    def test_many_threads_at_once_open_one_deposit(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        if isinstance(target, Lagging):
            pytest.skip("this target takes no name from us: one plan alone asks it")
        with ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(target.reserve, snapshot, key=snapshot.key) for _ in range(8)]
        assert len({future.result().remote_id for future in futures}) == 1

    def test_a_place_held_by_another_publication_is_a_conflict_and_stays_as_it_is(
        self, target: Target, snapshot: Snapshot, foreign: Snapshot
    ) -> None:
        if not target.capabilities.identifier:
            pytest.skip("no identifier, no place to fight for")
        deposit = target.reserve(snapshot, key=snapshot.key)
        stolen = replace(deposit, key=foreign.key, data={})
        stone = self._stone(foreign)
        acts: tuple[Callable[[], object], ...] = (
            lambda: target.find(foreign),
            lambda: target.reserve(foreign, key=foreign.key),
            lambda: target.publish(stolen, foreign),
            lambda: target.amend(stolen, foreign),
            lambda: target.withdraw(stolen, foreign, stone),
        )
        for act in acts:
            with pytest.raises(Conflict):
                act()
        target.discard(stolen)
        found = target.find(snapshot)
        assert found is not None
        assert found.doi_state == "draft"

    def test_discarding_removes_the_draft_and_once_more_is_success(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        deposit = target.reserve(snapshot, key=snapshot.key)
        for _ in range(2):
            target.discard(deposit)
            assert target.find(snapshot) is None

    def test_what_was_discarded_can_be_reserved_again(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        target.discard(target.reserve(snapshot, key=snapshot.key))
        target.reserve(snapshot, key=snapshot.key)
        assert target.find(snapshot) is not None

    def test_nothing_is_published_that_was_never_reserved(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        draft = target.reserve(snapshot, key=snapshot.key)
        target.discard(draft)
        with pytest.raises(Permanent):
            target.publish(draft, snapshot)
        with pytest.raises(Permanent):
            target.amend(draft, snapshot)
        assert target.find(snapshot) is None

    def test_publishing_twice_is_one_publication_that_a_stranger_sees(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        published = self._published(target, snapshot)
        again = target.publish(published, snapshot)
        assert (again.remote_id, again.state) == (published.remote_id, published.state)
        if target.capabilities.identifier:
            assert published.doi_state == "findable"
        assert list(target.confirm(published, snapshot)) == []

    def test_a_draft_does_not_pass_for_public(self, target: Target, snapshot: Snapshot) -> None:
        deposit = target.reserve(snapshot, key=snapshot.key)
        assert blocking(list(target.confirm(deposit, snapshot)))

    def test_what_is_public_is_never_discarded(self, target: Target, snapshot: Snapshot) -> None:
        published = self._published(target, snapshot)
        with pytest.raises(Conflict):
            target.discard(published)
        assert list(target.confirm(published, snapshot)) == []

    def test_amending_changes_what_is_shown_once_or_twice(
        self, target: Target, snapshot: Snapshot, revised: Snapshot
    ) -> None:
        if not target.capabilities.amend:
            pytest.skip("this target amends nothing")
        published = self._published(target, snapshot)
        assert blocking(list(target.confirm(published, revised)))
        for _ in range(2):
            amended = target.amend(published, revised)
            assert (amended.remote_id, amended.state) == (published.remote_id, published.state)
            assert list(target.confirm(amended, revised)) == []

    def test_publishing_brings_a_draft_to_what_was_approved_last(
        self, target: Target, snapshot: Snapshot, revised: Snapshot
    ) -> None:
        draft = self._filled(target, snapshot)
        published = target.publish(draft, revised)
        assert list(target.confirm(published, revised)) == []

    def test_withdrawing_twice_leaves_one_tombstone(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        if not target.capabilities.withdraw:
            pytest.skip("this target withdraws nothing")
        published = self._published(target, snapshot)
        first = target.withdraw(published, snapshot, self._stone(snapshot))
        again = target.withdraw(first, snapshot, self._stone(snapshot))
        assert (first.remote_id, first.state) == (again.remote_id, again.state)
        if target.capabilities.identifier:
            assert first.doi_state == "registered"
        assert blocking(list(target.confirm(first, snapshot)))

    def test_a_draft_is_not_withdrawn(self, target: Target, snapshot: Snapshot) -> None:
        deposit = target.reserve(snapshot, key=snapshot.key)
        with pytest.raises((Conflict, Unsupported)):
            target.withdraw(deposit, snapshot, self._stone(snapshot))

    def test_files_are_kept_by_repositories_only(self, target: Target, snapshot: Snapshot) -> None:
        if target.capabilities.files:
            pytest.skip("this target keeps files")
        deposit = target.reserve(snapshot, key=snapshot.key)
        with pytest.raises(Unsupported):
            target.put(deposit, FileEntry("a", 0), io.BytesIO())

    def test_a_file_sent_twice_is_stored_once_and_whole(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        if not target.capabilities.files:
            pytest.skip("this target keeps no files")
        deposit = self._filled(target, snapshot)
        for file in snapshot.files:
            with self.content(file) as stream:
                receipt = target.put(deposit, file, stream)
            assert (receipt.path, receipt.size) == (file.path, file.size)
        published = target.publish(deposit, snapshot)
        assert list(target.confirm(published, snapshot)) == []

    def test_other_bytes_under_the_same_name_replace_the_first(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        if not target.capabilities.files:
            pytest.skip("this target keeps no files")
        deposit = target.reserve(snapshot, key=snapshot.key)
        for file in snapshot.files:
            wrong = b"x" * (file.size + 1)
            target.put(deposit, FileEntry(file.path, len(wrong)), io.BytesIO(wrong))
            with self.content(file) as stream:
                target.put(deposit, file, stream)
        published = target.publish(deposit, snapshot)
        assert list(target.confirm(published, snapshot)) == []

    def test_nothing_is_published_while_a_file_is_missing(
        self, target: Target, snapshot: Snapshot
    ) -> None:
        if not target.capabilities.files:
            pytest.skip("this target keeps no files")
        deposit = target.reserve(snapshot, key=snapshot.key)
        with pytest.raises(Permanent):
            target.publish(deposit, snapshot)
        assert blocking(list(target.confirm(deposit, snapshot)))

    def test_no_secret_is_ever_seen(
        self,
        target: Target,
        snapshot: Snapshot,
        foreign: Snapshot,
        secrets: Collection[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        deposit = target.reserve(snapshot, key=snapshot.key)
        told = [repr(target), repr(vars(target)), repr(deposit)]
        try:
            target.find(foreign)
        except ExcuditError as error:
            told += [repr(error), str(error.as_data()), *traceback.format_exception(error)]
        assert not [secret for secret in secrets for text in (*told, caplog.text) if secret in text]

    def _published(self, target: Target, snapshot: Snapshot) -> Deposit:
        return target.publish(self._filled(target, snapshot), snapshot)

    def _filled(self, target: Target, snapshot: Snapshot) -> Deposit:
        """A draft with its files, where the target keeps them."""
        deposit = target.reserve(snapshot, key=snapshot.key)
        if target.capabilities.files:
            for file in snapshot.files:
                with self.content(file) as stream:
                    target.put(deposit, file, stream)
        return deposit

    def _stone(self, snapshot: Snapshot) -> Tombstone:
        return Tombstone("Published by mistake.", date(2026, 1, 31), snapshot.landing_url)
