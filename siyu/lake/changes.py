"""Which rows of the mirrored tables changed: triggers note it in the changing transaction.

Whatever code writes a table, its key is noted, so that a copy of the state costs what changed and
not what there is. Ids grow in order of commit on SQLite; on PostgreSQL a reader takes every note
of a transaction that was not over at its last look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from siyu.lake.mirror import MirrorTable, list_tables
from siyu.lake.models import Change, WriterState
from siyu.lake.state import Snapshot

PREFIX = "lake_change_"
KEEP_NOTES = 500_000
FLOOR = "change_floor"


def watch() -> None:
    """Put triggers on the sources of all mirrored tables; what is not one any more loses them."""
    wanted: dict[str, str] = {}
    for mirror in list_tables():
        wanted |= dict.fromkeys(mirror.wholes, "")
    for mirror in list_tables():
        wanted |= mirror.sources
    with transaction.atomic(), connection.cursor() as cursor:
        for name, table in _triggers(cursor):
            cursor.execute(_drop(name, table))
        for source, key in wanted.items():
            for statement in _statements(source, key):
                cursor.execute(statement)


@contextmanager
def noting_together() -> Iterator[None]:
    """Note many new rows by one statement a table, not by a trigger a row.

    Inside a transaction on SQLite, where nobody else writes meanwhile; PostgreSQL's triggers are
    one a statement as they are. Updates and deletions go on being noted row by row.
    """
    if connection.vendor == "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        held = _insert_triggers(cursor)
        last = {source: _last_id(cursor, source) for source in held}
        for name, _ in held.values():
            cursor.execute(f'DROP TRIGGER "{name}"')
    yield
    keys = {source: key for mirror in list_tables() for source, key in mirror.sources.items()}
    with connection.cursor() as cursor:
        for source, (_, statement) in held.items():
            cursor.execute(statement)
            cursor.execute(
                f"INSERT INTO lake_change (source, key) SELECT '{source}', {keys[source]}"  # noqa: S608
                f' FROM "{source}" WHERE id > %s',
                [last[source]],
            )


def _insert_triggers(cursor: Any) -> dict[str, tuple[str, str]]:
    """table → (name, statement) of the triggers that note new rows, where ids only grow."""
    cursor.execute(
        "SELECT t.tbl_name, t.name, t.sql FROM sqlite_master t JOIN sqlite_master m"
        " ON m.type = 'table' AND m.name = t.tbl_name AND m.sql LIKE '%%AUTOINCREMENT%%'"
        " WHERE t.type = 'trigger' AND t.name = %s || t.tbl_name || '_insert'",
        [PREFIX],
    )
    return {table: (name, statement) for table, name, statement in cursor.fetchall()}


def _last_id(cursor: Any, table: str) -> int:
    cursor.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"')  # noqa: S608 - a table's name
    return int(cursor.fetchone()[0])


def _triggers(cursor: Any) -> list[tuple[str, str]]:
    """Names of our triggers and the tables they are on."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname LIKE %s",
            [f"{PREFIX}%"],
        )
    else:
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
            [f"{PREFIX}%"],
        )
    return list(cursor.fetchall())


def _drop(name: str, table: str) -> str:
    on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    return f'DROP TRIGGER "{name}"{on}'


def _statements(source: str, key: str) -> list[str]:
    """The triggers of one table. key: its column; "" notes that anything may have changed."""
    make = _postgres_trigger if connection.vendor == "postgresql" else _sqlite_trigger
    events = ("INSERT", "UPDATE", "DELETE") if key else ("UPDATE", "DELETE")
    return [statement for event in events for statement in make(source, key, event)]


def _sqlite_trigger(source: str, key: str, event: str) -> list[str]:
    name = f"{PREFIX}{source}_{event.lower()}"
    row = "OLD" if event == "DELETE" else "NEW"
    made = [_sqlite_note(name, f'{event} ON "{source}"', source, f"{row}.{key}" if key else "NULL")]
    if event == "UPDATE" and key:
        moved = f'UPDATE OF {key} ON "{source}" WHEN OLD.{key} IS NOT NEW.{key}'
        made.append(_sqlite_note(f"{name}_from", moved, source, f"OLD.{key}"))
    return made


def _sqlite_note(name: str, when: str, source: str, key: str) -> str:
    note = f"INSERT INTO lake_change (source, key) VALUES ('{source}', {key})"  # noqa: S608
    return f'CREATE TRIGGER "{name}" AFTER {when} BEGIN {note}; END'


def _postgres_trigger(source: str, key: str, event: str) -> list[str]:
    tables = {"INSERT": ("fresh",), "UPDATE": ("old", "fresh"), "DELETE": ("old",)}[event]
    renamed = " ".join(
        {"fresh": "NEW TABLE AS fresh", "old": "OLD TABLE AS old"}[table] for table in tables
    )
    column = key or "NULL::bigint"
    rows = " UNION ".join(f"SELECT {column} AS key FROM {table}" for table in tables)  # noqa: S608
    name = f"{PREFIX}{source}_{event.lower()}"
    body = (
        f"INSERT INTO lake_change (source, key, mark) SELECT '{source}', changed.key, "  # noqa: S608
        f"pg_current_xact_id()::text::bigint FROM ({rows}) AS changed"
    )
    function = f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql'
    when = f'AFTER {event} ON "{source}" REFERENCING {renamed} FOR EACH STATEMENT'
    return [
        f"{function} AS $$ BEGIN {body}; RETURN NULL; END $$",
        f'CREATE TRIGGER "{name}" {when} EXECUTE FUNCTION "{name}"()',
    ]


def watched(snapshot: Snapshot) -> set[str]:
    """The tables whose changes are noted."""
    sql = "SELECT DISTINCT tbl_name AS source FROM sqlite_master WHERE type = 'trigger'"
    column = "name"
    if connection.vendor == "postgresql":
        sql = (
            "SELECT DISTINCT c.relname AS source FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE true"
        )
        column = "t.tgname"
    known = snapshot.read(f"{sql} AND {column} LIKE '{PREFIX}%'", {"source": "text"})
    return set(known["source"].to_pylist())


def mark_of(snapshot: Snapshot) -> int:
    """Where the notes end for this snapshot: later ones are of this mark or above."""
    if connection.vendor == "postgresql":
        sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark"
    else:
        sql = "SELECT coalesce(max(id), 0) + 1 AS mark FROM lake_change"
    mark: int = snapshot.read(sql, {"mark": "int"})["mark"][0].as_py()
    return mark


def changed_since(snapshot: Snapshot, mark: int) -> dict[str, set[int | None]] | None:
    """Keys that changed by source table (None: all of it); None when notes were thrown away."""
    if _is_forgotten(snapshot, mark):
        return None
    sql = f"SELECT DISTINCT source, key FROM lake_change WHERE {_mark_column()} >= {int(mark)}"  # noqa: S608
    rows = snapshot.read(sql, {"source": "text", "key": "int"})
    found: dict[str, set[int | None]] = {}
    for source, key in zip(rows["source"].to_pylist(), rows["key"].to_pylist(), strict=True):
        found.setdefault(source, set()).add(key)
    return found


def notes_since(
    snapshot: Snapshot, mark: int, sources: Collection[str]
) -> dict[int, int | None] | None:
    """The notes about some tables, id → key (None: all of it); None when they were thrown away.

    On PostgreSQL a note may come again while a transaction older than it is open.
    """
    if _is_forgotten(snapshot, mark):
        return None
    listed = ", ".join(f"'{source}'" for source in sources)
    where = f"{_mark_column()} >= {int(mark)} AND source IN ({listed})"
    rows = snapshot.read(
        f"SELECT id, key FROM lake_change WHERE {where}",  # noqa: S608
        {"id": "int", "key": "int"},
    )
    return dict(zip(rows["id"].to_pylist(), rows["key"].to_pylist(), strict=True))


def _is_forgotten(snapshot: Snapshot, mark: int) -> bool:
    """Whether notes of this mark were thrown away."""
    sql = f"SELECT value FROM lake_writerstate WHERE name = '{FLOOR}'"  # noqa: S608
    floor = snapshot.read(sql, {"value": "text"})["value"].to_pylist()
    return bool(floor) and mark <= int(floor[0])


def keys_of(mirror: MirrorTable, changed: Mapping[str, set[int | None]]) -> list[int] | None:
    """Which keys of a mirrored table to read again; None for all of it."""
    if any(source in changed for source in mirror.wholes):
        return None
    keys = {key for source in mirror.sources for key in changed.get(source, ())}
    return None if None in keys else sorted(key for key in keys if key is not None)


def trim() -> None:
    """Forget old notes; who has not looked since reads everything once."""
    last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
    first = Change.objects.order_by("id").values_list("id", flat=True).first() or 0
    if last - first <= 2 * KEEP_NOTES:
        return
    with transaction.atomic():
        old = Change.objects.filter(id__lte=last - KEEP_NOTES)
        floor = old.aggregate(mark=Max(_mark_column()))["mark"]
        WriterState.objects.update_or_create(name=FLOOR, defaults={"value": str(floor)})
        old.delete()


def _mark_column() -> str:
    return "mark" if connection.vendor == "postgresql" else "id"
