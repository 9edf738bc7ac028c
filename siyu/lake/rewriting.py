"""Replacing files of the history by others that hold the same rows, sorted, or fewer.

New files are written first, checked by count, and take the place of the old ones in one commit;
a death before it leaves files nobody refers to, which the next vacuum removes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
from deltalake import DeltaTable

from siyu.core.failpoints import failpoint
from siyu.lake.delta import DataFile, commit_rewritten, list_files
from siyu.lake.engine import Engine
from siyu.lake.mirror import arrow_schema
from siyu.lake.parquet import STORED, write_month
from siyu.lake.state import open_snapshot
from siyu.lake.tables import OWNERS, OWNERS_SQL
from siyu.lake.views import history_source

MEMORY = 1024**3
_IDS = pa.schema([("identity_id", pa.int64())])
ERASED = "EXISTS (SELECT 1 FROM lake_gone g WHERE g.identity_id = e.identity_id)"
_ROWS = ", ".join(
    "coalesce(o.customer_id, e.customer_id) AS customer_id"
    if name == "customer_id"
    else f"e.{name}"
    for name in STORED.names
)


class Workbench:
    """A DuckDB of the compaction's own, of bounded memory, with today's owners of identities.

    gone: SQL over `e`, a row of the history; rows for which it holds are left out.
    """

    def __init__(self, erased: Sequence[int], gone: str) -> None:
        self.gone = gone
        self.engine = Engine(memory=MEMORY)
        with open_snapshot() as snapshot:
            owners = snapshot.read(OWNERS_SQL, OWNERS)
        self.engine.load(
            {
                "lake_owner": owners if owners.num_rows else arrow_schema(OWNERS).empty_table(),
                "lake_gone": pa.table({"identity_id": list(erased)}, schema=_IDS),
            }
        )

    def close(self) -> None:
        self.engine.connection.close()

    def source(self, table: DeltaTable, files: Sequence[DataFile]) -> str:
        """What to write after FROM to read these files."""
        return history_source(self.engine.connection, table, files)

    def holding_gone(self, table: DeltaTable, files: Sequence[DataFile]) -> list[DataFile]:
        """The files with rows that are to go."""
        return self._matching(table, files, self.gone)

    def with_past_owners(self, table: DeltaTable, files: Sequence[DataFile]) -> list[DataFile]:
        """The files with rows written for a customer who no longer owns the identity."""
        condition = (
            "EXISTS (SELECT 1 FROM lake_owner o WHERE o.identity_id = e.identity_id "
            "AND o.customer_id <> e.customer_id)"
        )
        return self._matching(table, files, condition)

    def _matching(
        self, table: DeltaTable, files: Sequence[DataFile], condition: str
    ) -> list[DataFile]:
        found = []
        for file in files:
            sql = f"SELECT 1 FROM {self.source(table, [file])} e WHERE {condition} LIMIT 1"  # noqa: S608
            if self.engine.connection.execute(sql).fetchall():
                found.append(file)
        return found

    def rows(self, source: str) -> Iterator[pa.RecordBatch]:
        """The rows that stay, sorted, in batches; memory is bounded, what is over it spills."""
        sql = (
            f"SELECT {_ROWS} FROM {source} AS e "  # noqa: S608
            "LEFT JOIN lake_owner AS o ON o.identity_id = e.identity_id "
            f"WHERE NOT ({self.gone}) "
            "ORDER BY e.identity_id NULLS LAST, e.occurred_at, e.event_id"
        )
        yield from self.engine.connection.sql(sql).to_arrow_reader(65_536)

    def count_gone(self, source: str) -> int:
        sql = f"SELECT count(*) FROM {source} AS e WHERE {self.gone}"  # noqa: S608
        ((count,),) = self.engine.connection.execute(sql).fetchall()
        return int(count)


@contextmanager
def open_workbench(*, erased: Sequence[int] = (), gone: str = "false") -> Iterator[Workbench]:
    """A workbench that is closed in the end. erased: identities whose rows are to go."""
    bench = Workbench(erased, ERASED if erased else gone)
    try:
        yield bench
    finally:
        bench.close()


def rewrite(
    table: DeltaTable, bench: Workbench, files: Sequence[DataFile], *, kind: str, step: str
) -> int:
    """Replace files of one month by new ones in one commit; how many rows went.

    kind: `sorted` or `loose`. step: the failpoints `lake.<step>.files` and `.committed`. Raises
    RuntimeError, with the table as it was, when the rows do not add up.
    """
    source = bench.source(table, files)
    gone = bench.count_gone(source)
    added = write_month(files[0].month, bench.rows(source), kind=kind, is_change=bool(gone))
    before = sum(file.rows for file in files)
    after = sum(_rows_of(action.stats) for action in added)
    if before - gone != after:
        raise RuntimeError(f"rewriting {before} rows less {gone} made {after}")
    failpoint(f"lake.{step}.files")
    commit_rewritten(table, files, added, is_erasure=bool(gone))
    failpoint(f"lake.{step}.committed")
    return gone


def _rows_of(statistics: str) -> int:
    return int(json.loads(statistics)["numRecords"])


def live_files(table: DeltaTable) -> tuple[DataFile, ...]:
    """The files of the newest version."""
    table.update_incremental()
    return list_files(table)
