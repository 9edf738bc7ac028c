"""Whether one touch may go out now. Pure: no clock, no tables, no IO.

The order of checks is fixed, and each refusal has its own reason:
erased → no_consent → goal_reached (or the planner's own reason) → no_channel / window_closed /
not_our_turn / desk_lost →
platform_quota → quiet_hours → frequency_cap → duplicate_address → template_missing_variable /
template_invalid → content_too_long → no_permit. A touch past its end is `expired`; one whose deferral would
pass its end expires with the reason of the deferral.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from siyu.kernel.clock import SHANGHAI
from siyu.reach.types import BEST, MARKETING, STAFF_LEFT, WELCOME, GateVerdict, OpenChannel, Policy

SPREAD_SECONDS = 30 * 60
HOLD = timedelta(seconds=60)


class Verdict(StrEnum):
    GO = "go"
    DEFER = "defer"
    SUPPRESS = "suppress"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Decision:
    """GO names the channel and the text; DEFER says until when."""

    verdict: Verdict
    reason: str = ""
    until: datetime | None = None
    channel: OpenChannel | None = None
    text: str = ""


@dataclass(frozen=True)
class Rendered:
    """A text, or the reason why there is none."""

    text: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Case:
    """All that is known about one touch at the moment of sending.

    channels: open ones, best first. has_closed_window: a reply window existed and is over.
    has_staff_left: a friend among the senders there was, but he left. silence: why we must not
    speak though a window is open, or "".
    quota_reset: for a channel, None when there is room, else when the quota starts anew.
    is_duplicate: whether this address already got this step. has_permit: whether the person allows
    the template that a text fills in.
    """

    touch_id: int
    purpose: str
    wanted: str
    expires_at: datetime
    channels: Sequence[OpenChannel]
    render: Callable[[], Rendered]
    is_erased: bool = False
    consent: Callable[[str], bool | None] = field(default=lambda _channel: None)
    gate: GateVerdict | None = None
    has_closed_window: bool = False
    has_staff_left: bool = False
    silence: str = ""
    quota_reset: Callable[[OpenChannel], datetime | None] = field(default=lambda _channel: None)
    marketing_count: int = 0
    is_duplicate: Callable[[OpenChannel], bool] = field(default=lambda _channel: False)
    has_permit: Callable[[OpenChannel, str], bool] = field(default=lambda _channel, _text: True)


def decide(case: Case, policy: Policy, now: datetime) -> Decision:
    """The verdict for one touch; see the module's first lines for the order."""
    allowed = [c for c in case.channels if case.consent(c.channel) is not False]
    stopped = _check_person(case, allowed, now)
    if stopped is not None:
        return stopped
    channels = pick_channels(allowed, case.wanted)
    if not channels:
        return _no(_why_closed(case))
    resets = [case.quota_reset(channel) for channel in channels]
    free = [channel for channel, reset in zip(channels, resets, strict=True) if reset is None]
    if not free:
        return _defer(case, min(at for at in resets if at), "platform_quota")
    return _check_policy(case, policy, now, free[0])


def _why_closed(case: Case) -> str:
    if case.silence:
        return case.silence
    if case.has_closed_window:
        return "window_closed"
    return STAFF_LEFT if case.has_staff_left else "no_channel"


def _check_person(case: Case, allowed: Sequence[OpenChannel], now: datetime) -> Decision | None:
    if case.is_erased:
        return _no("erased")
    if case.consent("*") is False or (case.channels and not allowed):
        return _no("no_consent")
    if case.gate is not None:
        return _held(case, now) if case.gate.is_hold else _no(case.gate.reason)
    if now >= case.expires_at:
        return Decision(Verdict.EXPIRE, "expired")
    return None


def _check_policy(case: Case, policy: Policy, now: datetime, channel: OpenChannel) -> Decision:
    if case.purpose == MARKETING:
        end = quiet_end(policy, now)
        if end is not None:
            return _defer(case, end + spread(case.touch_id), "quiet_hours")
        if case.marketing_count >= policy.cap_count:
            return _no("frequency_cap")
    if case.is_duplicate(channel):
        return _no("duplicate_address")
    return _check_text(case, channel)


def _check_text(case: Case, channel: OpenChannel) -> Decision:
    rendered = case.render()
    if rendered.reason:
        return _no(rendered.reason)
    if len(rendered.text) > channel.max_chars:
        return _no("content_too_long")
    if channel.needs_permit and not case.has_permit(channel, rendered.text):
        return _no("no_permit")
    return Decision(Verdict.GO, channel=channel, text=rendered.text)


def pick_channels(channels: Iterable[OpenChannel], wanted: str) -> list[OpenChannel]:
    """The channels that may carry it, best first: reply windows, then staff, then by cost."""
    if wanted == WELCOME:
        fit = [c for c in channels if 0 < c.window_seconds < 3600]
    elif wanted == BEST:
        fit = [c for c in channels if c.is_marketing]
    else:
        fit = [c for c in channels if c.channel == wanted]
    return sorted(fit, key=lambda c: (not c.is_windowed, not c.needs_staff, c.cost_fen))


def quiet_end(policy: Policy, now: datetime) -> datetime | None:
    """The end of the quiet hours that hold at `now`, or None outside them."""
    local = now.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    start, end = policy.quiet_start, policy.quiet_end
    is_over_midnight = start > end
    is_quiet = (minute >= start or minute < end) if is_over_midnight else start <= minute < end
    if not is_quiet:
        return None
    days = 1 if minute >= end else 0
    day = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return day.replace(hour=end // 60, minute=end % 60).astimezone(now.tzinfo)


def quiet_start(policy: Policy, now: datetime) -> datetime | None:
    """When the next quiet hours begin, outside of them; None when there are none."""
    if policy.quiet_start == policy.quiet_end:
        return None
    local = now.astimezone(SHANGHAI)
    days = 1 if local.hour * 60 + local.minute >= policy.quiet_start else 0
    day = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    start = day + timedelta(minutes=policy.quiet_start)
    return start.astimezone(now.tzinfo)


def spread(touch_id: int, seconds: int = SPREAD_SECONDS) -> timedelta:
    """A delay of 0 … `seconds`, always the same for one touch, even over many."""
    raw = hashlib.blake2b(touch_id.to_bytes(8, "big"), digest_size=4).digest()
    return timedelta(seconds=int.from_bytes(raw, "big") % seconds)


def back_off(tries: int, touch_id: int) -> timedelta:
    """5 s, 10 s, 20 s … at most 15 min, each a little different."""
    seconds = min(900, 5 * 2 ** min(tries, 8))
    return timedelta(seconds=seconds) + spread(touch_id, max(1, seconds // 4))


def _no(reason: str) -> Decision:
    return Decision(Verdict.SUPPRESS, reason)


def _held(case: Case, now: datetime) -> Decision:
    assert case.gate is not None
    if now >= case.expires_at:
        return Decision(Verdict.EXPIRE, case.gate.reason)
    return Decision(Verdict.DEFER, case.gate.reason, until=now + HOLD)


def _defer(case: Case, until: datetime, reason: str) -> Decision:
    if until >= case.expires_at:
        return Decision(Verdict.EXPIRE, reason)
    return Decision(Verdict.DEFER, reason, until=until)
