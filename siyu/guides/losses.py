"""Losses: friendships that ended, and by whose rule people are told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.models import Setting
from siyu.core.pipeline import Batch, Seen
from siyu.core.scope import staff_scope
from siyu.guides.care_types import LossView
from siyu.guides.models import Loss, Staff
from siyu.guides.org_types import StaffId
from siyu.guides.owning import DELETED_BY_TRANSFER
from siyu.kernel.clock import SHANGHAI, from_ms
from siyu.kernel.errors import Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool
from siyu.ports import facts

_NAME = "guides.losses"
OFF, AT_ONCE, DAILY, BOTH = "off", "at_once", "daily", "both"
MODES = (OFF, AT_ONCE, DAILY, BOTH)
LATE = timedelta(hours=24)


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


def stream_losses(actor: Actor, filters: LossFilter, *, now: datetime) -> Iterator[LossView]:
    """All of them, oldest first, a page at a time in memory; who took them is in the audit."""
    require(actor, "customer:export_own")
    with transaction.atomic():
        record_audit(actor, "export_losses", "losses", now=now, detail={"staff": filters.staff})
    return _stream(actor, filters)


def _stream(actor: Actor, filters: LossFilter) -> Iterator[LossView]:
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
    """Losses with the names of the lost and of the staff."""
    names = pool.names_of({row.customer_id for row in rows})
    staff = _staff_names(rows)
    return [
        LossView(
            id=row.pk,
            customer_id=row.customer_id,
            customer_name=names.get(row.customer_id, ""),
            account=row.account,
            staff=row.staff,
            staff_name=staff.get((row.account, row.staff)) or row.staff,
            is_ours=row.is_ours,
            days=row.days,
            lost_at=row.lost_at,
        )
        for row in rows
    ]


def _staff_names(rows: list[Loss]) -> dict[StaffId, str]:
    found = Staff.objects.filter(staff__in={row.staff for row in rows})
    return {(one.account, one.staff): one.name for one in found}


def forget_identities(identity_ids: list[int]) -> None:
    """Erasure: nothing is left of the losses of these people."""
    Loss.objects.filter(identity_id__in=identity_ids).delete()


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
