"""What the lake shows of segments."""

from __future__ import annotations

from siyu.lake.mirror import MirrorTable

TABLES: tuple[MirrorTable, ...] = (
    MirrorTable(
        name="segment_memberships",
        sql="SELECT segment_id, customer_id, valid_from, valid_to, cause FROM segments_membership",
        columns={
            "segment_id": "int",
            "customer_id": "int",
            "valid_from": "time",
            "valid_to": "time",
            "cause": "text",
        },
        sources={"segments_membership": "customer_id"},
    ),
    MirrorTable(
        name="segment_lists",
        sql="SELECT list_id, customer_id FROM segments_listmember",
        columns={"list_id": "int", "customer_id": "int"},
        sources={"segments_listmember": "customer_id"},
    ),
)
