"""Orders counted by the member of staff to whom their customers belong."""

from __future__ import annotations

from datetime import datetime

from siyu.pool.ownership import OWNED
from siyu.pool.rows import fetch, stamp

_BY_OWNER = (
    "SELECT own.account, own.staff, COUNT(*), COUNT(DISTINCT o.customer_id), SUM(o.net_fen)"  # noqa: S608
    f" FROM commerce_order o JOIN {OWNED} own ON own.customer_id = o.customer_id"
    " WHERE o.placed_at >= %s AND o.placed_at < %s AND o.amount_fen > 0"
    " GROUP BY own.account, own.staff"
)


def count_orders_by_owner(
    start: datetime, end: datetime
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(account, staff) → orders, buyers, fen after refunds, of orders placed in [start, end)."""
    return {
        (account, staff): (int(orders), int(buyers), int(fen or 0))
        for account, staff, orders, buyers, fen in fetch(_BY_OWNER, stamp(start), stamp(end))
    }
