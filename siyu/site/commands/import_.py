"""`siyu import orders FILE`: a shop's order file into the pool."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siyu.site.commands.import_files import KINDS, add_home, add_kind, run_home, run_kind

if TYPE_CHECKING:
    from rich.console import Console

    from siyu.commerce.files.assemble import Assembled
    from siyu.commerce.files.formats import ColumnMapping
    from siyu.commerce.types import ImportCounts
    from siyu.core.tabular.tables import Table

HELP = "导入文件: siyu import customers|identities|orders|events|tags FILE / import a file"
SAMPLES = 3
SHOWN_REFUSALS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    text = "导入订单 (CSV/TSV/xlsx, 可为 .gz; 编码自动识别) / import orders"
    orders = kinds.add_parser("orders", help=text, description=text)
    orders.add_argument("file", type=Path, metavar="FILE")
    orders.add_argument(
        "--home", metavar="DIR", default=argparse.SUPPRESS, help="数据目录 / home directory"
    )
    orders.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="列名=字段",
        help="指定列的含义, 可重复; 或 JSON 文件 / column=field, or a .json file",
    )
    orders.add_argument(
        "--source", metavar="NAME", help="来源名; 不同店铺用不同的名字 / source name"
    )
    orders.add_argument("--platform", metavar="NAME", help="来源平台 / platform")
    orders.add_argument("--currency", metavar="CNY", help="文件没有币种列时的币种 / currency")
    orders.add_argument(
        "--date-order", choices=("ymd", "dmy", "mdy", "excel"), help="日期写法 / order of the date"
    )
    orders.add_argument("--timezone", metavar="ZONE", help="文件里时间的时区 (默认 Asia/Shanghai)")
    orders.add_argument("--dry-run", action="store_true", help="只看会怎样, 不写入 / write nothing")
    orders.add_argument("--yes", action="store_true", help="不询问 / ask nothing")
    orders.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    for kind in KINDS:
        add_kind(kinds, kind)
    add_home(kinds)


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from siyu.site.boot import boot, migrate

    if arguments.kind in KINDS:
        return run_kind(arguments)
    if arguments.kind == "home":
        return run_home(arguments)
    started = time.monotonic()
    boot()
    migrate()
    screen = Console(stderr=True, quiet=arguments.json)
    table, mapping, assembled = _read(arguments, screen)
    waited = 0.0
    if not arguments.yes and not arguments.dry_run:
        asked = time.monotonic()
        _confirm(screen)
        waited = time.monotonic() - asked
    answer = _dry_run if arguments.dry_run else _write
    result = answer(arguments, screen, table, mapping, assembled)
    result["seconds"] = round(time.monotonic() - started - waited, 2)
    _show(result, assembled, screen, is_json=arguments.json)
    return 0


def _read(arguments: argparse.Namespace, screen: Console) -> tuple[Table, ColumnMapping, Assembled]:
    from siyu.commerce.files.assemble import assemble
    from siyu.commerce.files.formats import check_mapping, read_order_table
    from siyu.core.runtime import runtime

    with screen.status("读取文件…"):
        table = read_order_table(arguments.file)
    mapping = _choose_mapping(arguments, table)
    check_mapping(mapping, table.header)
    _show_mapping(screen, arguments.file, table, mapping)
    with screen.status("核对每一行…"):
        assembled = assemble(table, mapping, now=runtime().clock.now())
    return table, mapping, assembled


def _choose_mapping(arguments: argparse.Namespace, table: Table) -> ColumnMapping:
    """Saved for this header, else guessed; what was typed wins."""
    import msgspec

    from siyu.commerce.files.formats import guess_mapping, load_saved, parse_map_options
    from siyu.commerce.rules import read_currency
    from siyu.core.runtime import runtime

    base = load_saved(runtime().home, table.header) or guess_mapping(table.header)
    typed = {
        "source": arguments.source,
        "platform": arguments.platform,
        "currency": arguments.currency and read_currency(arguments.currency),
        "date_order": arguments.date_order,
        "timezone": arguments.timezone and _checked_zone(arguments.timezone),
    }
    columns = {**base.columns, **parse_map_options(arguments.map)}
    changes = {name: value for name, value in typed.items() if value}
    return msgspec.structs.replace(base, columns=columns, **changes)


def _checked_zone(name: str) -> str:
    from zoneinfo import ZoneInfo

    from siyu.kernel.errors import Refused

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise Refused("import.timezone", f"没有时区 {name}", field="timezone") from error
    return name


def _show_mapping(screen: Console, path: Path, table: Table, mapping: ColumnMapping) -> None:
    from rich.table import Table as Grid

    from siyu.commerce.files.formats import FIELDS

    how = " · ".join(f"{key} {value}" for key, value in table.how.items())
    kind = mapping.format_name or "按列名猜测"
    screen.print(
        f"{path.name}: {how} · 格式 {kind} · 来源 {mapping.source} · 币种 {mapping.currency}"
    )
    grid = Grid("列", "样例", "含义")
    meaning = {column: FIELDS[field] for field, column in mapping.columns.items()}
    for name in table.header:
        values = [value for value in table.column(name)[:SAMPLES].to_pylist() if value]
        grid.add_row(name, " | ".join(value[:24] for value in values), meaning.get(name, "—"))
    screen.print(grid)


def _confirm(screen: Console) -> None:
    from siyu.kernel.errors import Refused

    if not sys.stdin.isatty():
        raise Refused(
            "import.confirm", "需要确认: 请加 --yes, 或用 --dry-run 先看结果", field="yes"
        )
    if screen.input("按以上含义导入? [Y/n] ").strip().lower() not in {"", "y", "yes"}:
        raise Refused("import.declined", "已取消, 没有写入; 可用 --map 列名=字段 修改", field="map")


def _dry_run(
    arguments: argparse.Namespace,
    screen: Console,
    table: Table,
    mapping: ColumnMapping,
    assembled: Assembled,
) -> dict[str, Any]:
    from siyu.commerce.imports import compare_orders, count_import

    del arguments, screen
    counts = count_import(assembled, compare_orders(assembled.orders, mapping))
    return _result(table, mapping, counts) | {"dry_run": True, "report": None}


def _write(
    arguments: argparse.Namespace,
    screen: Console,
    table: Table,
    mapping: ColumnMapping,
    assembled: Assembled,
) -> dict[str, Any]:
    from rich import progress

    from siyu.commerce.files.formats import save_mapping
    from siyu.commerce.imports import import_orders
    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.lake.actions import flush
    from siyu.site.subscriptions import STAGES

    save_mapping(runtime().home, table.header, mapping)
    with progress.Progress(
        "{task.description}",
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        "{task.fields[rate]}",
        progress.TimeRemainingColumn(),
        console=screen,
    ) as bar:
        task = bar.add_task("写入订单", total=len(assembled.orders), rate="")

        def show(count: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=count, rate=f"{speed:,.0f} 单/秒" if speed else "")

        done = import_orders(
            SYSTEM,
            (arguments.file.name, table),
            mapping,
            assembled,
            stages=STAGES,
            on_progress=show,
        )
    flush()
    report = str(done.report) if done.report else None
    return _result(table, mapping, done.counts) | {"dry_run": False, "report": report}


def _result(table: Table, mapping: ColumnMapping, counts: ImportCounts) -> dict[str, Any]:
    about = {"format": mapping.format_name, "source": mapping.source, "read_as": table.how}
    return {**asdict(counts), **about, "mapping": mapping.columns}


def _show(result: dict[str, Any], assembled: Assembled, screen: Console, *, is_json: bool) -> None:
    from siyu.kernel.money import format_fen

    if is_json:
        result["remarks"] = dict(assembled.remarks)
        print(json.dumps(result, ensure_ascii=False))
        return
    head = "试运行, 没有写入" if result["dry_run"] else "导入完成"
    print(f"{head}: {result['rows']:,} 行 → {result['orders']:,} 单, 用时 {result['seconds']} 秒")
    print(
        f"  新增 {result['created']:,}  更新 {result['updated']:,}  无变化 {result['unchanged']:,}"
        f"  冲突 {result['conflicting']:,}  其中含退款 {result['refunded']:,}"
    )
    print(f"  客户 {result['customers']:,}  没有客户的行 {result['rows_without_customer']:,}")
    print(f"  净额合计 {format_fen(result['net_fen'], '')}")
    for remark, count in assembled.remarks.items():
        print(f"  注意: {remark}: {count:,}")
    print(
        f"  拒收 {result['refused']:,} 行"
        + (f", 明细: {result['report']}" if result["report"] else "")
    )
    for row in assembled.refused[:SHOWN_REFUSALS]:
        screen.print(f"    第 {row.row} 行: {row.reason} ({row.code})")
