"""The tables every session shows, documented in docs/lake.md. A slice may add columns."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS: Mapping[str, str] = {
    "event_id": "int",
    "customer_id": "int",
    "identity_id": "int",
    "name": "text",
    "occurred_at": "time",
    "received_at": "time",
    "source": "text",
    "platform": "text",
    "account": "text",
    "staff": "text",
    "properties": "json",
    "month": "text",
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "customer_id": "int",
        "stage": "text",
        "first_source": "text",
        "first_platform": "text",
        "platforms": "text",
        "owner_staff": "text",
        "is_reachable": "bool",
        "order_count": "int",
        "refund_count": "int",
        "revenue_fen": "int",
        "first_order_at": "time",
        "last_order_at": "time",
        "created_at": "time",
        "last_seen_at": "time",
    },
    "identities": {
        "identity_id": "int",
        "customer_id": "int",
        "namespace": "text",
        "scope": "text",
        "value_hash": "text",
        "strength": "text",
        "is_quarantined": "bool",
        "source": "text",
        "first_seen_at": "time",
    },
    "tags": {
        "customer_id": "int",
        "tag_id": "int",
        "tag_group": "text",
        "tag_name": "text",
        "origin": "text",
        "added_at": "time",
    },
    "relations": {
        "customer_id": "int",
        "identity_id": "int",
        "platform": "text",
        "account": "text",
        "staff": "text",
        "is_friend": "bool",
        "added_at": "time",
        "lost_at": "time",
    },
    "stage_entries": {"customer_id": "int", "stage": "text", "at": "time"},
    "orders": {
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
    "touches": {
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
    "segment_memberships": {
        "segment_id": "int",
        "customer_id": "int",
        "valid_from": "time",
        "valid_to": "time",
        "cause": "text",
    },
    "group_members": {"stay_id": "int", "group_id": "int", "customer_id": "int"},
    "segment_lists": {"list_id": "int", "customer_id": "int"},
    "consents": {
        "customer_id": "int",
        "channel": "text",
        "purpose": "text",
        "is_granted": "bool",
        "changed_at": "time",
    },
    "custom_values": {
        "customer_id": "int",
        "field": "text",
        "text": "text",
        "number": "float",
        "time": "time",
        "set_at": "time",
    },
}
PENDING: Mapping[str, str] = {
    "event_id": "int",
    "customer_id": "int",
    "identity_id": "int",
    "name": "text",
    "occurred_at": "ms",
    "received_at": "ms",
    "source": "text",
    "platform": "text",
    "account": "text",
    "staff": "text",
    "message_hash": "int",
    "properties": "json",
}
PENDING_SQL = (
    "SELECT id AS event_id, customer_id, identity_id, name, occurred_ms AS occurred_at, "
    "received_ms AS received_at, source, platform, account, staff, message_hash, properties "
    "FROM lake_pendingevent"
)
OWNERS: Mapping[str, str] = {"identity_id": "int", "customer_id": "int"}
OWNERS_SQL = "SELECT identity_id, customer_id FROM lake_identityowner"
