"""Events straight into the history, without the buffer: what an import of millions needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import connection, transaction

from siyu.lake import delta
from siyu.lake.compaction import remove_rows
from siyu.lake.engine import spare_engine
from siyu.lake.locks import exclusive
from siyu.lake.models import PendingEvent
from siyu.lake.parquet import write_events
from siyu.lake.views import history_source

Hashes = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int64]
_TOLD = ("identity_id", "last", "counted", "reached")
LOCK = "lake.writer"
REWRITER = "lake.rewriter"


def append_events(events: pa.Table, *, writer: str, version: int) -> int:
    """Add events to the history in one commit; how many rows were added.

    Columns: those of the history without event_id and month; occurred_at and received_at are
    times, message_hash int64, properties JSON text without personal data. A (writer, version)
    that is in the history already adds nothing, so an interrupted import may simply repeat its
    last call. Versions of a writer grow.
    """
    if not events.num_rows:
        return 0
    with exclusive(LOCK, wait=True):
        table = delta.writable_events()
        if (table.transaction_version(writer) or 0) >= version:
            return 0
        numbered = events.append_column("event_id", pa.array(_reserve(events.num_rows)))
        delta.commit_added(table, write_events(numbered), writer, version)
    return int(events.num_rows)


def appended_version(writer: str) -> int:
    """The last version of this writer that is in the history; 0 when none is."""
    table = delta.find_events()
    return (table.transaction_version(writer) or 0) if table else 0


def known_messages(hashes: Hashes, months: Sequence[str]) -> Hashes:
    """Which of these message hashes exist in these months, in the history or its buffer."""
    wanted = pa.table({"message_hash": hashes})
    found = [_buffered(hashes)]
    history = delta.find_events()
    with spare_engine() as engine:
        session = engine.connection
        source = history and history_source(session, history)
        if source:
            listed = ", ".join(f"'{month}'" for month in sorted(set(months)) if month.isascii())
            session.register("bulk_wanted", wanted)
            rows = session.execute(
                f"SELECT DISTINCT message_hash FROM {source} SEMI JOIN bulk_wanted"  # noqa: S608
                f" USING (message_hash) WHERE month IN ({listed})"
            ).fetchnumpy()
            session.unregister("bulk_wanted")
            found.append(np.asarray(rows["message_hash"], np.int64))
    return np.unique(np.concatenate(found))


@dataclass(frozen=True)
class Told:
    """Of whom the history tells, ascending. last: when last, ms.

    counted: how many of their events have one of the names asked for, up to a limit. reached: when
    the last of those was, ms; 0 where there is none.
    """

    identities: Ints
    last: Ints
    counted: Ints
    reached: Ints


def told_by(
    source: str, names: Sequence[str], most: int, *, since: datetime, after: int, rows: int
) -> Iterator[Told]:
    """What a source told that was received later than `since`, of identities above `after`.

    names, most: what to count, and how far. rows: identities at once.
    """
    history = delta.find_events()
    with spare_engine() as engine:
        place = history and history_source(engine.connection, history)
        if not place:
            return
        is_named = "FILTER (list_contains($names, name))"
        found = engine.connection.sql(
            "SELECT identity_id, epoch_ms(max(occurred_at)) AS last,"  # noqa: S608 - a list of files
            f" least(count(*) {is_named}, {int(most)}) AS counted,"
            f" coalesce(epoch_ms((min(occurred_at, {int(most)}) {is_named})[-1]), 0) AS reached"
            f" FROM {place} WHERE source = $source AND received_at > $since"
            " AND identity_id > $after GROUP BY 1 ORDER BY 1",
            params={"names": list(names), "source": source, "since": since, "after": after},
        )
        for batch in found.to_arrow_reader(rows):
            yield Told(*(batch[name].to_numpy() for name in _TOLD))


def remove_events(source: str, first_id: int, last_id: int, *, kept: Sequence[int] = ()) -> int:
    """Take the events of one source whose ids lie in a span out of the history and its buffer.

    kept: hashes of messages that stay. How many events went.
    """
    with exclusive(LOCK, wait=True):
        waiting = PendingEvent.objects.filter(source=source, id__range=(first_id, last_id))
        held = set(kept)
        rows = waiting.values_list("pk", "message_hash")
        gone = [pk for pk, message in rows.iterator(chunk_size=50_000) if message not in held]
        for start in range(0, len(gone), 5_000):
            PendingEvent.objects.filter(pk__in=gone[start : start + 5_000]).delete()
    with exclusive(REWRITER, wait=True):
        return len(gone) + remove_rows(source, int(first_id), int(last_id), kept=kept)


def message_hash(text: str) -> int:
    """What the history keeps of a message's source and id (`source`, newline, `id`)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _buffered(hashes: Hashes) -> Hashes:
    if not PendingEvent.objects.exists():
        return np.zeros(0, np.int64)
    rows = PendingEvent.objects.values_list("message_hash", flat=True)
    pending = np.fromiter(rows.iterator(chunk_size=50_000), np.int64)
    return np.intersect1d(pending, hashes)


def _reserve(count: int) -> npt.NDArray[np.int64]:
    """Event ids from the buffer's own sequence, never given out twice."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('lake_pendingevent', 'id'))"
                " FROM generate_series(1, %s)",
                [count],
            )
            return np.array([row[0] for row in cursor.fetchall()], np.int64)
        name = "lake_pendingevent"
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [name])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        if row is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [name])
        last = first + count - 1
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, name])
    return np.arange(first, last + 1, dtype=np.int64)
