"""Takes due touches from the ledger, decides each, and holds caps, windows and quotas for it.

One transaction per turn. Rivals: on SQLite writers queue; on PostgreSQL touches are claimed with
SKIP LOCKED and each customer is locked, so that two workers cannot both see the last free place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from siyu.core.writing import write_rows
from siyu.pool import queries as pool
from siyu.reach import rules, wording
from siyu.reach.book import Book
from siyu.reach.catalog import Catalog
from siyu.reach.gates import ask_gates
from siyu.reach.models import Touch, Wording
from siyu.reach.routes import find_routes, group_route
from siyu.reach.rules import Case, Decision, Rendered, Verdict
from siyu.reach.types import (
    DESK_LOST,
    IN_WAVE,
    NOBODY,
    NOT_OUR_TURN,
    PLAIN,
    STAFF_LEFT,
    URGENT,
    WAITING_STATES,
    GateVerdict,
    OpenChannel,
    Policy,
    TouchRef,
    TouchState,
)

_LOCK_CLASS = 7312
_PRIORITIES = (URGENT, PLAIN)
_DUE = (
    "SELECT 1 FROM reach_touch WHERE state IN (%s, %s) AND priority IN (%s, %s)"
    " AND next_at <= %s LIMIT 1"
)
_WRITTEN = (
    "state",
    "reason",
    "channel",
    "account",
    "sender",
    "address",
    "text",
    "next_at",
    "reserved_at",
    "done_at",
    "lease",
    "lease_until",
    "window_id",
    "permit_id",
    "quota_ids",
)
_END = {Verdict.SUPPRESS: TouchState.SUPPRESSED, Verdict.EXPIRE: TouchState.EXPIRED}


@dataclass(frozen=True)
class Turn:
    """One turn's givens. busy_until(account, channel): None when it can take work now."""

    catalog: Catalog
    policy: Policy
    now: datetime
    lease: str
    lease_until: float
    busy_until: Callable[[str, str], datetime | None]


@dataclass(frozen=True)
class Reserved:
    """A touch that may go out, with the channel it goes by."""

    touch: Touch
    channel: OpenChannel


def reserve(turn: Turn, limit: int) -> tuple[list[Reserved], int]:
    """Decide up to `limit` due touches; those that may go, and how many were looked at."""
    with transaction.atomic():
        touches = _claim(turn.now, limit)
        return decide_all(touches, turn), len(touches)


def decide_all(touches: Sequence[Touch], turn: Turn) -> list[Reserved]:
    """Decide claimed touches and write what was decided; those that may go. In a transaction."""
    if not touches:
        return []
    _lock_customers({touch.customer_id for touch in touches})
    facts = _gather(touches, turn)
    reserved = [found for touch in touches if (found := _decide(touch, facts, turn)) is not None]
    write_rows(touches, _WRITTEN)
    facts.book.write()
    return reserved


@dataclass(frozen=True)
class _Facts:
    erased: set[int]
    consents: dict[tuple[str, str], dict[int, bool | None]]
    gates: dict[int, GateVerdict]
    routes: dict[int, list[OpenChannel]]
    values: dict[int, dict[str, object]]
    wordings: dict[int, Wording]
    book: Book


def has_due(now: datetime) -> bool:
    """Whether a turn would find something; asked without a transaction."""
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [*WAITING_STATES, *_PRIORITIES, at])
        return cursor.fetchone() is not None


def _claim(now: datetime, limit: int) -> list[Touch]:
    claimed: list[Touch] = []
    for priority in _PRIORITIES:
        due = Touch.objects.filter(
            state__in=WAITING_STATES, priority=priority, next_at__lte=now
        ).order_by("next_at", "id")
        if connection.vendor == "postgresql":
            due = due.select_for_update(skip_locked=True)
        claimed += due[: limit - len(claimed)]
        if len(claimed) >= limit:
            break
    return claimed


def _lock_customers(customer_ids: set[int]) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashint8(id)) FROM"
            " (SELECT unnest(%s::bigint[]) AS id ORDER BY 1) AS customers",
            [_LOCK_CLASS, sorted(customer_ids)],
        )


def _gather(touches: Sequence[Touch], turn: Turn) -> _Facts:
    ids = sorted({touch.customer_id for touch in touches} - {NOBODY})
    routes = find_routes(ids, turn.catalog, turn.now)
    groups = [group_route(touch, turn.catalog) for touch in touches if touch.customer_id == NOBODY]
    routes[NOBODY] = [route for route in groups if route is not None]
    names = sorted({route.channel for found in routes.values() for route in found})
    purposes = {touch.purpose for touch in touches}
    kinds = {(name, purpose) for name in ("*", *names) for purpose in purposes}
    return _Facts(
        erased=pool.erased_of(ids),
        consents=pool.consents_of(ids, kinds),
        gates=ask_gates([ref_of(touch) for touch in touches]),
        routes=routes,
        values=pool.profile_values(ids),
        wordings=Wording.objects.in_bulk({touch.wording_id for touch in touches}),
        book=Book.open(touches, routes, turn.catalog, turn.policy, turn.now),
    )


def ref_of(touch: Touch) -> TouchRef:
    return TouchRef(
        id=touch.pk,
        campaign=touch.campaign,
        version=touch.version,
        step=touch.step,
        entry_key=touch.entry_key,
        customer_id=touch.customer_id,
        channel=touch.channel_kind,
    )


def _decide(touch: Touch, facts: _Facts, turn: Turn) -> Reserved | None:
    decision = rules.decide(_case(touch, facts), turn.policy, turn.now)
    channel = decision.channel
    if channel is not None and (until := turn.busy_until(channel.account, channel.channel)):
        if touch.priority == PLAIN:
            until += rules.spread(touch.pk, 15)
        decision = Decision(Verdict.DEFER, "channel_busy", until=until)
    touch.reason = decision.reason
    if decision.verdict is Verdict.DEFER:
        assert decision.until is not None
        touch.state, touch.next_at = TouchState.DEFERRED, decision.until
        return None
    if decision.verdict is not Verdict.GO or channel is None:
        touch.state, touch.done_at = _END[decision.verdict], turn.now
        return None
    _hold(touch, channel, decision.text, turn)
    touch.window_id, touch.quota_ids = facts.book.take(touch, channel)
    touch.permit_id = facts.book.take_permit(channel, decision.text)
    return Reserved(touch, channel)


def _hold(touch: Touch, channel: OpenChannel, text: str, turn: Turn) -> None:
    touch.state, touch.reserved_at = TouchState.RESERVED, turn.now
    touch.lease, touch.lease_until = turn.lease, turn.lease_until
    touch.channel, touch.account = channel.channel, channel.account
    touch.sender, touch.address, touch.text = channel.sender, channel.address, text


def _case(touch: Touch, facts: _Facts) -> Case:
    routes = _preferred(touch, facts.routes.get(touch.customer_id, []))
    if touch.priority == IN_WAVE:
        routes = [route for route in routes if _is_planned(touch, route)]
    return Case(
        touch_id=touch.pk,
        purpose=touch.purpose,
        wanted=touch.channel_kind,
        expires_at=touch.expires_at,
        channels=[r for r in routes if not r.reason_if_closed and facts.book.has_window(r)],
        render=partial(_render, touch, facts),
        is_erased=touch.customer_id in facts.erased,
        consent=lambda name: facts.consents.get((name, touch.purpose), {}).get(touch.customer_id),
        gate=facts.gates.get(touch.pk),
        has_closed_window=_had_window(touch, routes, facts.book),
        has_staff_left=bool(_closed_for(touch, routes, STAFF_LEFT)),
        silence=_silence(touch, routes),
        quota_reset=partial(facts.book.quota_reset),
        marketing_count=_said_lately(touch, facts.book),
        is_duplicate=partial(facts.book.is_duplicate, touch),
        has_permit=facts.book.has_permit,
    )


def _is_planned(touch: Touch, route: OpenChannel) -> bool:
    """A touch of a wave goes by the channel and the sender it was planned with."""
    planned = (touch.account, touch.channel, touch.sender)
    is_same = (route.account, route.channel, route.sender) == planned
    return is_same and (touch.customer_id != NOBODY or route.address == touch.address)


def _said_lately(touch: Touch, book: Book) -> int:
    """How often a person heard from us lately; a group is none."""
    return 0 if touch.customer_id == NOBODY else book.marketing_count(touch.customer_id)


def _had_window(touch: Touch, routes: Sequence[OpenChannel], book: Book) -> bool:
    """A window of a wanted channel existed and is over or used up."""
    closed = [
        replace(route, reason_if_closed="")
        for route in routes
        if route.reason_if_closed == "window_closed" or not book.has_window(route)
    ]
    return bool(rules.pick_channels(closed, touch.channel_kind))


def _silence(touch: Touch, routes: Sequence[OpenChannel]) -> str:
    """Why we must not speak in the open window of a wanted channel; "" = there is none."""
    closed = _closed_for(touch, routes, NOT_OUR_TURN, DESK_LOST)
    return closed[0].reason_if_closed if closed else ""


def _closed_for(touch: Touch, routes: Sequence[OpenChannel], *reasons: str) -> list[OpenChannel]:
    """Wanted channels that are closed for one of these reasons."""
    closed = [route for route in routes if route.reason_if_closed in reasons]
    return rules.pick_channels(closed, touch.channel_kind)


def _preferred(touch: Touch, routes: Sequence[OpenChannel]) -> list[OpenChannel]:
    """The planner's account and member of staff first, where it named them."""
    account, staff = touch.context.get("account"), touch.context.get("staff")
    return sorted(
        routes,
        key=lambda r: (bool(account) and r.account != account, bool(staff) and r.sender != staff),
    )


def _render(touch: Touch, facts: _Facts) -> Rendered:
    said = facts.wordings[touch.wording_id]
    if said.attachments and not said.template.strip():
        return Rendered()
    values = {**facts.values.get(touch.customer_id, {}), **touch.context.get("values", {})}
    return wording.render(said.template, values, is_literal=said.is_literal)
