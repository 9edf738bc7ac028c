"""What the lake may see of the ledger: no text, no address, no name."""

from __future__ import annotations

from siyu.lake.mirror import MirrorTable

TABLES: tuple[MirrorTable, ...] = (
    MirrorTable(
        name="touches",
        sql=(
            "SELECT id AS touch_id, customer_id, campaign, version, step,"
            " CASE WHEN channel = '' THEN channel_kind ELSE channel END AS channel,"
            " purpose, state, reason, planned_at, handed_at, done_at FROM reach_touch"
            " WHERE customer_id > 0"
        ),
        columns={
            "touch_id": "int",
            "customer_id": "int",
            "campaign": "text",
            "version": "int",
            "step": "text",
            "channel": "text",
            "purpose": "text",
            "state": "text",
            "reason": "text",
            "planned_at": "time",
            "handed_at": "time",
            "done_at": "time",
        },
        key="customer_id",
        sources={"reach_touch": "id"},
        row_key="touch_id",
    ),
)
