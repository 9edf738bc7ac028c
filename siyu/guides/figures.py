"""The staff's figures of the last days, counted in the background so that lists are quick."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, FloatField, Max, Sum
from django.db.models.functions import Coalesce

from siyu.core.models import IntakeState
from siyu.guides.models import BehaviourDay, DayCount, Staff, StaffFigures
from siyu.guides.org_types import Figures, StaffId
from siyu.kernel.clock import SHANGHAI
from siyu.pool import ownership
from siyu.pool import queries as pool

PERIODS = (1, 7, 30, 90)
"""Days that figures can be asked for, today included."""
FRESH = timedelta(minutes=5)
CountOrders = Callable[[datetime, datetime], dict[StaffId, tuple[int, int, int]]]
_orders: list[CountOrders] = []
_COUNTS = ("added", "lost", "messages")
_COLUMNS = (
    *("customers", "owned", "added", "lost", "messages", "chats", "replied", "reply_minutes"),
    *("negative", "orders", "buyers", "revenue_fen", "counted_at"),
)


def set_order_counter(count: CountOrders) -> None:
    """Tell how orders are counted by owner; guides may not know orders itself."""
    _orders[:] = [count]


def work_on_figures(now: datetime) -> bool:
    """Duty: count when five minutes have gone by and something came in, or a day began."""
    counted = StaffFigures.objects.aggregate(at=Max("counted_at"))["at"]
    if counted is not None:
        is_new_day = counted.astimezone(SHANGHAI).date() != now.astimezone(SHANGHAI).date()
        last = IntakeState.objects.values_list("last_event_at", flat=True).first()
        is_old = now - counted >= FRESH and (last is None or last >= counted - FRESH)
        if not (is_new_day or is_old):
            return False
    count_figures(now)
    return False


def count_figures(now: datetime) -> None:
    """Count all periods for everybody; the rows of one count appear together."""
    friends, owned = pool.count_by_staff(), ownership.count_owned()
    people = list(Staff.objects.values_list("account", "staff"))
    rows = []
    for days in PERIODS:
        values: defaultdict[StaffId, dict[str, float]] = defaultdict(dict)
        for counts in (_day_counts(days, now), _behaviour(days, now), _sales(days, now)):
            for who, found in counts.items():
                values[who] |= found
        for who in people:
            friend = friends.get(who)
            rows.append(
                StaffFigures(
                    account=who[0],
                    staff=who[1],
                    days=days,
                    customers=friend.customers if friend else 0,
                    owned=owned.get(who, 0),
                    counted_at=now,
                    **values[who],
                )
            )
    with transaction.atomic():
        StaffFigures.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["days", "account", "staff"],
            update_fields=list(_COLUMNS),
            batch_size=2_000,
        )


def figures_of(row: StaffFigures) -> Figures:
    """One row, of a member of staff or of several added up, as figures. Pure."""
    chats = row.chats
    return Figures(
        customers=row.customers,
        owned=row.owned,
        added=row.added,
        lost=row.lost,
        messages=row.messages,
        chats=chats,
        replied_percent=round(100 * row.replied / chats, 1) if chats else None,
        first_reply_minutes=round(row.reply_minutes / chats, 1) if chats else None,
        negative=row.negative,
        orders=row.orders,
        buyers=row.buyers,
        revenue_fen=row.revenue_fen,
    )


def _day_counts(days: int, now: datetime) -> dict[StaffId, dict[str, float]]:
    first = _first_day(days, now).date()
    rows = (
        DayCount.objects.filter(day__gte=first)
        .values_list("account", "staff")
        .annotate(*(Sum(name) for name in _COUNTS))
    )
    return {(row[0], row[1]): dict(zip(_COUNTS, row[2:], strict=True)) for row in rows}


def _behaviour(days: int, now: datetime) -> dict[StaffId, dict[str, float]]:
    first = _first_day(days, now).date()
    weighed = {
        "n_chats": Sum("chats"),
        "n_replied": Sum(
            Coalesce(F("reply_percent"), 0.0) * F("chats") / 100.0, output_field=FloatField()
        ),
        "n_minutes": Sum(
            Coalesce(F("first_reply_minutes"), 0.0) * F("chats"), output_field=FloatField()
        ),
        "n_negative": Sum("negative"),
    }
    rows = (
        BehaviourDay.objects.filter(day__gte=first)
        .values_list("account", "staff")
        .annotate(**weighed)
    )
    names = ("chats", "replied", "reply_minutes", "negative")
    return {(row[0], row[1]): dict(zip(names, row[2:], strict=True)) for row in rows}


def _sales(days: int, now: datetime) -> dict[StaffId, dict[str, float]]:
    if not _orders:
        return {}
    found = _orders[0](_first_day(days, now), now + timedelta(days=1))
    return {
        who: {"orders": orders, "buyers": buyers, "revenue_fen": fen}
        for who, (orders, buyers, fen) in found.items()
    }


def _first_day(days: int, now: datetime) -> datetime:
    today = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return today - timedelta(days=days - 1)
