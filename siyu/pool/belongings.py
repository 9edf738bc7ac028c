"""What belongs to a person follows the identity it came through.

Slices register their tables here (in `site/subscriptions.py`); each has the columns
`customer_id` and `identity_id`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from siyu.pool import tag_states
from siyu.pool.fields import current
from siyu.pool.rows import update_table
from siyu.pool.types import Move

OnErase = Callable[[list[int]], object]
OnChange = Callable[[set[int], datetime], object]
OnMove = Callable[[list[Move], datetime], None]


class OnBulk(Protocol):
    """Hears of a change to so many customers that nobody is named."""

    def __call__(self, *, is_over: bool) -> object: ...


OWN_TABLES = (
    "pool_relation",
    "pool_customertag",
    "pool_trait",
    "pool_observation",
    "pool_consent",
    "pool_stageentry",
    "pool_ownership",
    "pool_ownershipchange",
)
_tables: dict[str, None] = dict.fromkeys(OWN_TABLES)
_callbacks: list[OnMove] = [current.on_customers_moved, tag_states.on_customers_moved]
_erasers: list[OnErase] = []
_watchers: list[OnChange] = []
_bulk_watchers: list[OnBulk] = []


def register(table: str) -> None:
    """Rows of `table` move with their identity. Registering twice is once."""
    if not re.fullmatch(r"[a-z_]+", table):
        raise ValueError(f"{table!r} is not a table name")
    _tables[table] = None


def registered() -> tuple[str, ...]:
    """The tables whose rows follow their identity."""
    return tuple(_tables)


def on_move(callback: OnMove) -> None:
    """Call back after identities moved, inside the same transaction."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def move_belongings(moves: Sequence[Move]) -> None:
    """Give every registered row of a moved identity its new customer."""
    rows = [(move.to_customer, move.identity_id) for move in moves]
    for table in _tables:
        update_table(table, ("customer_id",), "identity_id", rows, types=("bigint", "bigint"))


def tell(moves: list[Move], now: datetime) -> None:
    """Run the callbacks of moves."""
    for callback in _callbacks:
        callback(moves, now)


def on_erase(callback: OnErase) -> None:
    """Call back with the identity ids of an erased person, inside the same transaction."""
    if callback not in _erasers:
        _erasers.append(callback)


def tell_erased(identity_ids: list[int]) -> None:
    """Run the callbacks of erasure."""
    for callback in _erasers:
        callback(identity_ids)


def on_change(callback: OnChange) -> None:
    """Call back with customers that a person changed in the console, in the same transaction."""
    if callback not in _watchers:
        _watchers.append(callback)


def on_bulk(callback: OnBulk) -> None:
    """Call back when so many customers changed that nobody is named, in the same transaction."""
    if callback not in _bulk_watchers:
        _bulk_watchers.append(callback)


def tell_bulk(*, is_over: bool) -> None:
    """Run the callbacks of bulk changes. is_over: it was the last of them."""
    for callback in _bulk_watchers:
        callback(is_over=is_over)


def tell_changed(customer_ids: set[int], now: datetime) -> None:
    """Run the callbacks of changes by hand."""
    for callback in _watchers:
        callback(customer_ids, now)
