"""What the sidebar shows of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.commerce import queries as commerce
from siyu.commerce.types import OrderRow
from siyu.core.access import require
from siyu.kernel.errors import NotFound
from siyu.lake.queries import list_timeline
from siyu.lake.types import EventRow
from siyu.pool import ownership
from siyu.pool import queries as pool
from siyu.pool.types import CustomerProfile
from siyu.reach import queries as reach
from siyu.reach.types import TouchRow, TouchState
from siyu.sidebar.session import Member, pages_of

EVENTS, ORDERS = 20, 10


@dataclass(frozen=True)
class Face:
    """One customer. tasks: messages to him that wait for a member of staff's confirmation."""

    profile: CustomerProfile
    owner: ownership.Owner | None
    friend_since: datetime | None
    orders: list[OrderRow]
    events: list[EventRow]
    tasks: list[TouchRow]


def find_customer(member: Member, remote_id: str) -> int:
    """The customer of an id of the platform; the same NotFound for nobody and not his."""
    require(member.actor, "customer:read")
    found = pool.find_customer(pages_of(member.account).customer(remote_id[:64]))
    if found is None or not pool.visible_customer_ids(member.actor, [found[0]]):
        raise NotFound("customer.missing", "没有这位客户")
    return found[0]


def get_face(member: Member, remote_id: str) -> Face:
    """All that one page shows."""
    customer = find_customer(member, remote_id)
    profile = pool.get_customer(member.actor, customer)
    own = [
        one.added_at
        for one in profile.relations
        if (one.account, one.staff) == (member.account, member.staff)
    ]
    return Face(
        profile=profile,
        owner=ownership.owners_of([customer]).get(customer),
        friend_since=own[0] if own else None,
        orders=commerce.list_orders_of(member.actor, customer)[:ORDERS],
        events=list_timeline(member.actor, customer, limit=EVENTS).items,
        tasks=[touch for touch in reach.touches_of(customer) if touch.state == TouchState.ACCEPTED],
    )
