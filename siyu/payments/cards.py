"""Guide cards: guides registered, orders assigned, and what came of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import from_ms
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.payments.models import CardGuide, CardOrder
from siyu.payments.rules import CODE_WINDOW, day_start, pick_guide
from siyu.ports.facts import FRIEND_ADDED, ORDER_COMPLETED, PAYMENT_SUCCEEDED
from siyu.ports.payments import CardGuide as RemoteCardGuide
from siyu.ports.payments import GuideCards

ORDER_CREATED = "order_created"


def register_guide(
    actor: Actor, account: str, guide: RemoteCardGuide, *, state: str = "", now: datetime
) -> int:
    """Register a guide at the platform, or change a known one; the mobile number is not kept."""
    require(actor, "code:write")
    for name in ("store_id", "userid", "name", "mobile", "qr_code", "corp_id"):
        if not getattr(guide, name).strip():
            raise Refused("card.missing", "请填写完整", field=name)
    cards = cards_of(account)
    place = {"account": account, "store_id": guide.store_id, "userid": guide.userid}
    known = CardGuide.objects.filter(**place).first()
    if known is None:
        remote = next(
            (r for r in cards.list_guides(guide.store_id) if r.userid == guide.userid), None
        )
        guide_id = remote.guide_id if remote else cards.register_guide(guide)
    else:
        guide_id = known.guide_id
    if known is not None or remote is not None:
        cards.update_guide(guide_id, guide)
    shown = {"name": guide.name, "qr_code": guide.qr_code, "state": state, "guide_id": guide_id}
    with transaction.atomic():
        row, _ = CardGuide.objects.update_or_create(
            **place,
            defaults={**shown, "is_active": True},
            create_defaults={**shown, "created_at": now},
        )
        record_audit(actor, "register_card_guide", f"card_guide:{row.pk}", now=now, detail=place)
    return row.pk


def set_guide_active(actor: Actor, guide_pk: int, *, is_active: bool, now: datetime) -> None:
    """Let a guide be assigned, or no more."""
    require(actor, "code:write")
    with transaction.atomic():
        if not CardGuide.objects.filter(pk=guide_pk).update(is_active=is_active):
            raise NotFound("card.guide", "没有这位导购")
        detail = {"is_active": is_active}
        record_audit(actor, "set_card_guide", f"card_guide:{guide_pk}", now=now, detail=detail)


def assign_order(actor: Actor, guide_pk: int, order_no: str, *, now: datetime) -> None:
    """Show a guide's card to whoever pays this order. The platform refuses paid orders."""
    require(actor, "code:write")
    guide = CardGuide.objects.filter(pk=guide_pk, is_active=True).first()
    if guide is None:
        raise NotFound("card.guide", "没有这位导购, 或已停用")
    if not 1 <= len(order_no) <= 32:
        raise Refused("card.order_no", "订单号须为 1 到 32 个字符", field="order_no")
    cards_of(guide.account).assign_guide(guide.guide_id, order_no)
    with transaction.atomic():
        made, is_new = CardOrder.objects.get_or_create(
            account=guide.account,
            order_no=order_no,
            defaults={"guide": guide, "created_at": now, "assigned_at": now, "next_at": now},
        )
        if not is_new and made.paid_at:
            raise Conflict("card.paid", "这张订单已经支付")
        CardOrder.objects.filter(pk=made.pk).update(guide=guide, assigned_at=now, error="")
        detail = {"order_no": order_no}
        record_audit(actor, "assign_order", f"card_guide:{guide_pk}", now=now, detail=detail)


def cards_of(account: str) -> GuideCards:
    """The account's guide cards; Refused when it has none."""
    cards = connector(account).guide_cards
    if cards is None:
        raise Refused("card.account", "这个账号没有支付即服务", field="account")
    return cards


def hear_cards(batch: Batch) -> None:
    """Stage: orders made get a guide, payments and additions and later orders are noted."""
    _plan(batch.named(ORDER_CREATED), batch.now)
    _note_payments(batch.named(ORDER_COMPLETED, PAYMENT_SUCCEEDED))
    _note_additions(batch.named(FRIEND_ADDED))
    _note_purchases(batch.named(ORDER_COMPLETED))


def _plan(created: Sequence[Seen], now: datetime) -> None:
    """Give each order with a store a guide: the one it names, else the one with fewest today."""
    wanted = [seen for seen in created if seen.fact.properties.get("store_id")]
    if not wanted:
        return
    guides = list(CardGuide.objects.filter(is_active=True, account__in=active_accounts()))
    loads = dict(
        CardOrder.objects.filter(created_at__gte=day_start(now))
        .values_list("guide_id")
        .annotate(count=Count("id"))
    )
    rows = []
    for seen in wanted:
        told = seen.fact.properties
        store, named = str(told["store_id"]), str(told.get("guide") or "")
        here = [g for g in guides if g.store_id == store and named in {"", g.userid}]
        chosen = pick_guide([(guide.pk, loads.get(guide.pk, 0)) for guide in here])
        order_no = str(told.get("order_id") or "")[:32]
        if chosen is None or not order_no:
            continue
        loads[chosen] = loads.get(chosen, 0) + 1
        guide = next(guide for guide in here if guide.pk == chosen)
        rows.append(
            CardOrder(
                account=guide.account,
                order_no=order_no,
                guide=guide,
                expected_fen=_fen(told),
                created_at=now,
                next_at=now,
            )
        )
    CardOrder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if rows:
        transaction.on_commit(lambda: wake("payments.cards"))


def _note_payments(paid: Sequence[Seen]) -> None:
    told = {
        (seen.fact.source, str(seen.fact.properties.get("order_id", ""))): seen for seen in paid
    }
    if not told:
        return
    orders = CardOrder.objects.filter(
        account__in={source for source, _ in told}, order_no__in={number for _, number in told}
    )
    for order in orders.filter(paid_at=None):
        seen = told.get((order.account, order.order_no))
        if seen is None:
            continue
        order.paid_at, order.paid_fen = from_ms(seen.fact.at), _fen(seen.fact.properties)
        order.is_mismatch = order.expected_fen not in {None, order.paid_fen}
        order.customer_id, order.identity_id = seen.customer_id, seen.identity_id
        order.next_at = None
        order.save()


def _note_additions(added: Sequence[Seen]) -> None:
    """Whose addition it is: the payer's when he is known, else by guide and time."""
    by_state: dict[str, list[Seen]] = defaultdict(list)
    for seen in added:
        state = str(seen.fact.properties.get("state") or "")
        if state and seen.customer_id is not None:
            by_state[state].append(seen)
    for guide in CardGuide.objects.filter(state__in=list(by_state)) if by_state else ():
        for seen in by_state[guide.state]:
            _note_addition(guide, seen)


def _note_addition(guide: CardGuide, seen: Seen) -> None:
    at = from_ms(seen.fact.at)
    shown = CardOrder.objects.filter(guide=guide, paid_at__lte=at, added_at=None)
    shown = shown.exclude(assigned_at=None).order_by("-paid_at")
    mine = shown.filter(customer_id=seen.customer_id).first()
    order = mine or shown.filter(paid_at__gte=at - CODE_WINDOW).first()
    if order is None:
        return
    order.added_at, order.added_customer_id = at, seen.customer_id
    order.added_by = "identity" if mine else "code"
    order.save()


def _note_purchases(bought: Sequence[Seen]) -> None:
    """The first order after the addition, of the payer or of the friend."""
    people = {seen.customer_id for seen in bought if seen.customer_id is not None}
    if not people:
        return
    waiting = CardOrder.objects.exclude(added_at=None).filter(bought_at=None)
    mine: dict[int, CardOrder] = {}
    for name in ("customer_id", "added_customer_id"):
        for waits in waiting.filter(**{f"{name}__in": people}):
            mine[getattr(waits, name)] = waits
    for seen in sorted(bought, key=lambda each: each.fact.at):
        order = mine.get(seen.customer_id or 0)
        at = from_ms(seen.fact.at)
        is_same = order and seen.fact.properties.get("order_id") == order.order_no
        if (
            order is None
            or is_same
            or order.bought_at
            or not order.added_at
            or at <= order.added_at
        ):
            continue
        order.bought_at, order.bought_fen = at, _fen(seen.fact.properties) or 0
        order.save()


def _fen(told: dict[str, object]) -> int | None:
    """`total_fen`, or `total` in yuan."""
    fen, yuan = told.get("total_fen"), told.get("total")
    if isinstance(fen, int):
        return fen
    return round(float(yuan) * 100) if isinstance(yuan, int | float) else None
