from __future__ import annotations

from datetime import UTC, datetime, timedelta

from siyu.kernel.clock import FakeClock, SharedClock, from_ms, to_ms
from siyu.kernel.ids import digest, new_id


def test_two_processes_share_a_jump(tmp_path):
    one = SharedClock(tmp_path / "clock")
    other = SharedClock(tmp_path / "clock")
    one.set(datetime(2030, 1, 1, tzinfo=UTC))
    assert abs(other.now() - datetime(2030, 1, 1, tzinfo=UTC)) < timedelta(seconds=5)


def test_a_fake_clock_moves_only_when_told():
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(days=1)
    assert clock.now() == datetime(2026, 1, 2, tzinfo=UTC)


def test_milliseconds_round_trip():
    at = datetime(2026, 11, 11, 2, 3, 4, 567000, tzinfo=UTC)
    assert from_ms(to_ms(at)) == at


def test_ids_sort_by_time_and_do_not_repeat():
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [value[:12] for value in ids] == sorted(value[:12] for value in ids)


def test_digest_separates_its_parts():
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
