"""Reads of payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from siyu.core.access import Actor, require
from siyu.kernel.errors import NotFound
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.payments.ledger import BALANCE, CUSTOMERS, TRANSIT
from siyu.payments.models import BillCheck, CardGuide, CardOrder, LedgerRow, Reward, RewardLimit
from siyu.payments.types import Books, CheckView, Funnel, GuideView, Limits, RewardView
from siyu.pool import queries as pool

EXPORT_CHUNK = 500


def get_reward(actor: Actor, reward_id: int) -> RewardView:
    """One reward; NotFound when there is none."""
    require(actor, "reward:read")
    row = Reward.objects.filter(pk=reward_id).first()
    if row is None:
        raise NotFound("reward.unknown", "没有这笔奖励")
    return _views([row])[0]


def list_rewards(
    actor: Actor, *, state: str = "", cursor: str | None = None, limit: int = 50
) -> Page[RewardView]:
    """Rewards, newest first."""
    require(actor, "reward:read")
    rows = Reward.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if cursor:
        rows = rows.filter(pk__lt=decode_cursor(cursor, int)[0])
    size = max(1, min(limit, MAX_LIMIT))
    found = list(rows[: size + 1])
    following = encode_cursor(found[size - 1].pk) if len(found) > size else None
    return Page(_views(found[:size]), following)


def stream_rewards(actor: Actor) -> Iterator[RewardView]:
    """All rewards, oldest first, a few hundred in memory at a time."""
    require(actor, "reward:read")
    require(actor, "customer:export")
    return _stream()


def _stream() -> Iterator[RewardView]:
    last = 0
    while rows := list(Reward.objects.filter(pk__gt=last).order_by("pk")[:EXPORT_CHUNK]):
        yield from _views(rows)
        last = rows[-1].pk


def get_limits(account: str) -> Limits:
    """What an account may give; the defaults when nobody set it."""
    row = RewardLimit.objects.filter(account=account).first()
    if row is None:
        return Limits()
    return Limits(
        per_reward_fen=row.per_reward_fen,
        per_customer_day_fen=row.per_customer_day_fen,
        per_staff_day_fen=row.per_staff_day_fen,
        per_day_fen=row.per_day_fen,
    )


def get_books(actor: Actor) -> Books:
    """Balances of the ledger, and whether every entry adds up to 0."""
    require(actor, "reward:read")
    sums = dict(LedgerRow.objects.values_list("book").annotate(total=Sum("amount_fen")))
    broken = (
        LedgerRow.objects.values("reward_id", "entry")
        .annotate(total=Sum("amount_fen"))
        .exclude(total=0)
        .exists()
    )
    return Books(sums.get(BALANCE, 0), sums.get(TRANSIT, 0), sums.get(CUSTOMERS, 0), not broken)


def list_guides(actor: Actor) -> list[GuideView]:
    """Guides with card and their funnels of all time."""
    require(actor, "code:read")
    rows = CardGuide.objects.order_by("store_id", "id").annotate(
        assigned=Count("cardorder", filter=Q(cardorder__assigned_at__isnull=False)),
        shown=Count("cardorder", filter=_SHOWN_OF_GUIDE),
        added=Count("cardorder", filter=Q(cardorder__added_at__isnull=False)),
        bought=Count("cardorder", filter=Q(cardorder__bought_at__isnull=False)),
        bought_fen=Sum("cardorder__bought_fen", default=0),
    )
    return [
        GuideView(
            id=row.pk,
            account=row.account,
            guide_id=row.guide_id,
            store_id=row.store_id,
            userid=row.userid,
            name=row.name,
            qr_code=row.qr_code,
            state=row.state,
            is_active=row.is_active,
            assigned=row.assigned,
            shown=row.shown,
            added=row.added,
            bought=row.bought,
            bought_fen=row.bought_fen,
        )
        for row in rows
    ]


def get_funnel(actor: Actor, *, days: int, now: datetime) -> Funnel:
    """Orders made in the last days, and how far each came."""
    require(actor, "code:read")
    rows = CardOrder.objects.filter(created_at__gte=now - timedelta(days=days))
    counts = rows.aggregate(
        assigned=Count("id", filter=Q(assigned_at__isnull=False)),
        shown=Count("id", filter=Q(assigned_at__isnull=False, paid_at__isnull=False)),
        added=Count("id", filter=Q(added_at__isnull=False)),
        added_by_code=Count("id", filter=Q(added_by="code")),
        bought=Count("id", filter=Q(bought_at__isnull=False)),
        bought_fen=Sum("bought_fen", default=0),
        unassigned=Count("id", filter=Q(assigned_at=None)),
        mismatched=Count("id", filter=Q(is_mismatch=True)),
    )
    return Funnel(**counts)


def list_recent_payers(account: str, *, limit: int) -> list[tuple[int, str]]:
    """Customer and order number of the newest paid orders with a guide."""
    rows = CardOrder.objects.filter(account=account).exclude(paid_at=None)
    newest = rows.exclude(customer_id=None).order_by("-paid_at", "-id")[:limit]
    return [(row.customer_id or 0, row.order_no) for row in newest]


def count_unassigned(now: datetime) -> int:
    """Orders whose guide the platform should know by now."""
    return CardOrder.objects.filter(next_at__lte=now, assigned_at=None, paid_at=None).count()


def list_checks(actor: Actor, *, limit: int = 60) -> list[CheckView]:
    """Days compared with bills, newest first."""
    require(actor, "account:read")
    return [
        CheckView(
            account=row.account,
            day=row.day,
            state=row.state,
            payments=row.payments,
            refunds=row.refunds,
            paid_fen=row.paid_fen,
            refunded_fen=row.refunded_fen,
            recovered=row.recovered,
            mismatched=row.mismatched,
            error=row.error,
            checked_at=row.checked_at,
        )
        for row in BillCheck.objects.order_by("-day", "account")[:limit]
    ]


_SHOWN_OF_GUIDE = Q(cardorder__assigned_at__isnull=False, cardorder__paid_at__isnull=False)


def _views(rows: Iterable[Reward]) -> list[RewardView]:
    rewards = list(rows)
    names = pool.names_of({row.customer_id for row in rewards})
    return [
        RewardView(
            id=row.pk,
            account=row.account,
            bill_no=row.bill_no,
            customer_id=row.customer_id,
            customer_name=names.get(row.customer_id, ""),
            amount_fen=row.amount_fen,
            activity=row.activity,
            reason=row.reason,
            remark=row.remark,
            state=row.state,
            requested_by=row.requested_by,
            requested_at=row.requested_at,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            sent_at=row.sent_at,
            finished_at=row.finished_at,
            remote_id=row.remote_id,
            error=row.error,
            is_doubtful=row.is_doubtful,
        )
        for row in rewards
    ]
