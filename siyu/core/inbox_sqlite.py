"""The inbox in a SQLite file of its own, so that web and worker never wait for each other."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import structlog
from django.db import connection as django_connection

from siyu.core.inbox import (
    BODY_BYTES,
    KEY_BYTES,
    Chunk,
    Entry,
    InboxUnavailable,
    Outcome,
    pack,
    sort_out,
)
from siyu.core.models import IntakeState

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunk(
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, source TEXT NOT NULL,
    received_at INTEGER NOT NULL, count INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen(
    key BLOB PRIMARY KEY, body BLOB NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID;
"""
_FIND = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
SELECT seen.key, seen.body FROM n CROSS JOIN seen ON seen.key = substr(:keys, i * 16 + 1, 16)
"""
_REMEMBER = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
INSERT INTO seen SELECT substr(:keys, i * 16 + 1, 16), substr(:bodies, i * 8 + 1, 8), :day FROM n
"""
_STORE = "INSERT INTO chunk(kind, source, received_at, count, payload) VALUES (?, ?, ?, ?, ?)"
_NO_BODY = b"\0" * BODY_BYTES
_DAY_MS = 86_400_000
RECENT_NS = 50_000_000
TRUST_SECONDS = 1.0

log = structlog.get_logger()


class SqliteStore:
    """`inbox.db`: chunks in order of arrival and the message ids seen.

    Statements work on whole groups, so that the interpreter is not handed over per row. The
    worker's position lives in the state database and moves in its transaction.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._readers = threading.local()
        self._trimmed = 0

    def commit(self, entries: Sequence[Entry]) -> list[Outcome]:
        """One transaction, flushed to disk; InboxUnavailable when any part of it failed."""
        with self._lock:
            try:
                connection = self._open_writer()
                connection.execute("BEGIN IMMEDIATE")
                outcomes = self._write(connection, entries)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                log.exception("inbox.sqlite")
                self._drop_writer()
                raise InboxUnavailable from error
            return outcomes

    def take(self, limit: int) -> list[Chunk]:
        position = self._position()
        chunks: list[Chunk] = []
        count = 0
        rows = self._reader().execute(
            "SELECT id, kind, source, received_at, count, payload FROM chunk WHERE id > ? "
            "ORDER BY id",
            (position,),
        )
        for row in rows:
            chunks.append(Chunk(*row))
            count += row[4]
            if count >= limit:
                break
        rows.close()
        return chunks

    def done(self, chunks: Sequence[Chunk]) -> None:
        """Move the position; only the one who saw the old position may."""
        last = max((chunk.id for chunk in chunks), default=0)
        IntakeState.objects.filter(pk=1, position__lt=last).update(position=last)

    def has_pending(self) -> bool:
        """Whether `take` would find something; cheap while the log looks as at the last no.

        A file system with coarse times may hide a commit, so such a no is trusted for a second.
        """
        stamp, now = self._stamp(), time.monotonic()
        quiet, until = getattr(self._readers, "quiet", (None, 0.0))
        if quiet is not None and stamp == quiet and now < until:
            return False
        row = self._reader().execute("SELECT max(id) FROM chunk").fetchone()
        is_pending = row[0] is not None and row[0] > self._position()
        self._readers.quiet = (None if is_pending else stamp, now + TRUST_SECONDS)
        return is_pending

    def _stamp(self) -> tuple[int, int] | None:
        """The log's time and size, other after every commit; None while that may be unsure.

        A file's time moves in steps of a few milliseconds, so a recent one may come again.
        """
        try:
            found = self._log.stat()
        except OSError:
            return None
        is_recent = time.time_ns() - found.st_mtime_ns < RECENT_NS
        return None if is_recent else (found.st_mtime_ns, found.st_size)

    def count_pending(self) -> tuple[int, int]:
        """Chunks and items that wait."""
        if not self.has_pending():
            return 0, 0
        found = self._reader().execute(
            "SELECT count(*), coalesce(sum(count), 0) FROM chunk WHERE id > ?", (self._position(),)
        )
        chunks, items = found.fetchone()
        return chunks, items

    def trim(self, oldest_day: int) -> bool:
        """Delete a slice of finished chunks and of old message ids."""
        position = self._position()
        with self._lock:
            connection = self._open_writer()
            low = bytes([self._trimmed])
            self._trimmed = (self._trimmed + 1) % 256
            high = bytes([self._trimmed]) if self._trimmed else b"\xff" * (KEY_BYTES + 1)
            gone = connection.execute(
                "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE id <= ? LIMIT 500)",
                (position,),
            ).rowcount
            connection.execute(
                "DELETE FROM seen WHERE key >= ? AND key < ? AND day < ?", (low, high, oldest_day)
            )
        return gone > 0

    def close(self) -> None:
        with self._lock:
            self._drop_writer()
        reader = getattr(self._readers, "connection", None)
        if reader is not None:
            reader.close()
            self._readers.connection = None
            self._readers.quiet = (None, 0.0)

    def _write(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Outcome]:
        keys = list(chain.from_iterable(entry.keys for entry in entries))
        known = _find(connection, keys)
        day = entries[0].received_at // _DAY_MS
        if not known and len(set(keys)) == len(keys):
            bodies = list(chain.from_iterable(entry.bodies for entry in entries))
            fresh = list(zip(keys, bodies, strict=True))
            outcomes = [Outcome(accepted=len(entry.keys)) for entry in entries]
            stored: list[tuple[Entry, Sequence[bytes]]] = [
                (entry, entry.items) for entry in entries
            ]
        else:
            outcomes, fresh, stored = sort_out(entries, known)
        _remember(connection, fresh, day)
        connection.executemany(
            _STORE,
            [
                (entry.kind, entry.source, entry.received_at, len(items), pack(items))
                for entry, items in stored
                if items
            ],
        )
        return outcomes

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            connection = sqlite3.connect(
                self._path, timeout=10, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-65536")
            connection.execute("PRAGMA wal_autocheckpoint=4000")
            connection.executescript(_SCHEMA)
            self._writer = connection
        return self._writer

    def _drop_writer(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            with self._lock:
                self._open_writer()
            connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
            self._readers.connection = connection
        return connection

    def _position(self) -> int:
        with django_connection.cursor() as cursor:
            cursor.execute("SELECT position FROM core_intakestate WHERE id = 1")
            row = cursor.fetchone()
        return int(row[0]) if row else 0


def _find(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    if not keys:
        return {}
    found = connection.execute(_FIND, {"count": len(keys), "keys": b"".join(keys)})
    return dict(found.fetchall())


def _remember(
    connection: sqlite3.Connection, fresh: Sequence[tuple[bytes, bytes]], day: int
) -> None:
    if not fresh:
        return
    ordered = sorted(fresh)
    values = {
        "count": len(ordered),
        "keys": b"".join(key for key, _ in ordered),
        "bodies": b"".join(body or _NO_BODY for _, body in ordered),
        "day": day,
    }
    connection.execute(_REMEMBER, values)
