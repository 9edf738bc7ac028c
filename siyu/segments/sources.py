"""Where the facts of a condition come from: one source, one row per customer it knows.

`Sources` gives every distinct reading an alias and collects the columns conditions ask of it;
equal readings are read once. A columnar session has day counts of events and lines of orders as
tables; elsewhere the same rows come from the events and the orders themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

CUSTOMERS = "c"
RFM = "rf"
HELD = "TRUE"
"""The column of a source that is asked only whether a customer has a row."""
LINES_SQL = (
    "SELECT order_id, json_extract_string(line, '$.sku') AS sku,\n"
    "    json_extract_string(line, '$.name') AS product,\n"
    "    json_extract_string(line, '$.category') AS category\n"
    "  FROM (SELECT order_id, unnest(CAST(lines AS JSON[])) AS line FROM orders)"
)


@dataclass
class Source:
    """`SELECT customer_id, columns FROM table WHERE test GROUP BY customer_id`, named `alias`.

    sql: a reading of its own instead, one row per customer. is_single: the table has one row per
    customer already. may_repeat: who reads it does not mind a customer twice, so that a source
    which only tells who has a row needs no grouping. since: no row before it is asked for.
    """

    alias: str
    table: str
    test: str
    columns: list[str] = field(default_factory=list)
    sql: str = ""
    needs_lines: bool = False
    is_single: bool = False
    may_repeat: bool = False
    since: datetime | None = None

    def column(self, expression: str) -> str:
        """The place of an aggregate in this source, as `alias.mK`."""
        if expression not in self.columns:
            self.columns.append(expression)
        return f"{self.alias}.m{self.columns.index(expression)}"

    def reads(self, table: str) -> bool:
        """Whether its rows come from a table."""
        return f"FROM {table} " in f"{self.select()} "

    def select(self) -> str:
        """The statement of the source."""
        if self.sql:
            return self.sql
        listed = ", ".join(f"{text} AS m{index}" for index, text in enumerate(self.columns))
        where = f" WHERE {self.test}" if self.test else ""
        is_set = self.may_repeat and self.columns == [HELD]
        grouped = "" if self.is_single or is_set else " GROUP BY customer_id"
        return f"SELECT customer_id, {listed}\n  FROM {self.table}{where}{grouped}"  # noqa: S608


class Sources:
    """The sources of one or many definitions, in order of first use."""

    def __init__(self, *, may_repeat: bool = False) -> None:
        self._may_repeat = may_repeat
        self._by_key: dict[tuple[str, str], Source] = {}

    def reading(self, table: str, test: str, *, needs_lines: bool = False) -> Source:
        """The source over the rows of a table that pass a test."""
        found = self._by_key.get((table, test))
        if found is None:
            alias = f"s{len(self._by_key)}"
            repeat = self._may_repeat
            found = Source(alias, table, test, needs_lines=needs_lines, may_repeat=repeat)
            self._by_key[table, test] = found
        return found

    def single(self, table: str) -> Source:
        """The source over a table that has one row per customer."""
        found = self.reading(table, "")
        found.is_single = True
        return found

    def own(self, sql: str, *, alias: str = "") -> Source:
        """The source with a statement of its own; its columns are those of the statement."""
        found = self._by_key.get(("", sql))
        if found is None:
            found = Source(alias or f"s{len(self._by_key)}", "", "", sql=sql)
            self._by_key["", sql] = found
        return found

    def all(self) -> list[Source]:
        return list(self._by_key.values())
