"""Reads of the lake that need no SQL of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import duckdb
import msgspec
from deltalake import DeltaTable
from django.db.models import Q

from siyu.core.access import Actor, require
from siyu.kernel.clock import from_ms, to_ms
from siyu.kernel.errors import NotFound
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.lake.bulk import appended_version, known_messages
from siyu.lake.delta import DataFile, find_events, flushed_id, list_files
from siyu.lake.engine import spare_engine
from siyu.lake.models import Erasure, PendingEvent
from siyu.lake.types import EventRow
from siyu.lake.views import history_source
from siyu.lake.writer import writer_id

__all__ = [
    "appended_version",
    "known_messages",
    "list_timeline",
    "set_identity_lookup",
    "timeline",
]

IdentityLookup = Callable[[Actor, int], Iterable[int]]
_FIELDS = (
    "id",
    "name",
    "occurred_ms",
    "source",
    "platform",
    "account",
    "staff",
    "properties",
)
_SELECT = (
    "SELECT event_id, name, epoch_ms(occurred_at), source, platform, account, staff, properties"
)
FIRST_FILES = 8
_LATEST = datetime.max.replace(tzinfo=UTC)
_lookup: list[IdentityLookup] = []


def set_identity_lookup(lookup: IdentityLookup) -> None:
    """Tell how to find a customer's identities; it raises NotFound for an invisible customer."""
    _lookup[:] = [lookup]


def list_timeline(
    actor: Actor, customer_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[EventRow]:
    """A page of what a customer did, newest first; NotFound when the actor may not see them."""
    require(actor, "customer:read")
    if not _lookup:
        raise NotFound("customer.unknown", "没有这位客户")
    identity_ids = list(_lookup[0](actor, customer_id))
    limit = max(1, min(limit, MAX_LIMIT))
    rows = timeline(identity_ids, before=cursor, limit=limit + 1)
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    return Page(rows[:limit], encode_cursor(to_ms(last.at), last.id))


def timeline(
    identity_ids: Iterable[int], *, before: str | None = None, limit: int = 50
) -> list[EventRow]:
    """The events of these identities, newest first, from the buffer and the history.

    before: the cursor of the last row seen; only older rows are returned.
    """
    bound = tuple(decode_cursor(before, int, int)) if before else None
    wanted = sorted(set(identity_ids))
    erased = set(Erasure.objects.filter(identity_id__in=wanted).values_list(flat=True))
    wanted = [identity_id for identity_id in wanted if identity_id not in erased]
    if not wanted:
        return []
    rows = _buffered(wanted, bound, limit)
    stored, flushed = _stored(wanted, bound, limit)
    rows = [row for row in rows if row[0] > flushed] + stored
    rows.sort(key=lambda row: (row[2], row[0]), reverse=True)
    return [_event(row) for row in rows[:limit]]


def _buffered(
    identity_ids: list[int], bound: tuple[int, ...] | None, limit: int
) -> list[tuple[Any, ...]]:
    """A little more than needed is read, as some may be in the history by now."""
    query = PendingEvent.objects.filter(identity_id__in=identity_ids)
    if bound:
        ms, event_id = bound
        query = query.filter(Q(occurred_ms__lt=ms) | Q(occurred_ms=ms, id__lt=event_id))
    found = query.order_by("-occurred_ms", "-id").values_list(*_FIELDS)
    return list(found[: limit * 2])


def _stored(
    identity_ids: list[int], bound: tuple[int, ...] | None, limit: int
) -> tuple[list[tuple[Any, ...]], int]:
    """Rows of the history and the last id it holds; read again when files were just replaced."""
    for attempt in (1, 2):
        history = find_events()
        if history is None:
            return [], 0
        try:
            rows = _newest(history, identity_ids, bound, limit)
            return rows, flushed_id(history, writer_id())
        except duckdb.IOException:
            if attempt == 2:
                raise
    return [], 0


def _newest(
    history: DeltaTable, identity_ids: list[int], bound: tuple[int, ...] | None, limit: int
) -> list[tuple[Any, ...]]:
    """The newest rows, looking into newer files first and no further than needed."""
    files = [file for file in list_files(history) if file.may_hold(identity_ids)]
    if bound:
        until = from_ms(bound[0])
        files = [file for file in files if file.first_at is None or file.first_at <= until]
    files.sort(key=lambda file: file.last_at or _LATEST, reverse=True)
    found: list[tuple[Any, ...]] = []
    size = FIRST_FILES
    with spare_engine() as engine:
        while files:
            part, files = files[:size], files[size:]
            source = history_source(engine.connection, history, part)
            found += _select(engine.connection, source, identity_ids, bound, limit)
            found.sort(key=lambda row: (row[2], row[0]), reverse=True)
            del found[limit:]
            if len(found) == limit and files and _is_newer(found[-1], files[0]):
                break
            size *= 4
    return found


def _is_newer(row: tuple[Any, ...], file: DataFile) -> bool:
    return file.last_at is not None and from_ms(row[2]) > file.last_at


def _select(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    identity_ids: list[int],
    bound: tuple[int, ...] | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    where = f"identity_id IN ({','.join(map(str, identity_ids))})"
    parameters: dict[str, Any] = {"limit": limit}
    if bound:
        parameters |= {"at": from_ms(bound[0]), "id": bound[1]}
        where += " AND (occurred_at < $at OR (occurred_at = $at AND event_id < $id))"
    return connection.execute(
        f"{_SELECT} FROM {source} WHERE {where} "
        "ORDER BY occurred_at DESC, event_id DESC LIMIT $limit",
        parameters,
    ).fetchall()


def _event(row: tuple[Any, ...]) -> EventRow:
    event_id, name, ms, source, platform, account, staff, properties = row
    return EventRow(
        id=event_id,
        name=name,
        at=from_ms(ms),
        source=source,
        platform=platform,
        account=account,
        staff=staff,
        properties=msgspec.json.decode(properties, type=dict[str, Any]),
    )
