"""What the lake may see of customer groups: who is in which now; no names."""

from __future__ import annotations

from siyu.lake.mirror import MirrorTable

TABLES: tuple[MirrorTable, ...] = (
    MirrorTable(
        name="group_members",
        sql=(
            "SELECT id AS stay_id, group_id, customer_id FROM groups_stay"
            " WHERE left_at IS NULL AND customer_id IS NOT NULL"
        ),
        columns={"stay_id": "int", "group_id": "int", "customer_id": "int"},
        sources={"groups_stay": "id"},
        row_key="stay_id",
    ),
)
