"""Rates and breakers, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from engine_toy import until
from excudit.domain.errors import RateLimited
from excudit.engine.breakers import Breakers, Trip
from excudit.engine.database import breakers as table
from excudit.engine.database import ensure_tables, own_engine
from excudit.engine.limits import Limiter


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = own_engine(database_url)
    ensure_tables(engine)
    yield engine
    engine.dispose()


def test_turns_come_one_after_the_other(engine: sa.Engine) -> None:
    limiter = Limiter(engine)
    waits = [limiter.take("t", 1) for _ in range(5)]
    for n, wait in enumerate(waits):
        assert wait == pytest.approx(n, abs=0.5)


def test_a_burst_goes_at_once_and_is_paid_back(engine: sa.Engine) -> None:
    limiter = Limiter(engine)
    waits = [limiter.take("t", 1, burst=3) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(1, abs=0.3)


def test_names_do_not_wait_for_each_other(engine: sa.Engine) -> None:
    limiter = Limiter(engine)
    assert [limiter.take(name, 0.1) for name in ("a", "b")] == [0, 0]


def test_a_turn_that_is_too_far_off_is_not_taken(engine: sa.Engine) -> None:
    limiter = Limiter(engine)
    limiter.take("t", 1)
    refused = [limiter.take("t", 1, at_most_s=0.01) for _ in range(5)]
    assert all(0.01 < wait <= 1 for wait in refused)
    assert limiter.take("t", 1) <= 1


def test_a_client_waits_for_its_turn_or_is_told_to_come_later(engine: sa.Engine) -> None:
    limiter = Limiter(engine)
    limiter.turn("t", 0.5)()
    with pytest.raises(RateLimited) as raised:
        limiter.turn("t", 0.5, at_most_s=0.1)()
    assert 0.1 < raised.value.delay_s <= 2


def test_threads_share_one_sequence_of_turns(engine: sa.Engine) -> None:
    limiter = Limiter(engine)
    with ThreadPoolExecutor(8) as pool:
        waits = sorted(pool.map(lambda _: limiter.take("t", 2), range(20)))
    for n, wait in enumerate(waits):
        assert wait == pytest.approx(n * 0.5, abs=0.45)


def test_workers_on_postgresql_share_one_sequence_of_turns(postgresql_url: str) -> None:
    engines = [own_engine(postgresql_url) for _ in range(2)]
    ensure_tables(engines[0])
    first, second = map(Limiter, engines)
    waits = [limiter.take("t", 1) for limiter in (first, second, first, second)]
    assert waits == pytest.approx([0, 1, 2, 3], abs=0.4)
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_rate_that_makes_no_sense_is_refused(rate: float, burst: int) -> None:
    limiter = Limiter(sa.create_engine("sqlite://"))
    with pytest.raises(ValueError, match="rate of 't'"):
        limiter.take("t", rate, burst=burst)


def test_a_breaker_opens_after_consecutive_failures_only(engine: sa.Engine) -> None:
    breakers = Breakers(engine, Trip(failures=3, open_s=60))
    for _ in range(2):
        breakers.failed("t")
    breakers.worked("t")
    for _ in range(2):
        breakers.failed("t")
    seen = breakers.admit("t")
    assert seen is not None
    assert (seen.failures, seen.open, seen.wait_s) == (2, False, 0)
    breakers.failed("t")
    seen = breakers.admit("t")
    assert seen is not None
    assert seen.open
    assert seen.wait_s == pytest.approx(60, abs=2)


def test_a_target_that_never_failed_has_no_breaker(engine: sa.Engine) -> None:
    breakers = Breakers(engine)
    assert breakers.admit("t") is None
    assert breakers.seen() == {}


def test_every_process_sees_the_open_breaker(engine: sa.Engine) -> None:
    one, other = Breakers(engine, Trip(failures=1, open_s=60)), Breakers(engine)
    one.failed("t")
    assert other.seen()["t"].open
    assert other.admit("t").wait_s > 50


def test_one_probe_alone_goes_through_a_half_open_breaker(engine: sa.Engine) -> None:
    breakers = Breakers(engine, Trip(failures=1, open_s=0.05, probe_s=60))
    breakers.failed("t")
    until(lambda: breakers.seen()["t"].wait_s == 0)
    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda _: breakers.admit("t").wait_s, range(16)))
    assert admitted.count(0) == 1
    assert all(wait > 50 for wait in admitted if wait)
    breakers.worked("t")
    assert breakers.admit("t") is None


def test_a_failed_probe_opens_for_twice_as_long_up_to_the_longest(engine: sa.Engine) -> None:
    breakers = Breakers(engine, Trip(failures=2, open_s=30, longest_s=100))
    breakers.failed("t")
    waits = []
    for _ in range(4):
        breakers.failed("t")
        waits.append(breakers.seen()["t"].wait_s)
        with engine.begin() as c:
            c.execute(sa.update(table).values(open_until=0.0))
    assert waits == pytest.approx([30, 60, 100, 100], abs=2)


def test_failures_of_calls_begun_before_it_opened_do_not_prolong_it(engine: sa.Engine) -> None:
    breakers = Breakers(engine, Trip(failures=1, open_s=30))
    for _ in range(6):
        breakers.failed("t")
    assert breakers.seen()["t"].wait_s <= 30
