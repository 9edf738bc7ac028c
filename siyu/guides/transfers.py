"""Take-over: what may be moved, asking the platform batch by batch, and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.groups.queries import count_owned
from siyu.guides import care_types as states
from siyu.guides.care_types import (
    MOVING,
    TODAY,
    TOO_OFTEN,
    Leaver,
    TransferItemView,
    TransferPlan,
    TransferView,
)
from siyu.guides.group_moves import blocked_groups, groups_left_today, own_groups
from siyu.guides.models import Staff, Transfer, TransferItem
from siyu.guides.org_queries import require_staff
from siyu.guides.scoping import visible_staff
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import queries as pool
from siyu.pool.friends import count_friends, friends_of_staff
from siyu.ports.transfers import CustomerMover

_OPEN = (states.PLANNED, states.ASKED)
LISTED = 100


def list_leavers(actor: Actor) -> list[Leaver]:
    """Who has left and still has customers or groups: the to-do, most customers first."""
    require(actor, "transfer:write")
    gone = {(row.account, row.staff): row for row in visible_staff(actor).filter(is_active=False)}
    friends, owned = count_friends(gone), count_owned()
    waiting = Counter(
        TransferItem.objects.filter(state__in=_OPEN, is_group=False).values_list(
            "transfer__account", "transfer__giver"
        )
    )
    found = [
        Leaver(
            account=who[0],
            staff=who[1],
            name=row.name,
            customers=friends.get(who, 0),
            groups=owned.get(who, 0),
            waiting=waiting[who],
        )
        for who, row in gone.items()
        if friends.get(who) or owned.get(who)
    ]
    return sorted(found, key=lambda one: (-one.customers, one.account, one.staff))


def plan_transfer(
    actor: Actor,
    giver: tuple[str, str],
    customer_ids: Sequence[int] | None,
    *,
    groups: Sequence[str] = (),
    taker: str = "",
    now: datetime,
) -> TransferPlan:
    """A dry run: how many may be moved, and why others may not. None = all his customers.

    groups: the platform's ids; taker: whose groups of today count, "" for nobody's.
    """
    require(actor, "transfer:write")
    row = require_staff(actor, giver)
    people = _people(row, customer_ids)
    blocked = blocked_customers(row, [remote for remote, _, _ in people], now)
    rules, chats = _mover(row.account).rules, own_groups(row, groups)
    held = Counter(blocked_groups(row, chats, rules, now).values())
    left = groups_left_today(row.account, taker, rules, now)
    free = len(chats) - held.total()
    if free > left:
        held[TODAY] = free - left
    return TransferPlan(
        customers=len(people) - len(blocked),
        groups=min(free, left),
        blocked=dict(Counter(blocked.values())),
        blocked_groups=dict(held),
        groups_left_today=left,
    )


def start_transfer(
    actor: Actor,
    giver: tuple[str, str],
    taker: str,
    *,
    customer_ids: Sequence[int] | None = None,
    groups: Sequence[str] = (),
    message: str = "",
    now: datetime,
) -> int:
    """Ask for a take-over; the worker does the rest. Returns the transfer's id.

    customer_ids: None = all of the giver's customers; groups: the platform's ids. Conflict when
    one between these two is under way and leaves nothing to ask for.
    """
    require(actor, "transfer:write")
    row, to = require_staff(actor, giver), require_staff(actor, (giver[0], taker))
    if row.pk == to.pk:
        raise Refused("transfer.same", "接替人不能是本人", field="taker")
    if not to.is_active:
        raise Refused("transfer.inactive", "接替人已离职或不可见", field="taker")
    if len(message) > 200:
        raise Refused("transfer.message", "接替提示最多 200 个字", field="message")
    if customer_ids is not None and not customer_ids and not groups:
        raise Refused("transfer.empty", "请选择要转接的客户或客户群", field="customer_ids")
    people, chats = _people(row, customer_ids), own_groups(row, groups)
    rules = _mover(row.account).rules
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=row.pk)
        blocked = blocked_customers(row, [remote for remote, _, _ in people], now)
        held = blocked_groups(row, chats, rules, now)
        running = Transfer.objects.filter(
            account=row.account, giver=row.staff, taker=taker, state=states.RUNNING
        )
        if len(blocked) + len(held) == len(people) + len(chats) and running.exists():
            raise Conflict("transfer.running", "这两个人之间的继承还在进行, 没有别的可以转接")
        made = Transfer.objects.create(
            account=row.account,
            giver=row.staff,
            taker=taker,
            has_left=not row.is_active,
            message=message,
            state=states.RUNNING,
            requested_by=actor.name,
            created_at=now,
            next_at=now,
        )
        TransferItem.objects.bulk_create(
            [_item(made, one, blocked.get(one[0], "")) for one in people]
            + [
                TransferItem(
                    transfer=made, is_group=True, remote_id=chat, **_start(held.get(chat, ""))
                )
                for chat in chats
            ]
        )
        detail = {"giver": row.staff, "taker": taker, "customers": len(people)}
        detail["groups"] = len(chats)
        record_audit(actor, "start_transfer", f"transfer:{made.pk}", now=now, detail=detail)
    return int(made.pk)


def stop_transfer(actor: Actor, transfer_id: int, *, now: datetime) -> None:
    """Ask for no more; what was asked for already cannot be taken back."""
    require(actor, "transfer:write")
    row = _visible(actor, transfer_id)
    with transaction.atomic():
        row.transferitem_set.filter(state=states.PLANNED).update(
            state=states.FAILED, code="transfer.stopped", reason="已停止, 没有发出"
        )
        record_audit(actor, "stop_transfer", f"transfer:{row.pk}", now=now, detail={})


def list_transfers(actor: Actor) -> list[TransferView]:
    """The latest transfers that concern staff the actor sees."""
    require(actor, "transfer:write")
    rows = list(_visible_rows(actor).order_by("-pk")[:LISTED])
    counts: dict[int, dict[str, int]] = {row.pk: {} for row in rows}
    for transfer, state, count in (
        TransferItem.objects.filter(transfer__in=rows)
        .values_list("transfer_id", "state")
        .annotate(count=Count("pk"))
    ):
        counts[transfer][state] = count
    return [_view(row, counts[row.pk]) for row in rows]


def list_items(
    actor: Actor, transfer_id: int, *, state: str = "", after: int = 0
) -> list[TransferItemView]:
    """The customers and groups of a transfer, `LISTED` after the item `after`."""
    require(actor, "transfer:write")
    found = _visible(actor, transfer_id).transferitem_set.filter(pk__gt=after).order_by("pk")
    rows = list(found.filter(state=state)[:LISTED] if state else found[:LISTED])
    names = pool.names_of(row.customer_id for row in rows if row.customer_id)
    return [
        TransferItemView(
            id=row.pk,
            customer_id=row.customer_id,
            name=names.get(row.customer_id or 0, "") or ("" if row.customer_id else row.remote_id),
            is_group=row.is_group,
            state=row.state,
            code=row.code,
            reason=row.reason,
            asked_at=row.asked_at,
            done_at=row.done_at,
        )
        for row in rows
    ]


def _item(transfer: Transfer, person: tuple[str, int, int], blocked: str) -> TransferItem:
    remote, customer, identity = person
    return TransferItem(
        transfer=transfer,
        remote_id=remote,
        customer_id=customer,
        identity_id=identity,
        **_start(blocked),
    )


def _start(blocked: str) -> dict[str, str]:
    """The first state of an item, by why it may not be moved."""
    if not blocked:
        return {"state": states.PLANNED}
    return {"state": states.FAILED, "code": f"transfer.{blocked}", "reason": _REASONS[blocked]}


_REASONS = {
    TOO_OFTEN: "在规定的天数里已被转接过最多次数",
    MOVING: "正在转接给另一位员工",
}


def _people(giver: Staff, customer_ids: Sequence[int] | None) -> list[tuple[str, int, int]]:
    """(remote id, customer, identity) of the giver's friends, all or these."""
    found = friends_of_staff(giver.account, giver.staff)
    if customer_ids is None:
        return found
    wanted = set(pool.current_customer_ids(customer_ids).values())
    chosen = [one for one in found if one[1] in wanted]
    if wanted - {one[1] for one in chosen}:
        raise NotFound("customer.missing", "没有这位客户")
    return chosen


def blocked_customers(giver: Staff, remote_ids: Sequence[str], now: datetime) -> dict[str, str]:
    """Who may not be asked for by what we know ourselves: on the way, or too often."""
    rules = _mover(giver.account).rules
    own = TransferItem.objects.filter(
        transfer__account=giver.account, is_group=False, remote_id__in=list(remote_ids)
    )
    blocked = dict.fromkeys(own.filter(state__in=_OPEN).values_list("remote_id", flat=True), MOVING)
    if giver.is_active:
        recent = own.filter(
            transfer__has_left=False,
            asked_at__gt=now - timedelta(days=rules.days_between),
        ).exclude(state=states.FAILED)
        for remote, count in recent.values_list("remote_id").annotate(count=Count("pk")):
            if count >= rules.times:
                blocked.setdefault(remote, TOO_OFTEN)
    return blocked


def _visible_rows(actor: Actor) -> QuerySet[Transfer]:
    rows = Transfer.objects.all()
    if actor.sees_all:
        return rows
    pairs = list(visible_staff(actor).values_list("account", "staff"))
    found = Q(pk__in=())
    for account in {account for account, _ in pairs}:
        staff = [who for at, who in pairs if at == account]
        found |= Q(account=account) & (Q(giver__in=staff) & Q(taker__in=staff))
    return rows.filter(found)


def _visible(actor: Actor, transfer_id: int) -> Transfer:
    row = _visible_rows(actor).filter(pk=transfer_id).first()
    if row is None:
        raise NotFound("transfer.missing", "没有这次继承")
    return row


def _view(row: Transfer, counts: dict[str, int]) -> TransferView:
    return TransferView(
        id=row.pk,
        account=row.account,
        giver=row.giver,
        taker=row.taker,
        has_left=row.has_left,
        state=row.state,
        requested_by=row.requested_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
        counts=counts,
    )


def _mover(account: str) -> CustomerMover:
    mover = connector(account).transfers
    if mover is None:
        raise Refused("transfer.platform", "这个平台不支持继承", field="account")
    return mover
