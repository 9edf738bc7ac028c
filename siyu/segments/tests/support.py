"""A small world without the pool: customers, tags, identities and orders in tables of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import to_ms
from siyu.lake import actions as lake
from siyu.lake import mirror
from siyu.lake.mirror import MirrorTable
from siyu.lake.tables import TABLES
from siyu.ports.facts import Fact
from siyu.segments import actions as segments
from siyu.segments.lake_tables import TABLES as SEGMENT_TABLES

MIRRORED = (
    "customers",
    "identities",
    "tags",
    "relations",
    "orders",
    "touches",
    "consents",
    "custom_values",
    "segment_lists",
    "group_members",
)


@dataclass
class World:
    """Rows as the state store would hold them; `show` makes them the session's tables."""

    now: datetime
    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    identities: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    touches: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    custom_values: list[dict[str, Any]] = field(default_factory=list)
    segment_lists: list[dict[str, Any]] = field(default_factory=list)
    group_members: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def add_customer(self, customer_id: int, **values: Any) -> None:
        self.customers[customer_id] = {"customer_id": customer_id, **values}
        self.identities.append(
            {
                "identity_id": customer_id * 10,
                "customer_id": customer_id,
                "namespace": "anonymous_id",
                "is_quarantined": False,
            }
        )

    def add_tag(self, who: int, tag_id: int, group: str, origin: str, at: datetime) -> None:
        known = {(tag["customer_id"], tag["tag_id"]) for tag in self.tags}
        if (who, tag_id) not in known:
            self.tags.append(
                {
                    "customer_id": who,
                    "tag_id": tag_id,
                    "tag_group": group,
                    "tag_name": f"t{tag_id}",
                    "origin": origin,
                    "added_at": at,
                }
            )

    def add_identity(self, who: int, kind: int, *, is_quarantined: bool) -> None:
        self.identities.append(
            {
                "identity_id": who * 10 + kind,
                "customer_id": who,
                "namespace": "phone",
                "is_quarantined": is_quarantined,
            }
        )

    def say(self, who: int, channel: str, *, is_granted: bool) -> None:
        self.consents.append(
            {
                "customer_id": who,
                "channel": channel,
                "purpose": "marketing",
                "is_granted": is_granted,
            }
        )

    def add_touch(self, who: int, at: datetime, channel: str, state: str) -> None:
        self.touches.append(
            {
                "customer_id": who,
                "campaign": "journey:1",
                "channel": channel,
                "purpose": "marketing",
                "state": state,
                "planned_at": at,
            }
        )

    def add_custom(self, who: int, kind: int, at: datetime) -> None:
        """kind 10 to 13: city, size, vip, born; and with each a liking."""
        key = ("city", "size", "vip", "born")[kind - 10]
        values: Any = {
            "city": {"text": "buy"},
            "size": {"text": "2.5", "number": 2.5},
            "vip": {"text": "true", "number": 1.0},
            "born": {"text": at.date().isoformat(), "time": at},
        }[key]
        rows = [{"field": key, **values}, {"field": "likes", "text": "AB"[kind % 2]}]
        known = {(row["customer_id"], row["field"], row["text"]) for row in self.custom_values}
        held = {(row["customer_id"], row["field"]) for row in self.custom_values}
        for row in rows:
            is_double = (who, row["field"], row["text"]) in known
            if not is_double and (row["field"] == "likes" or (who, row["field"]) not in held):
                self.custom_values.append({"customer_id": who, **row})

    def add_order(
        self, customer_id: int, at: datetime, fen: int, status: str = "paid", **rest: Any
    ) -> None:
        net = 0 if status in {"cancelled", "refunded"} else fen
        lines = json.dumps(rest.pop("lines", []))
        self.orders.append(
            {
                "order_id": len(self.orders) + 1,
                "customer_id": customer_id,
                "placed_at": at,
                "amount_fen": fen,
                "net_fen": net,
                "status": status,
                "lines": lines,
                **rest,
            }
        )

    def add_event(self, customer_id: int, name: str, at: datetime, **properties: Any) -> Seen:
        """Buffer the event as the pipeline would; the fact as the stages saw it."""
        self.events.append(
            {"customer_id": customer_id, "name": name, "at": at, "properties": properties}
        )
        fact = Fact(
            name=name,
            at=to_ms(at),
            received_at=to_ms(self.now),
            source="shop",
            message_id=f"m{len(self.events)}",
            platform="web",
            properties=properties,
        )
        seen = Seen(fact, customer_id, customer_id * 10)
        lake.buffer(Batch([seen], self.now))
        return seen

    def merge(self, keep: int, gone: int) -> None:
        """Give everything of one customer to another, as the pool tells of it."""
        moves = [
            SimpleNamespace(identity_id=row["identity_id"], from_customer=gone, to_customer=keep)
            for row in self.identities
            if row["customer_id"] == gone
        ]
        for name in (*MIRRORED[1:], "events"):
            for row in getattr(self, name):
                if row["customer_id"] == gone:
                    row["customer_id"] = keep
        self.custom_values = _once(self.custom_values)
        del self.customers[gone]
        self.show()
        lake.on_customers_moved(moves, self.now)
        segments.on_customers_moved(moves, self.now)

    def show(self) -> None:
        """Register the rows; call again after changing them."""
        rows = {"customers": list(self.customers.values())}
        for name in MIRRORED:
            listed = rows.get(name) or getattr(self, name)
            if not isinstance(listed, list):
                listed = list(listed.values())
            mirror.register(_literal_table(name, listed))


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a field of a customer, as the pool settles it; every choice of several once."""
    kept: dict[Any, dict[str, Any]] = {}
    for row in rows:
        choice = row["text"] if row["field"] == "likes" else ""
        kept.setdefault((row["customer_id"], row["field"], choice), row)
    return list(kept.values())


@contextmanager
def showing(world: World) -> Iterator[World]:
    """Register the world's tables and forget them afterwards."""
    before = mirror.list_tables()
    for table in before:
        mirror.unregister(table.name)
    mirror.register(SEGMENT_TABLES[0])
    world.show()
    try:
        yield world
    finally:
        for table in mirror.list_tables():
            mirror.unregister(table.name)
        for table in before:
            mirror.register(table)


def _literal_table(name: str, rows: list[dict[str, Any]]) -> MirrorTable:
    columns = TABLES[name]
    selects = [
        "SELECT "
        + ", ".join(f"{_sql(row.get(key), kind)} AS {key}" for key, kind in columns.items())
        for row in rows
    ] or [
        "SELECT " + ", ".join(f"{_sql(None, k)} AS {c}" for c, k in columns.items()) + " WHERE 1=0"
    ]
    return MirrorTable(name=name, sql=" UNION ALL ".join(selects), columns=columns)


def _sql(value: Any, kind: str) -> str:
    from django.db import connection

    is_postgres = connection.vendor == "postgresql"
    cast = {"int": "bigint", "bool": "boolean", "time": "timestamptz", "float": "float8"}.get(
        kind, "text"
    )
    if value is None:
        return f"CAST(NULL AS {cast})" if is_postgres else "NULL"
    if kind == "time":
        text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
        return f"CAST('{text}+00' AS timestamptz)" if is_postgres else f"'{text}'"
    if kind == "bool":
        return ("true" if value else "false") if is_postgres else str(int(value))
    return str(value) if kind in {"int", "float"} else "'" + str(value).replace("'", "''") + "'"
