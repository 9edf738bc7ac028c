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
from siyu.writeback import queries as writeback
from siyu.writeback.types import RemarkView

EVENTS, ORDERS = 20, 10


@dataclass(frozen=True)
class Face:
    """One customer. tasks: messages to him that wait for this member's confirmation.

    remark, description: what this member calls him; others may call him something else.
    """

    profile: CustomerProfile
    owner: ownership.Owner | None
    friend_since: datetime | None
    orders: list[OrderRow]
    events: list[EventRow]
    tasks: list[TouchRow]
    remark: str = ""
    description: str = ""


def find_customer(member: Member, remote_id: str) -> int:
    """The customer of an id of the platform; the same NotFound for nobody and not his."""
    require(member.actor, "customer:read")
    return _find(member, remote_id)[0]


def _find(member: Member, remote_id: str) -> tuple[int, int]:
    """The customer and his identity."""
    found = pool.find_customer(pages_of(member.account).customer(remote_id[:64]))
    if found is None or not pool.visible_customer_ids(member.actor, [found[0]]):
        raise NotFound("customer.missing", "没有这位客户")
    return found


def get_face(member: Member, remote_id: str) -> Face:
    """All that one page shows."""
    require(member.actor, "customer:read")
    customer, identity = _find(member, remote_id)
    profile = pool.get_customer(member.actor, customer)
    own = [
        one.added_at
        for one in profile.relations
        if (one.account, one.staff) == (member.account, member.staff)
    ]
    remark = _remark(member, customer, identity)
    return Face(
        profile=profile,
        owner=ownership.owners_of([customer]).get(customer),
        friend_since=own[0] if own else None,
        orders=commerce.list_orders_of(member.actor, customer)[:ORDERS],
        events=list_timeline(member.actor, customer, limit=EVENTS).items,
        tasks=[
            touch
            for touch in reach.touches_of(customer)
            if touch.state == TouchState.ACCEPTED
            and (touch.account, touch.sender) == (member.account, member.staff)
        ],
        remark=remark.remark if remark else "",
        description=remark.description if remark else "",
    )


def _remark(member: Member, customer: int, identity: int) -> RemarkView | None:
    """The member's own remark on this friendship."""
    place = (member.account, member.staff, identity)
    for one in writeback.list_remarks(member.actor, customer):
        if (one.account, one.staff, one.identity_id) == place:
            return one
    return None
