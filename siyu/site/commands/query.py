"""`siyu query`: ask the history in SQL."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siyu.lake.user_sql import ArrowResult

HELP = '用 SQL 查询 / ask in SQL: siyu query "SELECT stage, count(*) FROM customers GROUP BY 1"'
FORMATS = ("table", "csv", "json", "parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sql",
        nargs="?",
        help="一条 SELECT; 省略则从标准输入读 / one SELECT; from standard input when left out",
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="输出格式 / output")
    parser.add_argument("--output", metavar="FILE", help="写入文件 / write to a file")
    parser.add_argument(
        "--limit", type=int, default=1000, help="最多行数 / rows at most (default 1000)"
    )
    parser.add_argument("--tables", action="store_true", help="列出可用的表和列 / list the tables")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    boot_migrated()
    if arguments.tables:
        return _print_tables()
    from siyu.core.access import SYSTEM
    from siyu.lake.user_sql import run_user_sql_arrow

    sql = arguments.sql or sys.stdin.read()
    result = run_user_sql_arrow(SYSTEM, sql, max_rows=max(1, arguments.limit))
    if arguments.format == "parquet":
        return _write_parquet(result, arguments.output)
    if arguments.output:
        with Path(arguments.output).open("w", encoding="utf-8", newline="") as file:
            _write_text(result, arguments.format, file)
    else:
        _write_text(result, arguments.format, sys.stdout)
    return 0


def _write_text(result: ArrowResult, kind: str, file: Any) -> None:
    if kind == "json":
        json.dump(result.table.to_pylist(), file, ensure_ascii=False, default=_text)
        file.write("\n")
    elif kind == "csv":
        from siyu.kernel.cells import safe_cell

        writer = csv.writer(file)
        writer.writerow(result.table.column_names)
        writer.writerows([safe_cell(_cell(value)) for value in row] for row in _rows(result))
    else:
        _write_table(result, file)


def _write_table(result: ArrowResult, file: Any) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for field in result.table.schema:
        is_number = str(field.type) in {"int64", "int32", "double"} or "decimal" in str(field.type)
        table.add_column(field.name, justify="right" if is_number else "left")
    for row in _rows(result):
        table.add_row(*(Text(_text(value)) for value in row))
    console = Console(file=file)
    console.print(table)
    more = ", 还有更多行 (--limit)" if result.is_truncated else ""
    console.print(f"{result.table.num_rows} 行 / rows, {result.took_ms} ms{more}")


def _write_parquet(result: ArrowResult, output: str | None) -> int:
    import pyarrow.parquet as pq

    if not output:
        print("siyu query: --format parquet 需要 --output FILE", file=sys.stderr)
        return 2
    pq.write_table(result.table, output)
    return 0


def _print_tables() -> int:
    from rich.console import Console
    from rich.table import Table

    from siyu.lake.session import describe_tables

    table = Table("表 / table", "列 / columns")
    for name, columns in describe_tables().items():
        table.add_row(name, ", ".join(f"{column} {kind}" for column, kind in columns.items()))
    Console().print(table)
    return 0


def _rows(result: ArrowResult) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in result.table.columns), strict=True))


def _cell(value: Any) -> str | int | float | None:
    return value if value is None or isinstance(value, (int, float, str)) else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
