"""Losses: friendships that ended, who is told of them, at once or in a daily digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.core.models import Setting
from siyu.core.pipeline import Batch, Seen
from siyu.core.scope import staff_scope
from siyu.guides.care_types import LossView
from siyu.guides.models import Loss, Post, Staff
from siyu.guides.org_types import REGIONAL_MANAGER, STORE_MANAGER, StaffId
from siyu.guides.owning import DELETED_BY_TRANSFER
from siyu.kernel.clock import SHANGHAI, from_ms
from siyu.kernel.errors import PlatformError, Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool
from siyu.ports import facts

_NAME, _DIGESTED = "guides.losses", "guides.losses.digested"
OFF, AT_ONCE, DAILY, BOTH = "off", "at_once", "daily", "both"
MODES = (OFF, AT_ONCE, DAILY, BOTH)
LATE = timedelta(hours=24)
PER_TURN = 200


@dataclass(frozen=True)
class AlertRule:
    """mode: of being told. hour: of the daily digest, in Shanghai. managers: userids told beside
    the managers of the store when our staff delete a customer."""

    mode: str = BOTH
    hour: int = 9
    managers: tuple[str, ...] = ()


@dataclass(frozen=True)
class LossFilter:
    """Nothing set: all. is_ours: our staff ended it. start, end: days in Shanghai, included."""

    is_ours: bool | None = None
    staff: str = ""
    start: date | None = None
    end: date | None = None


def get_alert_rule() -> AlertRule:
    """The rule in force."""
    row = Setting.objects.filter(name=_NAME).first()
    if row is None:
        return AlertRule()
    return AlertRule(**{**row.value, "managers": tuple(row.value["managers"])})


def set_alert_rule(actor: Actor, rule: AlertRule, *, now: datetime) -> None:
    """Change who is told and when."""
    require(actor, "org:write")
    if rule.mode not in MODES:
        raise Refused("loss.mode", "没有这种提醒方式", field="mode")
    if not 0 <= rule.hour <= 23:
        raise Refused("loss.hour", "汇总时间为 0 到 23 点", field="hour")
    if len(rule.managers) > 100:
        raise Refused("loss.managers", "最多 100 位管理者", field="managers")
    value = {**asdict(rule), "managers": list(rule.managers)}
    with transaction.atomic():
        Setting.objects.update_or_create(name=_NAME, defaults={"value": value})
        record_audit(actor, "set_alert_rule", _NAME, now=now, detail={"mode": rule.mode})


def note_losses(batch: Batch) -> None:
    """Stage: write down who was lost; a move to another member of staff is no loss."""
    ended = [
        seen
        for seen in batch.named(facts.FRIEND_LOST, facts.FRIEND_REMOVED)
        if seen.fact.staff
        and seen.customer_id is not None
        and seen.identity_id is not None
        and seen.fact.properties.get("reason") != DELETED_BY_TRANSFER
    ]
    if not ended:
        return
    begun = _begun({seen.customer_id for seen in ended if seen.customer_id is not None})
    Loss.objects.bulk_create(
        [_loss(seen, begun, batch.now) for seen in ended], ignore_conflicts=True
    )


def visible_losses(actor: Actor) -> QuerySet[Loss]:
    """The losses of the staff an actor sees."""
    require(actor, "customer:read")
    scope = staff_scope(actor)
    return Loss.objects.all() if scope is None else Loss.objects.filter(scope.matches())


def list_losses(
    actor: Actor, filters: LossFilter, *, cursor: str = "", limit: int = 50
) -> Page[LossView]:
    """A page, the latest first."""
    found = _filtered(visible_losses(actor), filters)
    if cursor:
        (last,) = decode_cursor(cursor, int)
        found = found.filter(pk__lt=last)
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("-pk")[: size + 1])
    return Page(
        views_of(rows[:size]), encode_cursor(rows[size - 1].pk) if len(rows) > size else None
    )


def count_losses(actor: Actor, filters: LossFilter) -> dict[str, int]:
    """How many there are by who ended it, whichever side is asked for."""
    found = _filtered(visible_losses(actor), replace(filters, is_ours=None))
    ours = found.filter(is_ours=True).count()
    return {"ours": ours, "customers": found.filter(is_ours=False).count()}


def stream_losses(actor: Actor, filters: LossFilter) -> Iterator[LossView]:
    """All of them, oldest first, a page at a time in memory."""
    require(actor, "customer:export_own")
    last = 0
    while True:
        rows = list(
            _filtered(visible_losses(actor), filters).filter(pk__gt=last).order_by("pk")[:MAX_LIMIT]
        )
        if not rows:
            return
        yield from views_of(rows)
        last = rows[-1].pk


def views_of(rows: list[Loss]) -> list[LossView]:
    """Losses with the names of the lost."""
    names = pool.names_of({row.customer_id for row in rows})
    return [
        LossView(
            id=row.pk,
            customer_id=row.customer_id,
            customer_name=names.get(row.customer_id, ""),
            account=row.account,
            staff=row.staff,
            is_ours=row.is_ours,
            days=row.days,
            lost_at=row.lost_at,
        )
        for row in rows
    ]


def forget_identities(identity_ids: list[int]) -> None:
    """Erasure: nothing is left of the losses of these people."""
    Loss.objects.filter(identity_id__in=identity_ids).delete()


def tell(now: datetime) -> bool:
    """Duty: tell of fresh losses at once, and of yesterday's at the hour of the digest."""
    rule = get_alert_rule()
    is_more = _tell_at_once(rule, now)
    if rule.mode in {DAILY, BOTH}:
        _tell_digest(rule, now)
    return is_more


def _tell_at_once(rule: AlertRule, now: datetime) -> bool:
    """Rows are marked first: a notice may be missed, it is never repeated."""
    waiting = Loss.objects.filter(told_at__isnull=True).order_by("pk")
    rows = list(waiting[:PER_TURN])
    if not rows:
        return False
    Loss.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    if rule.mode in {AT_ONCE, BOTH}:
        fresh = [row for row in rows if now - row.lost_at <= LATE]
        for loss in views_of(fresh):
            who = _managers(loss, rule) if loss.is_ours else [loss.staff]
            _notify(loss.account, who, _sentence(loss), key=f"loss:{loss.id}")
    return len(rows) == PER_TURN


def _tell_digest(rule: AlertRule, now: datetime) -> None:
    local = now.astimezone(SHANGHAI)
    if local.hour < rule.hour:
        return
    today = local.date()
    row, _ = Setting.objects.get_or_create(name=_DIGESTED, defaults={"value": ""})
    if row.value == today.isoformat():
        return
    is_first = row.value == ""
    row.value = today.isoformat()
    row.save()
    if is_first:
        return
    end = datetime.combine(today, time(), SHANGHAI)
    told: defaultdict[tuple[str, str], list[LossView]] = defaultdict(list)
    found = Loss.objects.filter(lost_at__gte=end - timedelta(days=1), lost_at__lt=end)
    for loss in views_of(list(found.order_by("pk"))):
        for who in {*_managers(loss, rule), *([] if loss.is_ours else [loss.staff])}:
            told[loss.account, who].append(loss)
    for (account, who), losses in sorted(told.items()):
        _notify(account, [who], _digest(losses, today), key=f"digest:{today}:{who}")


def _notify(account: str, staff: list[str], text: str, *, key: str) -> None:
    """Tell those who still work there; a platform that cannot be reached now is not asked twice."""
    notifier = connector(account).notices
    working = Staff.objects.filter(account=account, staff__in=staff, is_active=True)
    people = sorted(set(working.values_list("staff", flat=True)))
    if notifier is None or not people:
        return
    try:
        notifier.notify(people, text, key=key)
    except PlatformError:
        return


def _managers(loss: LossView, rule: AlertRule) -> list[str]:
    """Who leads the store or region of the member of staff, and who is always told."""
    own = Post.objects.filter(staff__account=loss.account, staff__staff=loss.staff)
    stores = [post.store for post in own.select_related("store__region") if post.store]
    places = Q(store__in=stores, role=STORE_MANAGER)
    for store in stores:
        if store.region is not None:
            above = [int(part) for part in store.region.path.strip("/").split("/")]
            places |= Q(region_id__in=above, role=REGIONAL_MANAGER)
    leading = Post.objects.filter(places, staff__account=loss.account)
    return sorted({*leading.values_list("staff__staff", flat=True), *rule.managers})


def _sentence(loss: LossView) -> str:
    name, days = loss.customer_name or "一位客户", f", 相处 {loss.days} 天" if loss.days else ""
    if loss.is_ours:
        return f"员工 {loss.staff} 删除了客户「{name}」{days}"
    return f"客户「{name}」删除了您{days}"


def _digest(losses: list[LossView], today: date) -> str:
    lines = [f"{today - timedelta(days=1)} 流失 {len(losses)} 位客户"]
    lines += [
        f"· {one.customer_name or '未知'} ({one.staff}{' 删除' if one.is_ours else ''})"
        for one in losses[:20]
    ]
    return "\n".join([*lines, *(["…"] if len(losses) > 20 else [])])


def _begun(customer_ids: set[int]) -> Mapping[tuple[int, str, str], datetime]:
    """When each friendship of these customers began."""
    return {
        (one.identity_id, one.account, one.staff): one.added_at
        for relations in pool.relations_of(customer_ids).values()
        for one in relations
        if one.added_at is not None
    }


def _loss(seen: Seen, begun: Mapping[tuple[int, str, str], datetime], now: datetime) -> Loss:
    fact, lost_at = seen.fact, from_ms(seen.fact.at)
    who: StaffId = (fact.account, fact.staff)
    began = begun.get((seen.identity_id or 0, *who))
    return Loss(
        account=fact.account,
        staff=fact.staff,
        customer_id=seen.customer_id or 0,
        identity_id=seen.identity_id or 0,
        is_ours=fact.name == facts.FRIEND_REMOVED,
        days=max(0, (lost_at - began).days) if began else None,
        lost_at=lost_at,
        told_at=now if now - lost_at > LATE else None,
    )


def _filtered(rows: QuerySet[Loss], filters: LossFilter) -> QuerySet[Loss]:
    if filters.is_ours is not None:
        rows = rows.filter(is_ours=filters.is_ours)
    if filters.staff:
        rows = rows.filter(staff=filters.staff)
    if filters.start:
        rows = rows.filter(lost_at__gte=datetime.combine(filters.start, time(), SHANGHAI))
    if filters.end:
        after = filters.end + timedelta(days=1)
        rows = rows.filter(lost_at__lt=datetime.combine(after, time(), SHANGHAI))
    return rows


def parse_filter(
    *, direction: str = "", staff: str = "", start: date | None = None, end: date | None = None
) -> LossFilter:
    """The filter of a request; direction: `ours`, `customer` or "" for both."""
    if direction not in {"", "ours", "customer"}:
        raise Refused("loss.direction", "没有这个方向", field="direction")
    found = LossFilter(None, staff, start, end)
    return replace(found, is_ours=direction == "ours") if direction else found
