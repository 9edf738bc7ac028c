"""Writes of the lake: take events in, move them to the history, keep it tidy, erase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import pyarrow.compute as pc
from django.db import connection, transaction

from siyu.core.failpoints import failpoint
from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.core.writing import insert_values
from siyu.kernel.clock import to_ms
from siyu.kernel.ids import new_id
from siyu.lake import delta
from siyu.lake.bulk import LOCK, REWRITER, append_events, message_hash, remove_events
from siyu.lake.changes import trim
from siyu.lake.compaction import KEEP_HOURS, erase_history, squash, tidy
from siyu.lake.locks import advisory_key, exclusive
from siyu.lake.models import Erasure, IdentityOwner, PendingEvent
from siyu.lake.parquet import write_events
from siyu.lake.privacy import encode_properties
from siyu.lake.snapshots import hurry, publish
from siyu.lake.state import Snapshot, open_snapshot
from siyu.lake.tables import PENDING, PENDING_SQL
from siyu.lake.writer import writer_id
from siyu.ports.facts import Fact

__all__ = [
    "append_events",
    "buffer",
    "compact",
    "erase",
    "flush",
    "on_customers_moved",
    "publish",
    "remove_events",
]

BUFFER = "lake.buffer"
FLUSH_ROWS = 100_000
FLUSH_SOON_ROWS = 5_000
FLUSH_AFTER_MS = 5_000
_COLUMNS = (
    "customer_id",
    "identity_id",
    "name",
    "occurred_ms",
    "received_ms",
    "source",
    "platform",
    "account",
    "staff",
    "message_hash",
    "properties",
)
_COPY = f"COPY lake_pendingevent ({', '.join(_COLUMNS)}) FROM STDIN"


class Moved(Protocol):
    """An identity that went to another customer (pool's `Move`)."""

    @property
    def identity_id(self) -> int: ...
    @property
    def to_customer(self) -> int: ...


def buffer(batch: Batch) -> None:
    """Keep the facts that have a customer for the history, without anything personal."""
    rows = [
        _row(seen.fact, seen.customer_id, seen.identity_id)
        for seen in batch.seen
        if seen.customer_id is not None
    ]
    if not rows:
        return
    if connection.vendor != "postgresql":
        insert_values("lake_pendingevent", _COLUMNS, rows)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [advisory_key(BUFFER)])
        with cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)


def flush(*, is_due: bool = False) -> bool:
    """Move buffered events to the history, exactly once; True when there may be more.

    is_due: at once, however few they are.

    The commit to the history names the last id it holds, so that after a kill between it and
    the deletion the rows are only deleted, never written again.
    """
    if not (is_due and PendingEvent.objects.exists()) and not _is_due():
        return False
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        table = delta.writable_events()
        writer = writer_id()
        flushed = delta.flushed_id(table, writer)
        forget(flushed)
        last = write_pending(table, writer, flushed)
        forget(last)
        return last > flushed


def forget(last_id: int) -> None:
    """Delete the buffered events up to an id that is safe in the history."""
    PendingEvent.objects.filter(id__lte=last_id).delete()


def compact(*, keep_hours: int = KEEP_HOURS) -> bool:
    """Erase who asked for it, merge files of one month, settle owners; one step a call.

    Only one process rewrites at a time, while another may append. keep_hours: how long readers
    may still need the files that were replaced.
    """
    with exclusive(REWRITER) as is_mine:
        if not is_mine:
            return False
        trim()
        return _carry_out_erasures() or tidy(keep_hours=keep_hours) or _squash()


def _squash() -> bool:
    """Owners are settled once no flush is under way that read the buffer before they moved."""
    if not IdentityOwner.objects.exists():
        return False
    return squash(settled=_let_flushes_end)


def _let_flushes_end() -> None:
    with exclusive(LOCK, wait=True):
        pass


def erase(identity_ids: Iterable[int]) -> None:
    """Remove every event of these identities: from sight at once, from the files soon.

    Inside a transaction the files wait for the next `compact`, so that a rollback undoes it all.
    """
    ids = sorted(set(identity_ids))
    now = runtime().clock.now()
    with transaction.atomic():
        rows = [Erasure(identity_id=identity_id, requested_at=now) for identity_id in ids]
        Erasure.objects.bulk_create(rows, ignore_conflicts=True)
        PendingEvent.objects.filter(identity_id__in=ids).delete()
        IdentityOwner.objects.filter(identity_id__in=ids).delete()
    if not connection.in_atomic_block:
        with exclusive(REWRITER, wait=True):
            _carry_out_erasures()


def on_customers_moved(moves: Sequence[Moved], now: datetime) -> None:
    """Give the past events of moved identities to the customer who owns them now."""
    owners = {move.identity_id: move.to_customer for move in moves}
    IdentityOwner.objects.bulk_create(
        [
            IdentityOwner(identity_id=key, customer_id=value, moved_at=now)
            for key, value in owners.items()
        ],
        update_conflicts=True,
        unique_fields=["identity_id"],
        update_fields=["customer_id", "moved_at"],
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE lake_pendingevent SET customer_id = %s WHERE identity_id = %s",
            [(customer_id, identity_id) for identity_id, customer_id in owners.items()],
        )


def _row(fact: Fact, customer_id: int, identity_id: int | None) -> tuple[Any, ...]:
    return (
        customer_id,
        identity_id,
        fact.name,
        fact.at,
        fact.received_at,
        fact.source,
        fact.platform,
        fact.account,
        fact.staff,
        message_hash(f"{fact.source}\n{fact.message_id}"),
        encode_properties(fact.properties),
    )


def _is_due() -> bool:
    """Whether enough rows wait, or one has waited long enough."""
    first = PendingEvent.objects.order_by("id").values_list("id", "received_ms").first()
    if first is None:
        return False
    last = PendingEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    waited = to_ms(runtime().clock.now()) - first[1]
    return last - first[0] >= FLUSH_SOON_ROWS or not 0 <= waited < FLUSH_AFTER_MS


def write_pending(table: Any, writer: str, flushed: int) -> int:
    """Commit the next rows to the history; the last id that is in it then."""
    last = _next_bound()
    with open_snapshot() as snapshot:
        rows = _pending(snapshot, last)
    if not rows.num_rows:
        return flushed
    last = int(pc.max(rows["event_id"]).as_py())
    added = write_events(rows)
    failpoint("lake.flush.files")
    delta.commit_added(table, added, writer, last)
    failpoint("lake.flush.committed")
    return last


def _pending(snapshot: Snapshot, last: int) -> Any:
    return snapshot.read(f"{PENDING_SQL} WHERE id <= {last} ORDER BY event_id", PENDING)


def _next_bound() -> int:
    """Ids may jump: an import of millions takes its own from the same sequence."""
    first = PendingEvent.objects.order_by("id").values_list("id", flat=True).first() or 0
    return min(_settled_id(), first + FLUSH_ROWS)


def _settled_id() -> int:
    """The largest id below which no transaction can still add a row.

    SQLite commits in order of ids. PostgreSQL does not, so buffering holds a shared lock until
    its commit, and taking it alone means that everybody has come to an end.
    """
    if connection.vendor == "postgresql":
        with exclusive(BUFFER, wait=True):
            return _last_id()
    return _last_id()


def _last_id() -> int:
    return PendingEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _carry_out_erasures() -> bool:
    """Nobody may write meanwhile, as all files out of the table are deleted, his new ones too."""
    ids = list(Erasure.objects.values_list("identity_id", flat=True)[:10_000])
    if not ids:
        return False
    with exclusive(LOCK, wait=True):
        erase_history(ids)
    hurry(new_id())
    Erasure.objects.filter(identity_id__in=ids).delete()
    return True
