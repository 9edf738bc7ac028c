"""What belongs to a person follows the identity it came through.

Slices register their tables here (in `site/subscriptions.py`); each has the columns
`customer_id` and `identity_id`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from siyu.pool.rows import update_table
from siyu.pool.types import Move

OwnMove = Callable[[list[Move], datetime], None]
OWN_TABLES = (
    "pool_relation",
    "pool_customertag",
    "pool_trait",
    "pool_consent",
    "pool_stageentry",
)
_tables: dict[str, None] = dict.fromkeys(OWN_TABLES)
_callbacks: list[OwnMove] = []


def register(table: str) -> None:
    """Rows of `table` move with their identity. Registering twice is once."""
    if not re.fullmatch(r"[a-z_]+", table):
        raise ValueError(f"{table!r} is not a table name")
    _tables[table] = None


def on_move(callback: OwnMove) -> None:
    """Call back after identities moved, inside the same transaction."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def move_belongings(moves: Sequence[Move]) -> None:
    """Give every registered row of a moved identity its new customer."""
    rows = [(move.to_customer, move.identity_id) for move in moves]
    for table in _tables:
        update_table(table, ("customer_id",), "identity_id", rows, types=("bigint", "bigint"))


def tell(moves: list[Move], now: datetime) -> None:
    """Run the callbacks."""
    for callback in _callbacks:
        callback(moves, now)
