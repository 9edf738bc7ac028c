"""Duties: assign guides at the platform, ask for unpaid orders, compare past days with bills."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from siyu.commerce.queries import amounts_of, known_refunds
from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.intake.place import submit_facts
from siyu.core.leases import claim
from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformError, PlatformRefused, Reauth, Refused, SiyuError
from siyu.payments.cards import cards_of
from siyu.payments.models import BillCheck, CardOrder
from siyu.payments.rules import CARD_LIFE, next_look
from siyu.ports.facts import ORDER_COMPLETED, ORDER_REFUNDED, Fact
from siyu.ports.payments import Bill, PaymentSource, PaymentState

AT_ONCE = 20
BILL_HOUR = 10
"""Bills of a day are ready the next morning at ten (pay.weixin.qq.com 申请交易账单, 2025)."""
RETRY = timedelta(minutes=30)
LOOK_BACK_DAYS = 7
DONE, EMPTY, FAILED = "done", "empty", "failed"


def work_on_cards() -> bool:
    """Assign what is planned, ask for what should be paid by now; True when there may be more."""
    now = runtime().clock.now()
    rows = claim(
        CardOrder.objects.filter(next_at__lte=now, paid_at=None).order_by("next_at"), AT_ONCE
    )
    for order in rows:
        try:
            _assign(order, now) if order.assigned_at is None else _look(order, now)
        except SiyuError as error:
            order.error = error.reason[:200]
            is_over = isinstance(error, PlatformRefused | Refused) and order.assigned_at is None
            order.tries += 1
            order.next_at = None if is_over else next_look(order.tries, now)
        CardOrder.objects.filter(pk=order.pk, paid_at=None).update(
            assigned_at=order.assigned_at,
            error=order.error,
            tries=order.tries,
            next_at=order.next_at,
        )
        CardOrder.objects.filter(pk=order.pk).update(lease="", lease_until=0)
    return len(rows) == AT_ONCE


def check_bills() -> bool:
    """Compare one past day that was not compared yet; True when there may be more."""
    now = runtime().clock.now()
    local = now.astimezone(SHANGHAI)
    newest = local.date() - timedelta(days=1 if local.hour >= BILL_HOUR else 2)
    for account in active_accounts():
        source = _source(account)
        day = _next_day(account, newest, now) if source else None
        if source is not None and day is not None:
            _check(account, source, day, now)
            return True
    return False


def _next_day(account: str, newest: date, now: datetime) -> date | None:
    """The newest day of the last week without a result, or whose failure is to be tried again."""
    days = [newest - timedelta(days=back) for back in range(LOOK_BACK_DAYS)]
    known = {row.day: row for row in BillCheck.objects.filter(account=account, day__in=days)}
    for day in days:
        row = known.get(day)
        pause = RETRY * min(row.tries, 16) if row else RETRY
        if row is None or (row.state == FAILED and row.checked_at < now - pause):
            return day
    return None


def check_day(actor: Actor, account: str, day: date, *, now: datetime) -> None:
    """Compare one past day now."""
    require(actor, "account:read")
    require(actor, "order:import")
    source = _source(account)
    if source is None:
        raise Refused("bill.account", "这个账号没有账单", field="account")
    if day >= now.astimezone(SHANGHAI).date():
        raise Refused("bill.day", "只能核对今天以前的账单", field="day")
    _check(account, source, day, now)
    with transaction.atomic():
        record_audit(actor, "check_bill", account, now=now, detail={"day": day.isoformat()})


def _assign(order: CardOrder, now: datetime) -> None:
    cards_of(order.account).assign_guide(order.guide.guide_id, order.order_no)
    order.assigned_at, order.error = now, ""
    order.next_at = next_look(3, now)


def _look(order: CardOrder, now: datetime) -> None:
    """A payment whose callback never came is put into the inbox as if it had."""
    source = _source(order.account)
    found = source.find_payment(order.order_no) if source else None
    order.tries += 1
    is_open = found is None or found.state is PaymentState.OPEN
    is_over = not is_open or now - order.created_at > CARD_LIFE
    order.next_at = None if is_over else next_look(order.tries + 2, now)
    if found and found.fact and not _is_known(order.account, found.fact):
        submit_facts([found.fact])


def _is_known(account: str, fact: Fact) -> bool:
    number = str(fact.properties.get("order_id"))
    return fact.name == ORDER_COMPLETED and number in amounts_of(account, [number])


def _check(account: str, source: PaymentSource, day: date, now: datetime) -> None:
    known = BillCheck.objects.filter(account=account, day=day).first()
    check = BillCheck(
        account=account, day=day, checked_at=now, tries=known.tries + 1 if known else 1
    )
    if known:
        check.pk = known.pk
    try:
        bill = source.fetch_bill(day)
        if bill is None:
            check.state = EMPTY
        else:
            _compare(check, account, bill)
    except (PlatformError, Reauth) as error:
        check.state, check.error = FAILED, error.reason[:200]
    check.save()


def _compare(check: BillCheck, account: str, bill: Bill) -> None:
    """Recover what we do not have, and list what we have otherwise."""
    payments = [line for line in bill.lines if not line.refund_no]
    refunds = [line for line in bill.lines if line.refund_no]
    ours = amounts_of(account, [line.order_no for line in payments])
    returned = known_refunds(account, [line.refund_no for line in refunds])
    missing = [
        line.fact
        for line in payments
        if line.fact.name == ORDER_COMPLETED and line.order_no not in ours
    ]
    missing += [
        line.fact
        for line in refunds
        if line.fact.name == ORDER_REFUNDED and line.refund_no not in returned
    ]
    if missing:
        submit_facts(missing)
    check.state, check.recovered = DONE, len(missing)
    check.payments, check.refunds = len(payments), len(refunds)
    check.paid_fen, check.refunded_fen = bill.paid_fen, bill.refunded_fen
    check.mismatched = [
        line.order_no
        for line in payments
        if line.order_no in ours and ours[line.order_no] != line.amount_fen
    ][:100]


def _source(account: str) -> PaymentSource | None:
    return connector(account).payments
