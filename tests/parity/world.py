"""A small brand made by chance: rows for every documented table, events in a real history."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from siyu.core.pipeline import Batch, Seen
from siyu.core.runtime import runtime
from siyu.kernel.clock import to_ms
from siyu.lake import actions as lake
from siyu.lake import mirror
from siyu.lake.mirror import MirrorTable
from siyu.ports.facts import Fact

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
CUSTOMERS = 60
STATES = ("paid", "paid", "paid", "partly_refunded", "refunded", "cancelled")
NAMES = ("page_viewed", "product_viewed", "绑定", "order_completed")
VALUES = ("A", "AB", "", "10", "true", "%", "_", "o'u", "a\\b", 0, 1, 10, 2.5, -3, 1.0, True, None)
_CASTS = {"int": "bigint", "bool": "boolean", "time": "timestamptz", "float": "double precision"}


class Chance:
    """Rows of a brand; the same seed gives the same brand."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.who = range(1, CUSTOMERS + 1)

    def moment(self, days: int = 400) -> datetime:
        return NOW - timedelta(hours=self.random.randint(-3, days * 24), microseconds=7)

    def maybe(self, value: Any) -> Any:
        return None if self.random.random() < 0.2 else value

    def rows(self, name: str, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Rows for a documented table: known columns from this brand, others by their type."""
        count = CUSTOMERS if name == "customers" else CUSTOMERS * 3
        return [self._row(name, number, columns) for number in range(1, count + 1)]

    def _row(self, name: str, number: int, columns: Mapping[str, str]) -> dict[str, Any]:
        row = {column: self._cell(column, kind) for column, kind in columns.items()}
        row |= {key: number for key in ("order_id", "touch_id") if key in columns}
        if name == "customers":
            row["customer_id"] = number
            row["created_at"] = self.moment()
        if name == "identities":
            row["identity_id"] = number * 10
        if name == "orders":
            row |= self._order()
        return row

    def _order(self) -> dict[str, Any]:
        fen = self.random.randint(-50, 30_000)
        status = self.random.choice(STATES)
        net = 0 if status in {"refunded", "cancelled"} else fen
        return {
            "customer_id": self.maybe(self.random.choice(self.who)),
            "placed_at": self.moment(),
            "amount_fen": fen,
            "net_fen": net,
            "status": status,
        }

    def _cell(self, column: str, kind: str) -> Any:
        if column == "customer_id":
            return self.random.choice(self.who)
        known = _CHOICES.get(column)
        if known is not None:
            return self.random.choice(known)
        made: dict[str, Any] = {
            "int": self.random.randint(0, 5),
            "float": self.random.choice([0.0, 1.5, -2.0]),
            "bool": self.random.random() < 0.5,
            "time": self.moment(),
        }
        return self.maybe(made.get(kind, self.random.choice(["", "A", "o'u", "a\\b", "码"])))

    def events(self, count: int) -> Iterator[Seen]:
        """Facts with properties of every type."""
        for number in range(count):
            who = self.random.choice(self.who)
            at = self.moment(90)
            yield Seen(
                Fact(
                    name=self.random.choice(NAMES),
                    at=to_ms(at),
                    received_at=to_ms(NOW),
                    source="shop",
                    message_id=f"m{number}",
                    platform="web",
                    properties={
                        key: self.random.choice(VALUES)
                        for key in ("p", "q r")
                        if self.random.random() < 0.8
                    },
                ),
                who,
                who * 10,
            )


_CHOICES: dict[str, tuple[Any, ...]] = {
    "stage": ("attract", "delight", "spread", "buy", "loyal"),
    "first_platform": ("wecom", "douyin", "", None),
    "platforms": ("wecom", "web,wecom", "wecomx", "", None),
    "platform": ("wecom", "douyin", "web"),
    "owner_staff": ("u1", "o'u", "", None),
    "namespace": ("phone", "anonymous_id", "wx_unionid"),
    "currency": ("CNY", "CNY", "CNY", "USD"),
    "state": ("delivered", "failed", "planned"),
    "purpose": ("marketing", "service"),
    "tag_id": (1, 2, 3),
    "list_id": (1, 2),
}


@contextmanager
def showing(tables: Mapping[str, Mapping[str, str]], seed: int = 7) -> Iterator[None]:
    """Register the brand's tables and buffer, flush and buffer again its events."""
    chance = Chance(seed)
    before = mirror.list_tables()
    for name, columns in tables.items():
        mirror.register(literal_table(name, columns, chance.rows(name, columns)))
    try:
        for count in (200, 200, 100):
            lake.buffer(Batch(list(chance.events(count)), runtime().clock.now()))
            if count > 100:
                _flush()
        yield
    finally:
        for table in mirror.list_tables():
            mirror.unregister(table.name)
        for table in before:
            mirror.register(table)


def _flush() -> None:
    clock: Any = runtime().clock
    clock.advance(seconds=60)
    while lake.flush():
        pass


def literal_table(name: str, columns: Mapping[str, str], rows: list[dict[str, Any]]) -> MirrorTable:
    """A table of the state that is nothing but these rows."""
    names = ", ".join(f'column{place} AS "{key}"' for place, key in enumerate(columns, start=1))
    cells = ", ".join(
        "(" + ", ".join(_sql(row.get(key), kind) for key, kind in columns.items()) + ")"
        for row in rows
    )
    return MirrorTable(
        name=name, sql=f"SELECT {names} FROM (VALUES {cells}) AS given", columns=columns
    )


def _sql(value: Any, kind: str) -> str:
    is_postgres = connection.vendor == "postgresql"
    if value is None:
        text = "NULL"
    elif kind == "time":
        text = f"'{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{'+00' if is_postgres else ''}'"
    elif kind == "bool":
        text = str(value).lower() if is_postgres else str(int(value))
    elif kind in {"int", "float"}:
        text = str(value)
    else:
        text = "'" + str(value).replace("'", "''") + "'"
    return f"CAST({text} AS {_CASTS.get(kind, 'text')})" if is_postgres else text
