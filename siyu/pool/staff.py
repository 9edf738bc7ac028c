"""Customers counted by the staff they are friends with."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.pool.rows import fetch

_BY_STAFF = (
    "SELECT r.account, r.staff, COUNT(*), SUM(c.order_count), SUM(c.revenue_fen) FROM"
    " (SELECT DISTINCT account, staff, customer_id FROM pool_relation"
    " WHERE is_friend AND staff <> '') r"
    " JOIN pool_customer c ON c.id = r.customer_id WHERE NOT c.is_erased"
    " GROUP BY r.account, r.staff"
)


@dataclass(frozen=True)
class StaffCount:
    """Current friends of one member of staff, and what these customers ordered."""

    customers: int
    orders: int
    revenue_fen: int


def count_by_staff() -> dict[tuple[str, str], StaffCount]:
    """By (account, staff)."""
    return {
        (account, staff): StaffCount(int(customers), int(orders or 0), int(revenue or 0))
        for account, staff, customers, orders, revenue in fetch(_BY_STAFF)
    }
