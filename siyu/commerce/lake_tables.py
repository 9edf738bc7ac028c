"""What the history's session sees of orders; nothing personal."""

from __future__ import annotations

from siyu.lake.mirror import MirrorTable

TABLES: tuple[MirrorTable, ...] = (
    MirrorTable(
        name="orders",
        sql=(
            "SELECT id AS order_id, order_no, source, platform, customer_id, placed_at, "
            "amount_fen, refund_fen, net_fen, currency, item_count, status, country, shop, "
            "lines "
            "FROM commerce_order"
        ),
        columns={
            "order_id": "int",
            "order_no": "text",
            "source": "text",
            "platform": "text",
            "customer_id": "int",
            "placed_at": "time",
            "amount_fen": "int",
            "refund_fen": "int",
            "net_fen": "int",
            "currency": "text",
            "item_count": "int",
            "status": "text",
            "country": "text",
            "shop": "text",
            "lines": "json",
        },
        key="customer_id",
        sources={"commerce_order": "id"},
        row_key="order_id",
    ),
)
