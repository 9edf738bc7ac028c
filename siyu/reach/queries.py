"""Reads of the ledger and of who can be reached how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from siyu.core.access import Actor, require
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool
from siyu.ports.manifest import Quota
from siyu.reach import cohorts, quotas
from siyu.reach.campaigns import (
    campaign_state,
    has_doubts,
    missed_by,
    missed_reasons,
    results_of,
    senders_of,
)
from siyu.reach.catalog import catalog
from siyu.reach.circuits import open_circuits
from siyu.reach.limits import list_overrides
from siyu.reach.models import AccountFlag, Touch, Wording
from siyu.reach.policy import get_policy
from siyu.reach.routes import find_routes
from siyu.reach.types import (
    WAITING_STATES,
    Cohort,
    CohortCount,
    GroupTarget,
    OpenChannel,
    QuotaState,
    TouchFilter,
    TouchRow,
    TouchState,
    TouchSummary,
)

__all__ = [
    "broken_accounts",
    "campaign_state",
    "count_cohort",
    "count_groups",
    "count_open",
    "counted_channels",
    "get_policy",
    "has_doubts",
    "list_limits",
    "list_overrides",
    "list_touches",
    "missed_by",
    "missed_reasons",
    "open_channels",
    "open_circuits",
    "quotas_of_customer",
    "results_of",
    "senders_of",
    "states_of",
    "touch_summary",
    "touches_of",
    "visible_touches",
]

_PREVIEW = 120
_NOT_TOLD = (TouchState.FAILED, TouchState.SUPPRESSED, TouchState.EXPIRED)


def visible_touches(actor: Actor) -> QuerySet[Touch]:
    """The rows an actor may see: a guide only those of their own customers."""
    require(actor, "touch:read")
    rows = Touch.objects.all()
    if actor.sees_all:
        return rows
    return rows.filter(customer_id__in=pool.visible_customers(actor).values("id"))


def list_touches(
    actor: Actor, filters: TouchFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[TouchRow]:
    """A page of the ledger, newest plan first."""
    found = _filtered(visible_touches(actor), filters)
    if cursor:
        (last,) = decode_cursor(cursor, int)
        found = found.filter(pk__lt=last)
    limit = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("-id")[: limit + 1])
    next_cursor = encode_cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return Page(_named(rows[:limit]), next_cursor)


def touches_of(customer_id: int, *, limit: int = 50) -> list[TouchRow]:
    """The newest touches of one customer."""
    return _named(list(Touch.objects.filter(customer_id=customer_id).order_by("-id")[:limit]))


def touch_summary(actor: Actor, filters: TouchFilter) -> TouchSummary:
    """Counts by state, by reason (of what did not arrive) and by channel and state."""
    found = _filtered(visible_touches(actor), filters).order_by()
    states = found.values_list("state").annotate(count=Count("id"))
    reasons = (
        found.exclude(reason="")
        .exclude(state=TouchState.DELIVERED)
        .values_list("reason")
        .annotate(count=Count("id"))
    )
    channels = found.exclude(channel="").values_list("channel", "state").annotate(count=Count("id"))
    return TouchSummary(
        states={str(state): count for state, count in states},
        reasons=dict(sorted(reasons, key=lambda pair: -pair[1])),
        channels={(channel, str(state)): count for channel, state, count in channels},
    )


def states_of(touch_ids: Iterable[int]) -> dict[int, str]:
    """The state of each touch."""
    return dict(Touch.objects.filter(pk__in=list(touch_ids)).values_list("pk", "state"))


def count_delivered(campaign: str) -> int:
    """How many touches of a campaign were delivered."""
    return Touch.objects.filter(campaign=campaign, state=TouchState.DELIVERED).count()


def told_since(campaign: str, since: datetime) -> set[int]:
    """Customers whom a campaign has told something since then, or is about to tell."""
    rows = Touch.objects.filter(campaign=campaign, planned_at__gte=since)
    return set(rows.exclude(state__in=_NOT_TOLD).values_list("customer_id", flat=True))


def count_open(now: datetime) -> int:
    """Touches that can still be worked at `now`: due, reserved or handed over."""
    return Touch.objects.filter(
        Q(state__in=WAITING_STATES, next_at__lte=now)
        | Q(state__in=(TouchState.RESERVED, TouchState.HANDED))
    ).count()


def open_channels(customer_ids: Iterable[int], now: datetime) -> dict[int, list[OpenChannel]]:
    """All channels of the connected accounts for each customer, open ones first.

    Consent is not looked at here; it is one of the checks at the moment of sending.
    """
    routes = find_routes(customer_ids, catalog(), now)
    return {
        customer_id: sorted(found, key=lambda route: bool(route.reason_if_closed))
        for customer_id, found in routes.items()
    }


def address_at(customer_id: int, account: str, now: datetime, *, channel: str = "") -> str:
    """What an account calls a customer whom it can reach now, by one channel or any; "" = not."""
    for route in open_channels([customer_id], now).get(customer_id, []):
        is_asked = route.account == account and (not channel or route.channel == channel)
        if is_asked and route.address and not route.reason_if_closed:
            return route.address
    return ""


def count_cohort(cohort: Cohort, customer_ids: Iterable[int], now: datetime) -> CohortCount:
    """What planning a cohort would do now, by parts, so that memory stays flat."""
    ids = list(customer_ids)
    parts = [ids[at : at + cohorts.CHUNK] for at in range(0, len(ids), cohorts.CHUNK)]
    return cohorts.add_counts(cohorts.count_cohort(cohort, part, catalog(), now) for part in parts)


def count_groups(account: str, groups: Sequence[GroupTarget]) -> CohortCount:
    """What planning whole groups would do now."""
    return cohorts.count_groups(account, groups)


def quotas_of_customer(customer_id: int, now: datetime) -> list[QuotaState]:
    """What the platforms still let this customer receive."""
    return quotas.quotas_of_customer(customer_id, catalog(), now)


def counted_channels() -> list[str]:
    """Channels of the connected accounts whose platform counts messages."""
    return quotas.known_channels(catalog())


def list_limits() -> list[tuple[Quota, bool]]:
    """Every limit of the connected platforms, oldest first, and whether the brand added it."""
    channels = set(counted_channels())
    known = [quota for m in catalog().manifests().values() for quota in m.quotas]
    told = [(quota, False) for quota in known] + [(quota, True) for quota in list_overrides()]
    found = [(quota, is_ours) for quota, is_ours in told if quota.channel in channels]
    return sorted(found, key=lambda pair: (pair[0].channel, pair[0].valid_from))


def broken_accounts() -> Mapping[str, str]:
    """Accounts whose credentials a person must repair: key → error code."""
    return dict(AccountFlag.objects.values_list("account", "code"))


def _filtered(rows: QuerySet[Touch], filters: TouchFilter) -> QuerySet[Touch]:
    for name in ("state", "channel", "campaign"):
        value = getattr(filters, name)
        if value:
            rows = rows.filter(**{name: value})
    if filters.customer_id is not None:
        customer_id = pool.current_customer_id(filters.customer_id)
        rows = rows.filter(customer_id=customer_id)
    return rows


def _named(rows: list[Touch]) -> list[TouchRow]:
    names = pool.names_of({row.customer_id for row in rows})
    typed = _typed(rows)
    return [
        TouchRow(
            id=row.pk,
            campaign=row.campaign,
            step=row.step,
            customer_id=row.customer_id,
            customer_name=names.get(row.customer_id) or str(row.context.get("name", "")),
            channel=row.channel or row.channel_kind,
            account=row.account,
            sender=row.sender,
            state=row.state,
            reason=row.reason,
            text_preview=(row.text or typed.get(row.wording_id, ""))[:_PREVIEW],
            planned_at=row.planned_at,
            due_at=row.due_at,
            handed_at=row.handed_at,
            done_at=row.done_at,
            purpose=row.purpose,
        )
        for row in rows
    ]


def _typed(rows: list[Touch]) -> dict[int, str]:
    """Wording → what somebody typed, of touches not rendered yet; a template says nothing yet."""
    waiting = {row.wording_id for row in rows if not row.text}
    found = Wording.objects.filter(pk__in=waiting, is_literal=True) if waiting else ()
    return {one.pk: one.template for one in found}
