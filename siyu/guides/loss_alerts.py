"""Who is told of a loss: the people concerned at once, or yesterday's in a daily digest."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from siyu.core.accounts import connector
from siyu.core.models import Setting
from siyu.guides.care_types import LossView
from siyu.guides.losses import (
    AT_ONCE,
    BOTH,
    DAILY,
    LATE,
    AlertRule,
    get_alert_rule,
    views_of,
)
from siyu.guides.models import Loss, Post, Staff
from siyu.guides.org_types import REGIONAL_MANAGER, STORE_MANAGER
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformError

_DIGESTED = "guides.losses.digested"
PER_TURN = 200


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
        for loss in views_of([row for row in rows if now - row.lost_at <= LATE]):
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
        return f"员工 {loss.staff_name} 删除了客户「{name}」{days}"
    return f"客户「{name}」删除了您{days}"


def _digest(losses: list[LossView], today: date) -> str:
    lines = [f"{today - timedelta(days=1)} 流失 {len(losses)} 位客户"]
    lines += [
        f"· {one.customer_name or '未知'} ({one.staff_name}{' 删除' if one.is_ours else ''})"
        for one in losses[:20]
    ]
    return "\n".join([*lines, *(["…"] if len(losses) > 20 else [])])
