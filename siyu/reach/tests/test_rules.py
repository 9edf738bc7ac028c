"""The order of checks, quiet hours and the choice of the channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.kernel.clock import SHANGHAI
from siyu.reach import rules
from siyu.reach.rules import Case, Rendered, Verdict, decide
from siyu.reach.types import GateVerdict, OpenChannel, Policy

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 11, 15, 0, tzinfo=UTC)
MASS = OpenChannel(channel="wecom.mass_send", account="wecom:ww1", needs_staff=True, max_chars=20)
DM = OpenChannel(channel="douyin.dm", account="douyin:ck1", is_windowed=True, max_chars=20)
SMS = OpenChannel(channel="sms", account="sms:1", cost_fen=4)
LATER = NOW + timedelta(hours=1)


def case(**more) -> Case:
    base: dict[str, Any] = {
        "touch_id": 1,
        "purpose": "marketing",
        "wanted": "best",
        "expires_at": NOW + timedelta(days=3),
        "channels": [MASS],
        "render": lambda: Rendered("你好"),
    }
    return Case(**(base | more))


WRONGS: list[tuple[str, dict[str, Any]]] = [
    ("erased", {"is_erased": True}),
    ("no_consent", {"consent": lambda _channel: False}),
    ("goal_reached", {"gate": GateVerdict("goal_reached")}),
    ("no_channel", {"channels": []}),
    ("window_closed", {"channels": [], "has_closed_window": True}),
    ("platform_quota", {"quota_reset": lambda _channel: LATER}),
    ("frequency_cap", {"marketing_count": 3}),
    ("duplicate_address", {"is_duplicate": lambda _channel: True}),
    ("template_missing_variable", {"render": lambda: Rendered(reason="template_missing_variable")}),
    ("content_too_long", {"render": lambda: Rendered("长" * 21)}),
]


@pytest.mark.parametrize(("reason", "wrong"), WRONGS)
def test_each_refusal_has_its_reason(reason, wrong):
    assert decide(case(**wrong), Policy(), NOW).reason == reason


@pytest.mark.parametrize("first", range(len(WRONGS)))
def test_the_earlier_check_wins(first):
    wrongs = [wrong for reason, wrong in WRONGS[first:] if reason != "window_closed" or first == 4]
    together: dict[str, Any] = {}
    for wrong in reversed(wrongs):
        together |= wrong
    assert decide(case(**together), Policy(), NOW).reason == WRONGS[first][0]


def test_a_sound_case_goes():
    decision = decide(case(), Policy(), NOW)
    assert decision.verdict is Verdict.GO
    assert (decision.channel, decision.text) == (MASS, "你好")


def test_expired_touch_expires():
    decision = decide(case(expires_at=NOW), Policy(), NOW)
    assert (decision.verdict, decision.reason) == (Verdict.EXPIRE, "expired")


def test_consent_withdrawn_for_one_channel_leaves_the_other():
    decision = decide(
        case(channels=[DM, MASS], consent=lambda name: False if name == "douyin.dm" else None),
        Policy(),
        NOW,
    )
    assert decision.channel == MASS


def test_full_quota_takes_the_next_channel():
    decision = decide(
        case(channels=[MASS, SMS], quota_reset=lambda c: LATER if c is MASS else None),
        Policy(),
        NOW,
    )
    assert decision.channel == SMS


def test_quota_that_resets_too_late_expires_with_its_reason():
    decision = decide(case(quota_reset=lambda _c: NOW + timedelta(days=9)), Policy(), NOW)
    assert (decision.verdict, decision.reason) == (Verdict.EXPIRE, "platform_quota")


def test_best_channel_is_reply_window_then_staff_then_cheapest():
    dear = OpenChannel(channel="call", account="call:1", cost_fen=50)
    picked = rules.pick_channels([dear, SMS, MASS, DM], "best")
    assert [channel.channel for channel in picked] == [
        "douyin.dm",
        "wecom.mass_send",
        "sms",
        "call",
    ]


def test_welcome_needs_a_short_window():
    welcome = OpenChannel(channel="wecom.welcome", account="a", window_seconds=20, is_windowed=True)
    long = OpenChannel(channel="douyin.dm", account="b", window_seconds=86_400, is_windowed=True)
    assert rules.pick_channels([long, MASS, welcome], "welcome") == [welcome]


def test_marketing_waits_for_the_morning_and_service_does_not():
    marketing = decide(case(), Policy(), NIGHT)
    assert marketing.verdict is Verdict.DEFER
    assert marketing.reason == "quiet_hours"
    assert marketing.until is not None
    morning = datetime(2026, 11, 12, 8, 0, tzinfo=SHANGHAI)
    assert morning <= marketing.until < morning + timedelta(minutes=30)
    assert decide(case(purpose="service"), Policy(), NIGHT).verdict is Verdict.GO


def test_held_touch_waits_until_its_end():
    hold = GateVerdict("journey_paused", is_hold=True)
    assert decide(case(gate=hold), Policy(), NOW).verdict is Verdict.DEFER
    assert decide(case(gate=hold, expires_at=NOW), Policy(), NOW).verdict is Verdict.EXPIRE


@settings(deadline=None)
@given(
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    minutes=st.integers(0, 366 * 1440),
)
def test_quiet_hours_end_outside_themselves(start, end, minutes):
    policy = Policy(quiet_start=start, quiet_end=end)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = rules.quiet_end(policy, now)
    local = now.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    length = (end - start) % 1440
    assert (found is not None) == ((minute - start) % 1440 < length)
    if found is not None:
        assert now < found <= now + timedelta(days=1)
        assert rules.quiet_end(policy, found) is None
        ended = found.astimezone(SHANGHAI)
        assert ended.hour * 60 + ended.minute == end


@given(st.integers(1, 2**60))
def test_spread_is_steady_and_bounded(touch_id):
    assert rules.spread(touch_id) == rules.spread(touch_id)
    assert timedelta(0) <= rules.spread(touch_id) < timedelta(minutes=30)


def test_spread_has_no_spike():
    minutes = [rules.spread(touch_id).total_seconds() // 60 for touch_id in range(3_000)]
    busiest = max(minutes.count(minute) for minute in set(minutes))
    assert busiest < 160
