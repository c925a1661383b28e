"""Claims and reports at QuinCe, whatever goes wrong between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from excudit.domain.errors import (
    Conflict,
    Denied,
    Drifted,
    NeedsPerson,
    Rejected,
    Unavailable,
    Uncertain,
)
from excudit.domain.model import SERVICE, Actor, Outcome
from excudit.sandbox.quince import Cruise, QuinCe
from excudit.sources.quince import QuinceSource
from excudit.sources.quince.ledger import Ledger
from quince_house import source_of

NAME = "26NA20050107"
PUBLISHED = Outcome(True, "10.5072/abcd", "https://example.org/d/abcd")
HALF_AN_HOUR = 31 * 60


@pytest.fixture
def quince() -> Iterator[QuinCe]:
    with QuinCe() as running:
        running.add(Cruise(NAME, rows=40))
        yield running


@pytest.fixture
def source(quince: QuinCe, tmp_path: Path) -> QuinceSource:
    return source_of(quince, tmp_path)


REF = f"99/{NAME}"


def _asked(quince: QuinCe, call: str) -> int:
    return sum(c["path"].endswith(call) for c in quince.calls)


def test_looking_and_describing_claim_nothing(quince: QuinCe, source: QuinceSource) -> None:
    source.look(REF)
    source.describe(REF)
    assert quince.status() == 120
    assert _asked(quince, "exportDataset") == 0


def test_a_claim_takes_the_dataset_and_its_package(quince: QuinCe, source: QuinceSource) -> None:
    before = source.describe(REF).revision
    claim = source.claim(REF, key="one")
    assert quince.status() == 130
    assert claim.expires_at is not None
    # In 130 the package cannot be fetched: what was claimed is told.
    assert source.describe(REF).revision == before
    source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 140


def test_what_changed_between_review_and_claim_is_seen(
    quince: QuinCe, source: QuinceSource
) -> None:
    before = source.describe(REF)
    quince.recalculate()
    source.claim(REF, key="one")
    after = source.describe(REF)
    assert before.revision != after.revision
    source.release(source.claim(REF, key="one"))
    assert quince.status() == 120


@pytest.mark.parametrize("fault", ["lose-reply", "half-reply", "500-after"])
def test_a_package_that_was_lost_on_its_way_is_given_back_and_fetched_again(
    quince: QuinCe, source: QuinceSource, fault: str
) -> None:
    quince.fault(fault, path="exportDataset")
    with pytest.raises(Uncertain):
        source.claim(REF, key="one")
    assert quince.status() == 130
    source.claim(REF, key="one")
    assert quince.status() == 130
    assert _asked(quince, "abandonExport") == 1
    source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 140


def test_a_crash_after_the_package_was_kept_and_before_the_claim_was_recorded_is_recovered(
    quince: QuinCe, source: QuinceSource, tmp_path: Path
) -> None:
    source.claim(REF, key="one")
    book = tmp_path / "packages" / "ledger.json"
    book.write_text('{"99": {"claim": {"key": "one", "state": "asked", "at": 0}}}')
    again = source_of(quince, tmp_path)
    again.claim(REF, key="one")
    again.report(REF, PUBLISHED, key="one")
    assert quince.status() == 140
    assert _asked(quince, "completeExport") == 1


def test_a_login_page_is_no_package_and_no_success(quince: QuinCe, source: QuinceSource) -> None:
    quince.fault("login-page", path="downloadDataset")
    with pytest.raises(Unavailable):
        source.describe(REF)
    source.claim(REF, key="one")
    quince.fault("login-page", path="completeExport")
    with pytest.raises(Uncertain):
        source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 130
    source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 140


def test_a_touch_keeps_the_claim_for_another_half_hour(
    quince: QuinCe, source: QuinceSource
) -> None:
    claim = source.claim(REF, key="one")
    for _ in range(3):
        quince.forward(25 * 60)
        claim = source.renew(claim)
    assert quince.status() == 130


@pytest.mark.parametrize("how", ["time-out", "recalculated"])
def test_a_lost_claim_is_told_by_the_next_touch(
    quince: QuinCe, source: QuinceSource, how: str
) -> None:
    claim = source.claim(REF, key="one")
    if how == "time-out":
        quince.forward(HALF_AN_HOUR)
    else:
        quince.put(99, 20)
    with pytest.raises(Drifted):
        source.renew(claim)
    source.release(claim)
    assert _asked(quince, "abandonExport") == 0


def test_a_lost_answer_to_the_completion_is_settled_by_looking(
    quince: QuinCe, source: QuinceSource
) -> None:
    source.claim(REF, key="one")
    quince.fault("lose-reply", path="completeExport")
    with pytest.raises(Uncertain):
        source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 140
    source.report(REF, PUBLISHED, key="one")
    source.report(REF, PUBLISHED, key="one")
    assert _asked(quince, "completeExport") == 2
    assert _asked(quince, "exportDataset") == 1


def test_a_claim_that_ran_out_after_publication_is_taken_again_and_completed(
    quince: QuinCe, source: QuinceSource
) -> None:
    source.claim(REF, key="one")
    quince.forward(HALF_AN_HOUR)
    source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 140


def test_other_data_than_those_published_are_never_marked_as_exported(
    quince: QuinCe, source: QuinceSource
) -> None:
    source.claim(REF, key="one")
    quince.forward(HALF_AN_HOUR)
    quince.recalculate()
    with pytest.raises(NeedsPerson, match="other data"):
        source.report(REF, PUBLISHED, key="one")
    assert quince.status() == 120
    source.report(REF, PUBLISHED, key="one")  # a person has set it right
    assert quince.status() == 120


def test_near_real_time_data_that_may_be_hidden_are_a_question(
    quince: QuinCe, source: QuinceSource
) -> None:
    quince.add(Cruise(NAME, rows=40, nrt=True))
    source.claim(REF, key="one")
    quince.fault("lose-reply", path="completeExport")
    with pytest.raises(Uncertain):
        source.report(REF, PUBLISHED, key="one")
    with pytest.raises(NeedsPerson, match="exported"):
        source.report(REF, PUBLISHED, key="one")
    source.report(REF, PUBLISHED, key="one")


def test_the_next_near_real_time_data_are_hidden_for_a_day_without_alarm(
    quince: QuinCe, source: QuinceSource
) -> None:
    quince.add(Cruise(NAME, rows=40, nrt=True))
    source.claim(REF, key="one")
    source.report(REF, PUBLISHED, key="one")
    quince.add(Cruise("26NA20050108", rows=40, nrt=True), id_=100)
    assert list(source.ready()) == []
    quince.forward(86_401)
    assert [d.ref for d in source.ready()] == ["100/26NA20050108"]


def test_a_follow_up_reports_without_completing_again(quince: QuinCe, source: QuinceSource) -> None:
    source.claim(REF, key="one")
    source.report(REF, PUBLISHED, key="one")
    source.report(REF, PUBLISHED, key="one:socat")
    assert _asked(quince, "completeExport") == 1


def test_what_was_not_published_goes_back_once(quince: QuinCe, source: QuinceSource) -> None:
    claim = source.claim(REF, key="one")
    source.report(REF, Outcome(False), key="one")
    source.release(claim)
    assert quince.status() == 120
    assert _asked(quince, "abandonExport") == 1


def test_a_package_that_is_refused_is_given_back_at_once(
    quince: QuinCe, source: QuinceSource
) -> None:
    quince.add_package(b"no ZIP at all", NAME)
    with pytest.raises(Rejected):
        source.claim(REF, key="one")
    assert quince.status() == 120
    assert _asked(quince, "abandonExport") == 1


def test_two_datasets_of_one_name_are_told_apart_by_their_numbers_alone(
    quince: QuinCe, source: QuinceSource
) -> None:
    quince.add(Cruise(NAME, rows=30), id_=100)
    with pytest.raises(Rejected, match="several datasets"):
        source.describe(REF)
    source.claim(REF, key="one")
    assert (quince.status(99), quince.status(100)) == (130, 120)


def test_the_revision_of_what_is_listed_counts_how_often_it_came(
    quince: QuinCe, source: QuinceSource
) -> None:
    def revisions() -> list[str]:
        return [d.revision for d in source.ready()]

    assert revisions() == ["listed 0"]
    known = source.look(REF).revision
    assert revisions() == [known]
    source.release(source.claim(REF, key="one"))
    assert revisions() == [known]
    source.claim(REF, key="one")
    source.report(REF, PUBLISHED, key="one")
    assert revisions() == []
    quince.recalculate()
    quince.put(99, 120)
    assert revisions() == ["listed 1"]
    fresh = source.look(REF).revision
    assert fresh == source.describe(REF).revision != known
    assert revisions() == [fresh]


def test_a_wrong_account_and_a_missing_permission_are_told(quince: QuinCe, tmp_path: Path) -> None:
    for account, words in (({"username": "nobody"}, "401"), ({"username": "station"}, "403")):
        with pytest.raises(Denied, match=words):
            list(source_of(quince, tmp_path, **account).ready())
        with pytest.raises(Denied):
            source_of(quince, tmp_path, **account).describe(REF)


def test_people_see_the_datasets_of_their_own_platforms(
    quince: QuinCe, source: QuinceSource
) -> None:
    ferry = quince.add(Cruise("77FF20190402", code="77FF", rows=30), id_=7)
    aino, ola, eva = Actor("aino"), Actor("ola"), Actor("eva", frozenset({"reviewer"}))
    assert [source.sees(ferry, actor=a) for a in (aino, ola, eva, SERVICE)] == [
        True,
        False,
        True,
        True,
    ]
    assert [d.ref for d in source.search("", actor=ola)] == [REF]
    assert [d.group for d in source.search("77ff", actor=aino)] == ["others"]


def test_a_poll_of_five_thousand_datasets_is_one_request_and_little_work(
    quince: QuinCe, source: QuinceSource
) -> None:
    with quince.state.lock:
        for number in range(5000):
            quince.add(Cruise(f"26NA{19000101 + number}"), id_=1000 + number)
    calls, took = len(quince.calls), []
    for _ in range(5):
        begun = time.thread_time()
        assert len(list(source.ready())) == 5001
        took.append(time.thread_time() - begun)
    assert min(took) < 0.1
    assert len(quince.calls) == calls + 5


def test_another_worker_cannot_fetch_the_same_dataset_meanwhile(
    quince: QuinCe, source: QuinceSource, tmp_path: Path
) -> None:
    with Ledger(tmp_path / "packages").alone(99), pytest.raises(Unavailable, match="just being"):
        source.claim(REF, key="one")
    source.claim(REF, key="one")
    with pytest.raises(Conflict):
        source.claim(REF, key="two")


def test_a_probe_tells_what_is_wrong_with_the_settings(quince: QuinCe, tmp_path: Path) -> None:
    assert source_of(quince, tmp_path).probe() == []
    unknown = source_of(quince, tmp_path, platforms={}).probe()
    assert [(p.where, p.rule) for p in unknown] == [("/platforms", "quince.platform")]
    assert "Nuka Arctica CO2" in unknown[0].mend
    wrong = source_of(quince, tmp_path, username="nobody").probe()
    assert [p.where for p in wrong] == ["/password"]
    quince.fault("503", path="exportList")
    assert [p.where for p in source_of(quince, tmp_path).probe()] == ["/url"]
