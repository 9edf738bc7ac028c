"""The inbox on PostgreSQL: many web processes append, many workers take with SKIP LOCKED."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Sum

from siyu.core.inbox import Chunk, Entry, InboxUnavailable, Outcome, pack, sort_out
from siyu.core.models import InboxChunk, InboxKey

_DAY_MS = 86_400_000
_REMEMBER = """
INSERT INTO core_inboxkey (key, body, day)
SELECT key, body, %s FROM unnest(%s::bytea[], %s::bytea[]) AS new(key, body)
ON CONFLICT (key) DO NOTHING RETURNING key
"""
_STORE = """
INSERT INTO core_inboxchunk (kind, source, received_at, count, payload)
VALUES (%s, %s, %s, %s, %s)
"""
_TAKE = """
SELECT id, kind, source, received_at, count, payload FROM core_inboxchunk
WHERE id > %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_FORGET = """
DELETE FROM core_inboxkey WHERE key IN (
    SELECT key FROM core_inboxkey WHERE day < %s LIMIT 5000 FOR UPDATE SKIP LOCKED)
"""
_FIRST_CHUNKS = 50

log = structlog.get_logger()


class PostgresStore:
    """Tables `core_inboxchunk` and `core_inboxkey` of the state database."""

    def commit(self, entries: Sequence[Entry]) -> list[Outcome]:
        """One durable transaction; part of the caller's, if it is inside one."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = on")
                known = _remember(entries)
                outcomes, fresh, stored = sort_out(entries, known)
                _insert_keys(fresh, entries[0].received_at // _DAY_MS)
                rows = [
                    (entry.kind, entry.source, entry.received_at, len(items), pack(items))
                    for entry, items in stored
                    if items
                ]
                if rows:
                    cursor.executemany(_STORE, rows)
        except DatabaseError as error:
            log.exception("inbox.postgres")
            if not connection.in_atomic_block:
                connection.close()
            raise InboxUnavailable from error
        return outcomes

    def take(self, limit: int) -> list[Chunk]:
        chunks: list[Chunk] = []
        items, size, last = 0, _FIRST_CHUNKS, 0
        with connection.cursor() as cursor:
            while items < limit:
                cursor.execute(_TAKE, (last, size))
                rows = cursor.fetchall()
                chunks.extend(
                    Chunk(row[0], row[1], row[2], row[3], row[4], bytes(row[5])) for row in rows
                )
                items += sum(row[4] for row in rows)
                if len(rows) < size:
                    break
                last, size = rows[-1][0], size * 2
        return chunks

    def done(self, chunks: Sequence[Chunk]) -> None:
        InboxChunk.objects.filter(pk__in=[chunk.id for chunk in chunks]).delete()

    def has_pending(self) -> bool:
        return InboxChunk.objects.exists()

    def count_pending(self) -> tuple[int, int]:
        found = InboxChunk.objects.aggregate(chunks=Count("id"), items=Sum("count"))
        return found["chunks"], found["items"] or 0

    def trim(self, oldest_day: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, (oldest_day,))
            return bool(cursor.rowcount)

    def close(self) -> None:
        if not connection.in_atomic_block:
            connection.close()


def _remember(entries: Sequence[Entry]) -> dict[bytes, bytes]:
    """Insert the keys; the body hashes of those that were there already."""
    wanted: dict[bytes, bytes] = {}
    for entry in entries:
        for key, body in zip(entry.keys, entry.bodies, strict=True):
            wanted.setdefault(key, body)
    inserted = _insert_keys(list(wanted.items()), entries[0].received_at // _DAY_MS)
    missing = [key for key in wanted if key not in inserted]
    if not missing:
        return {}
    rows = InboxKey.objects.filter(key__in=missing).values_list("key", "body")
    return {bytes(key): bytes(body) for key, body in rows}


def _insert_keys(pairs: Sequence[tuple[bytes, bytes]], day: int) -> set[bytes]:
    """Insert in key order, so that two writers cannot wait for each other."""
    if not pairs:
        return set()
    ordered = sorted(pairs)
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, (day, [key for key, _ in ordered], [body for _, body in ordered]))
        return {bytes(row[0]) for row in cursor.fetchall()}
