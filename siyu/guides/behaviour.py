"""The platform's own figures of the staff's work, pulled day by day; pulling again is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.guides.care_types import BehaviourView
from siyu.guides.models import BehaviourDay, BehaviourPull, Post, Staff
from siyu.guides.org_queries import require_staff
from siyu.guides.org_types import StaffId
from siyu.guides.scoping import visible_staff, visible_stores
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, PlatformError, Refused, WaitUntil
from siyu.ports.behaviour import BehaviourDay as RemoteDay
from siyu.ports.behaviour import BehaviourSource

SETTLED_HOUR = 5
"""The platform's figures of a day are whole by five in the morning after."""
STAFF_PER_TURN = 50
FIRST_DAYS = 30
AGAIN_DAYS = 2
"""So many known days are asked for once more, as late figures come in."""
RETRY = timedelta(minutes=10)
MAX_SPAN = 180
_FIELDS = (
    *("applies", "added", "chats", "messages", "reply_percent", "first_reply_minutes"),
    "negative",
)


def pull(now: datetime) -> bool:
    """Duty: pull what is missing of some members of staff; True when more are waiting.

    An account whose platform wants a pause holds up no other.
    """
    through = _last_day(now)
    is_more = False
    for account in active_accounts():
        source = connector(account).behaviour
        if source is not None:
            waiting = _waiting(account, through, now)
            is_done = all(_pull_one(source, (account, staff), through, now) for staff in waiting)
            is_more |= is_done and len(waiting) == STAFF_PER_TURN
    return is_more


def pull_again(actor: Actor, account: str, *, days: int, now: datetime) -> int:
    """Ask for the last days of everybody once more; returns how many members it concerns."""
    require(actor, "account:write")
    source = connector(account).behaviour
    if source is None:
        raise Refused("behaviour.platform", "这个平台没有行为数据", field="account")
    if not 1 <= days <= source.history_days:
        raise Refused("behaviour.days", f"只能取最近 {source.history_days} 天", field="days")
    with transaction.atomic():
        count = BehaviourPull.objects.filter(account=account).update(
            through=_last_day(now) - timedelta(days=days), next_at=now
        )
        record_audit(actor, "pull_behaviour", account, now=now, detail={"days": days})
    return count


def list_days(
    actor: Actor, *, start: date, end: date, who: StaffId | None = None, store: str = ""
) -> list[BehaviourView]:
    """Day by day for one member of staff, one store, or everybody the actor sees."""
    require(actor, "guide:read")
    if not timedelta() <= end - start < timedelta(days=MAX_SPAN):
        raise Refused("behaviour.span", f"一次最多看 {MAX_SPAN} 天", field="end")
    rows = BehaviourDay.objects.filter(day__gte=start, day__lte=end).order_by("day")
    if who is not None:
        require_staff(actor, who)
        rows = rows.filter(account=who[0], staff=who[1])
    elif store or not actor.sees_all:
        rows = rows.filter(_of(_people(actor, store)))
    by_day: dict[date, list[BehaviourDay]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    return [_add_up(day, found) for day, found in by_day.items()]


def _people(actor: Actor, store: str) -> list[StaffId]:
    if not store:
        return list(visible_staff(actor).values_list("account", "staff"))
    row = visible_stores(actor).filter(code=store).first()
    if row is None:
        raise NotFound("store.missing", "没有这家门店", field="store")
    return list(Post.objects.filter(store=row).values_list("staff__account", "staff__staff"))


def _of(people: Sequence[StaffId]) -> Q:
    found = Q(pk__in=())
    for account in {account for account, _ in people}:
        staff = [who for at, who in people if at == account]
        found |= Q(account=account, staff__in=staff)
    return found


def _last_day(now: datetime) -> date:
    local = now.astimezone(SHANGHAI)
    return (local - timedelta(days=1 if local.hour >= SETTLED_HOUR else 2)).date()


def _waiting(account: str, through: date, now: datetime) -> list[str]:
    """Active members of staff whose figures are missing, those never asked for first."""
    known = BehaviourPull.objects.filter(account=account)
    done = known.filter(Q(through__gte=through) | Q(next_at__gt=now))
    active = Staff.objects.filter(account=account, is_active=True)
    found = active.exclude(staff__in=done.values("staff")).order_by("pk")
    return list(found.values_list("staff", flat=True)[:STAFF_PER_TURN])


def _pull_one(source: BehaviourSource, who: StaffId, through: date, now: datetime) -> bool:
    """The missing days of one; False when the platform wants a pause."""
    account, staff = who
    mark = BehaviourPull.objects.filter(account=account, staff=staff).first()
    start = (mark.through if mark else through - timedelta(days=FIRST_DAYS)) - timedelta(
        days=AGAIN_DAYS - 1
    )
    start = max(start, through - timedelta(days=source.history_days - 1))
    mark = mark or BehaviourPull(account=account, staff=staff, through=start, next_at=now)
    try:
        while start <= through:
            end = min(through, start + timedelta(days=source.max_days - 1))
            _keep(who, source.fetch_days(staff, start, end))
            start = end + timedelta(days=1)
        mark.through, mark.error = through, ""
    except WaitUntil as error:
        mark.next_at, mark.error = error.until, error.reason[:200]
        mark.save()
        others = BehaviourPull.objects.filter(account=account, through__lt=through)
        others.filter(next_at__lt=error.until).update(next_at=error.until)
        return False
    except PlatformError as error:
        mark.next_at, mark.error = now + RETRY, error.reason[:200]
    mark.save()
    return True


def _keep(who: StaffId, days: Sequence[RemoteDay]) -> None:
    """Write days down; what was there is replaced."""
    BehaviourDay.objects.bulk_create(
        [
            BehaviourDay(
                account=who[0],
                staff=who[1],
                day=one.day,
                **{name: getattr(one, name) for name in _FIELDS},
            )
            for one in days
        ],
        update_conflicts=True,
        unique_fields=["account", "staff", "day"],
        update_fields=list(_FIELDS),
    )


def _add_up(day: date, rows: Sequence[BehaviourDay]) -> BehaviourView:
    """Several members on one day; shares are weighed by conversations. Pure."""
    return BehaviourView(
        day=day,
        applies=sum(row.applies for row in rows),
        added=sum(row.added for row in rows),
        chats=sum(row.chats for row in rows),
        messages=sum(row.messages for row in rows),
        reply_percent=_weighed([(row.reply_percent, row.chats) for row in rows]),
        first_reply_minutes=_weighed([(row.first_reply_minutes, row.chats) for row in rows]),
        negative=sum(row.negative for row in rows),
    )


def _weighed(values: Sequence[tuple[float | None, int]]) -> float | None:
    told = [(value, weight) for value, weight in values if value is not None and weight]
    total = sum(weight for _, weight in told)
    return round(sum(value * weight for value, weight in told) / total, 1) if total else None
