"""A small world without the pool: customers, tags, identities and orders in tables of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import to_ms
from siyu.lake import actions as lake
from siyu.lake import mirror
from siyu.lake.mirror import MirrorTable
from siyu.lake.tables import TABLES
from siyu.ports.facts import Fact
from siyu.segments.lake_tables import TABLES as SEGMENT_TABLES

MIRRORED = ("customers", "identities", "tags", "relations", "orders")


@dataclass
class World:
    """Rows as the state store would hold them; `show` makes them the session's tables."""

    now: datetime
    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    identities: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
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

    def add_order(self, customer_id: int, at: datetime, fen: int, status: str = "paid") -> None:
        net = 0 if status in {"cancelled", "refunded"} else fen
        self.orders.append(
            {"customer_id": customer_id, "placed_at": at, "net_fen": net, "status": status}
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

    def show(self) -> None:
        """Register the rows; call again after changing them."""
        rows = {"customers": list(self.customers.values())}
        for name in MIRRORED:
            listed = rows.get(name) or getattr(self, name)
            if not isinstance(listed, list):
                listed = list(listed.values())
            mirror.register(_literal_table(name, listed))


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
    cast = {"int": "bigint", "bool": "boolean", "time": "timestamptz"}.get(kind, "text")
    if value is None:
        return f"CAST(NULL AS {cast})" if is_postgres else "NULL"
    if kind == "time":
        text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
        return f"CAST('{text}+00' AS timestamptz)" if is_postgres else f"'{text}'"
    if kind == "bool":
        return ("true" if value else "false") if is_postgres else str(int(value))
    return str(value) if kind == "int" else "'" + str(value).replace("'", "''") + "'"
