"""Orders of a platform's own store: told by events, read in full; and shipping reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.core.intake import submit_facts
from siyu.core.models import Setting
from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.fans.models import OrderFetch
from siyu.kernel.errors import NotFound, PlatformError, Refused, SiyuError, WaitUntil
from siyu.ports.facts import ORDER_CHANGED, Fact
from siyu.ports.orders import OrderSource, Shipment

PER_TURN = 50
BACK_OFF_SECONDS = (5, 30, 120, 600, 3600, 21_600)
COMPARE_EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=30)
LONGEST = timedelta(days=6)
_COMPARED = "fans.orders_compared"


def hear_orders(batch: Batch) -> None:
    """Stage: every order an event names is read again soon."""
    told = {
        (seen.fact.account, str(seen.fact.properties.get("order_id"))[:64])
        for seen in batch.named(ORDER_CHANGED)
        if seen.fact.account and seen.fact.properties.get("order_id")
    }
    if told:
        _queue(told, batch.now)
        transaction.on_commit(lambda: wake("fans.orders"))


def count_due(now: datetime) -> int:
    """Orders that are to be read at `now`."""
    return OrderFetch.objects.filter(due_at__lte=now).count()


def fetch_orders() -> bool:
    """Duty: read orders that are due; True when there was any."""
    now = runtime().clock.now()
    rows = list(OrderFetch.objects.filter(due_at__lte=now).order_by("due_at", "id")[:PER_TURN])
    found: list[Fact] = []
    done: list[OrderFetch] = []
    for row in rows:
        try:
            source = _source(row.account)
            found += source.fetch_order(row.order_id) if source else []
            done.append(row)
        except PlatformError as error:
            _put_off(row, error, now)
    submit_facts(found)
    for row in done:
        OrderFetch.objects.filter(pk=row.pk, due_at=row.due_at).delete()
    return bool(rows)


def compare_orders() -> bool:
    """Duty: ask each store hourly what changed, so that a lost event costs an hour at most."""
    now = runtime().clock.now()
    row, _ = Setting.objects.get_or_create(name=_COMPARED, defaults={"value": {}})
    is_busy = False
    for account in active_accounts():
        last = datetime.fromisoformat(row.value[account]) if account in row.value else None
        if last is not None and now - last < COMPARE_EVERY:
            continue
        source = _source(account)
        if source is None:
            continue
        start = max(now - LONGEST, last - OVERLAP if last else now - LONGEST)
        try:
            _queue({(account, number) for number in _changed(source, start, now)}, now)
        except PlatformError:
            continue
        row.value = {**row.value, account: now.isoformat()}
        row.save()
        is_busy = True
    return is_busy


def report_shipment(actor: Actor, account: str, shipment: Shipment, *, now: datetime) -> None:
    """Tell the platform that a paid order was shipped. The platform's errors are passed on."""
    require(actor, "code:write")
    shipping = connector(account).shipping
    if shipping is None:
        raise Refused("shipping.platform", "这个账号不用上报发货", field="account")
    shipping.upload_shipment(shipment, now)
    with transaction.atomic():
        detail = {"transaction_id": shipment.transaction_id, "kind": shipment.kind}
        record_audit(actor, "report_shipment", account, now=now, detail=detail)


def _changed(source: OrderSource, start: datetime, end: datetime) -> Iterable[str]:
    cursor, seen = "", {""}
    while True:
        numbers, cursor = source.list_orders(start, end, cursor)
        yield from numbers
        if cursor in seen:
            return
        seen.add(cursor)


def _queue(told: set[tuple[str, str]], now: datetime) -> None:
    OrderFetch.objects.bulk_create(
        [
            OrderFetch(account=account, order_id=number, due_at=now)
            for account, number in sorted(told)
        ],
        update_conflicts=True,
        unique_fields=["account", "order_id"],
        update_fields=["due_at"],
    )


def _put_off(row: OrderFetch, error: PlatformError, now: datetime) -> None:
    if row.tries >= len(BACK_OFF_SECONDS):
        row.delete()
        return
    pause = timedelta(seconds=BACK_OFF_SECONDS[row.tries])
    row.due_at = error.until if isinstance(error, WaitUntil) else now + pause
    row.tries += 1
    row.error = error.reason[:200]
    row.save()


def _source(account: str) -> OrderSource | None:
    try:
        return connector(account).orders
    except (NotFound, SiyuError):
        return None
