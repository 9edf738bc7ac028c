"""Whether a connection maps the database file into memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def unmapped() -> Iterator[None]:
    """For work that walks through the whole file: mapped, it would come to lie in memory.

    To be entered outside of a transaction. Does nothing on PostgreSQL.
    """
    if connection.vendor != "sqlite":
        yield
        return
    usual = _mapped()
    _map(0)
    try:
        yield
    finally:
        _map(usual)


def _mapped() -> int:
    with connection.cursor() as cursor:
        row = cursor.execute("PRAGMA mmap_size").fetchone()
    return int(row[0]) if row else 0


def _map(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA mmap_size = {size:d}")
