"""What the lake shows of the pool: no names, values only as keyed hashes.

Plain mappings, because pool and lake do not know each other; `site` registers them.
"""

from __future__ import annotations

from typing import Any

_STAGE = (
    "CASE stage WHEN 1 THEN 'attract' WHEN 2 THEN 'delight' WHEN 3 THEN 'spread'"
    " WHEN 4 THEN 'buy' WHEN 5 THEN 'loyal' ELSE '' END"
)

TABLES: tuple[dict[str, Any], ...] = (
    {
        "name": "customers",
        "sources": {"pool_customer": "id", "pool_relation": "customer_id"},
        "sql": (
            "SELECT id AS customer_id, {stage} AS stage, first_source,"
            " first_platform, platforms, owner_staff, is_reachable, order_count, refund_count,"
            " revenue_fen, first_order_at, last_order_at, created_at, last_seen_at,"
            " is_erased, (SELECT CASE WHEN SUM(CASE WHEN r.is_friend THEN 1 ELSE 0 END) > 0"
            " THEN NULL ELSE MAX(r.lost_at) END"
            " FROM pool_relation r WHERE r.customer_id = pool_customer.id) AS lost_at"
            " FROM pool_customer WHERE NOT is_erased"
        ).replace("{stage}", _STAGE),
        "columns": {
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
            "is_erased": "bool",
            "lost_at": "time",
        },
    },
    {
        "name": "identities",
        "sources": {"pool_identity": "id"},
        "row_key": "identity_id",
        "sql": (
            "SELECT id AS identity_id, customer_id, namespace, scope, value AS value_hash,"
            " strength, is_quarantined, source, first_seen_at FROM pool_identity"
        ),
        "columns": {
            "identity_id": "int",
            "customer_id": "int",
            "namespace": "text",
            "scope": "text",
            "value_hash": "hash",
            "strength": "text",
            "is_quarantined": "bool",
            "source": "text",
            "first_seen_at": "time",
        },
    },
    {
        "name": "tags",
        "sources": {"pool_customertag": "customer_id"},
        "wholes": ("pool_tag", "pool_taggroup"),
        "sql": (
            "SELECT c.customer_id, c.tag_id, g.name AS tag_group, t.name AS tag_name,"
            " MIN(c.origin) AS origin, MIN(c.at) AS added_at FROM pool_customertag c"
            " JOIN pool_tag t ON t.id = c.tag_id JOIN pool_taggroup g ON g.id = t.group_id"
            " WHERE c.is_active GROUP BY c.customer_id, c.tag_id, g.name, t.name"
        ),
        "columns": {
            "customer_id": "int",
            "tag_id": "int",
            "tag_group": "text",
            "tag_name": "text",
            "origin": "text",
            "added_at": "time",
        },
    },
    {
        "name": "relations",
        "sources": {"pool_relation": "customer_id"},
        "sql": (
            "SELECT customer_id, identity_id, platform, account, staff, is_friend, is_friend AND"
            " NOT EXISTS (SELECT 1 FROM pool_absentstaff a WHERE a.account = pool_relation.account"
            " AND a.staff = pool_relation.staff) AS is_served,"
            " COALESCE(added_at, synced_at) AS added_at, lost_at FROM pool_relation"
            " WHERE COALESCE(added_at, synced_at, lost_at) IS NOT NULL"
        ),
        "columns": {
            "customer_id": "int",
            "identity_id": "int",
            "platform": "text",
            "account": "text",
            "staff": "text",
            "is_friend": "bool",
            "is_served": "bool",
            "added_at": "time",
            "lost_at": "time",
        },
    },
    {
        "name": "stage_entries",
        "sources": {"pool_stageentry": "customer_id"},
        "sql": (
            "SELECT customer_id, {stage} AS stage, MIN(at) AS at"
            " FROM pool_stageentry GROUP BY customer_id, stage"
        ).replace("{stage}", _STAGE),
        "columns": {"customer_id": "int", "stage": "text", "at": "time"},
    },
    {
        "name": "custom_values",
        "sources": {"pool_fieldvalue": "customer_id"},
        "wholes": ("pool_customfield",),
        "sql": (
            "SELECT v.customer_id, f.key AS field, v.text, v.number, v.time, v.at AS set_at"
            " FROM pool_fieldvalue v JOIN pool_customfield f ON f.id = v.field_id"
            " WHERE NOT f.is_personal AND NOT f.is_archived"
        ),
        "columns": {
            "customer_id": "int",
            "field": "text",
            "text": "text",
            "number": "float",
            "time": "time",
            "set_at": "time",
        },
    },
    {
        "name": "consents",
        "sources": {"pool_consent": "customer_id"},
        "sql": (
            "SELECT customer_id, channel, purpose,"
            " MIN(CASE WHEN is_granted THEN 1 ELSE 0 END) = 1 AS is_granted, MAX(at) AS changed_at"
            " FROM pool_consent GROUP BY customer_id, channel, purpose"
        ),
        "columns": {
            "customer_id": "int",
            "channel": "text",
            "purpose": "text",
            "is_granted": "bool",
            "changed_at": "time",
        },
    },
    {
        "name": "customer_aliases",
        "sources": {"pool_customeralias": "old_id"},
        "row_key": "old_id",
        "sql": "SELECT old_id, new_id FROM pool_customeralias",
        "columns": {"old_id": "int", "new_id": "int"},
        "key": "",
    },
)
