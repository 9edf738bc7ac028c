"""SQL written by users: one SELECT over the documented tables, with a clock and a cap.

Three fences, each enough alone against reading files or changing data: the text is parsed and
only known tables may be named; the engine has no file access and takes no settings; the
transaction is read-only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from siyu.core.access import Actor, require
from siyu.kernel.errors import Refused
from siyu.lake.mirror import list_tables
from siyu.lake.session import deadline, open_session
from siyu.lake.tables import TABLES
from siyu.lake.types import QueryResult

TIMEOUT_S = 30.0
MAX_ROWS = 10_000
MAX_TEXT = 20_000
_HIDDEN = re.compile(
    r"duckdb_\w+|pragma_\w+|read_\w+|parquet_\w+|sniff_\w+|query|query_table|glob|getenv"
    r"|current_setting|which_secret|getvariable|lake_\w+"
)


@dataclass(frozen=True)
class ArrowResult:
    """The answer in columns. `is_truncated`: there were more rows than the cap."""

    table: pa.Table
    took_ms: int
    is_truncated: bool


def run_user_sql(
    actor: Actor, sql: str, *, max_rows: int = MAX_ROWS, timeout_s: float = TIMEOUT_S
) -> QueryResult:
    """Run a user's SELECT; Refused with a sentence when it is wrong, too long or too slow."""
    result = run_user_sql_arrow(actor, sql, max_rows=max_rows, timeout_s=timeout_s)
    columns = [column.to_pylist() for column in result.table.columns]
    rows = list(zip(*columns, strict=True))
    return QueryResult(result.table.column_names, rows, result.took_ms, result.is_truncated)


def run_user_sql_arrow(
    actor: Actor, sql: str, *, max_rows: int = MAX_ROWS, timeout_s: float = TIMEOUT_S
) -> ArrowResult:
    """As `run_user_sql`, in Arrow columns."""
    require(actor, "query:run")
    text = check_sql(sql)
    started = time.monotonic()
    with open_session() as session, deadline(session, timeout_s), _friendly():
        statements = session.extract_statements(text)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Refused("query.select", "只能执行一条 SELECT 语句", field="sql")
        capped = f"SELECT * FROM (\n{text}\n) LIMIT {max_rows + 1}"  # noqa: S608
        table = session.sql(capped).to_arrow_table()
    took_ms = round((time.monotonic() - started) * 1000)
    return ArrowResult(table.slice(0, max_rows), took_ms, table.num_rows > max_rows)


def check_sql(sql: str) -> str:
    """The statement without its semicolon; Refused when it is not one SELECT over our tables."""
    if len(sql) > MAX_TEXT:
        raise Refused("query.length", f"语句超过 {MAX_TEXT} 个字符", field="sql")
    try:
        text = _without_semicolon(sql)
        statements = [part for part in sqlglot.parse(text, read="duckdb") if part is not None]
    except (SqlglotError, RecursionError) as error:
        first = str(error).partition("\n")[0]
        raise Refused("query.syntax", f"语法错误: {_plain(first)}", field="sql") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Refused("query.select", "只能执行一条 SELECT 语句", field="sql")
    _check_tables(statements[0])
    _check_functions(statements[0])
    return text


def _without_semicolon(sql: str) -> str:
    """The text before the semicolons that end it; comments after them go as well."""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    while tokens and tokens[-1].text == ";":
        sql = sql[: tokens.pop().start]
    return sql.strip()


def table_names() -> set[str]:
    """The tables a user may name."""
    return {"events", *TABLES, *(table.name for table in list_tables())}


def _check_tables(query: exp.Query) -> None:
    known = table_names() | {cte.alias_or_name.lower() for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        is_plain = isinstance(table.this, exp.Identifier) and not table.db and not table.catalog
        if is_plain and table.name.lower() in known:
            continue
        if isinstance(table.this, (exp.GenerateSeries, exp.Unnest)):
            continue
        listed = ", ".join(sorted(table_names()))
        name = table.name or table.sql(dialect="duckdb")
        raise Refused("query.table", f"没有名为 {name} 的表; 可用的表: {listed}", field="sql")
    if query.find(exp.Into, exp.Command, exp.Placeholder, exp.Parameter):
        raise Refused("query.select", "只能执行一条不带参数的 SELECT 语句", field="sql")


def _check_functions(query: exp.Query) -> None:
    for function in query.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if _HIDDEN.fullmatch(name.lower()):
            raise Refused("query.function", f"不能使用函数 {name}", field="sql")


@contextmanager
def _friendly() -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException:
        raise
    except duckdb.OutOfMemoryException as error:
        raise Refused("query.memory", "查询需要的内存过多; 请缩小范围", field="sql") from error
    except duckdb.Error as error:
        raise Refused("query.failed", _plain(str(error)), field="sql") from error


def _plain(message: str) -> str:
    """The first paragraph of an engine's message, without colours."""
    clean = re.sub(r"\x1b\[[0-9;]*m", "", message)
    return clean.split("\n\n", 1)[0].replace("\n", " ")[:400]
