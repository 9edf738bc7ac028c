"""`siyu import customers|identities|orders|events|tags FILE`: any size, resumable."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from siyu.core.tabular.stream import RowFile
    from siyu.files.kinds import FileMapping
    from siyu.files.queries import ImportRun

KINDS = {
    "customers": "导入客户 / import customers",
    "identities": "导入身份 (谁和谁是同一人) / import identities",
    "orders": "导入订单 / import orders",
    "events": "导入事件到历史库 / import events into the history",
    "tags": "给客户打标签 / import tags",
}
SAMPLES = 3
OPTIONS = (
    "source",
    "platform",
    "currency",
    "date_order",
    "timezone",
    "event",
    "tag",
    "group",
)
ORDER_COUNTS = (
    "orders",
    "created",
    "updated",
    "unchanged",
    "conflicting",
    "refunded",
    "rows_without_customer",
    "net_fen",
)


def add_kind(kinds: Any, kind: str) -> None:
    """The options of one kind."""
    text = f"{KINDS[kind]} (CSV/TSV/xlsx/Parquet, 可为 .gz; 编码自动识别)"
    parser = kinds.add_parser(kind, help=text, description=text)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--home", metavar="DIR", default=argparse.SUPPRESS, help="数据目录 / home directory"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="列名=字段",
        help="指定列的含义, 可重复; 列名=- 表示不导入; 或 JSON 文件"
        " / column=field, - leaves it out, or a .json file",
    )
    parser.add_argument("--source", metavar="NAME", help="来源名; 不同系统用不同的名字 / source")
    parser.add_argument("--platform", metavar="NAME", help="来源平台 / platform")
    parser.add_argument("--date-order", choices=("ymd", "dmy", "mdy", "excel"), help="日期写法")
    parser.add_argument("--timezone", metavar="ZONE", help="文件里时间的时区 (默认 Asia/Shanghai)")
    if kind == "orders":
        parser.add_argument("--currency", metavar="CNY", help="没有币种列时的币种 / currency")
    if kind == "events":
        parser.add_argument("--event", metavar="NAME", help="没有事件名列时的事件名 / event name")
    if kind == "tags":
        parser.add_argument("--tag", metavar="NAME", help="没有标签列时的标签 / tag")
        parser.add_argument("--group", metavar="NAME", help="标签组 / tag group")
    parser.add_argument(
        "--batch", type=int, default=0, metavar="N", help="一次写入多少行 / rows of one batch"
    )
    parser.add_argument("--dry-run", action="store_true", help="只看会怎样, 不写入 / write nothing")
    parser.add_argument("--yes", action="store_true", help="不询问 / ask nothing")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")


def add_home(kinds: Any) -> None:
    """The options of a whole home."""
    text = "把 siyu export 的目录还原到空的数据目录 / a full export into an empty home"
    parser = kinds.add_parser("home", help=text, description=text)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--home", metavar="DIR", default=argparse.SUPPRESS, help="数据目录 / home directory"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")


def run_home(arguments: argparse.Namespace) -> int:
    """Everything of an export, ids and all."""
    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    from siyu.files.restoring import import_home

    counts = import_home(arguments.folder)
    if arguments.json:
        print(json.dumps(counts, ensure_ascii=False))
        return 0
    for table, rows in counts.items():
        print(f"  {table}: {rows:,} 行")
    print("还原完成; 平台账号、用户和密钥需要重新设置")
    return 0


def run_kind(arguments: argparse.Namespace) -> int:
    """Look, show, ask, run with a bar, report."""
    from rich.console import Console

    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    from siyu.files import kinds
    from siyu.files.local import finish_local, open_local

    screen = Console(stderr=True, quiet=arguments.json)
    run, file = open_local(arguments.kind, arguments.file)
    mapping = _choose(arguments, file)
    kinds.check(arguments.kind, mapping, file.header)
    _show_mapping(screen, arguments, file, mapping)
    if not arguments.yes and not arguments.dry_run:
        _confirm(screen)
    with _bar(screen) as show:
        run = finish_local(
            run,
            file,
            mapping,
            is_dry=arguments.dry_run,
            rows_at_once=max(0, arguments.batch),
            on_progress=show,
        )
    _report(run, screen, is_json=arguments.json)
    return 0


def _choose(arguments: argparse.Namespace, file: RowFile) -> FileMapping:
    """Saved for this header, else guessed; what was typed wins."""
    import msgspec

    from siyu.files import kinds

    kind = arguments.kind
    base = kinds.find_saved(kind, file.header) or kinds.guess(kind, file.header)
    columns = dict(base.columns)
    for name, field in _typed_columns(arguments.map):
        columns = {n: f for n, f in columns.items() if n != name and (f != field or _may_repeat(f))}
        if field != "-":
            columns[name] = field
    typed = {name: getattr(arguments, name, None) for name in OPTIONS}
    told = {name: value for name, value in typed.items() if value}
    return msgspec.structs.replace(base, columns=columns, **told)


def _typed_columns(options: list[str]) -> Iterator[tuple[str, str]]:
    """(column, field) of `--map` values: `列名=字段` pairs or JSON files of them."""
    import msgspec

    from siyu.core.tabular.tables import clean_header
    from siyu.kernel.errors import Refused

    for option in options:
        path = Path(option)
        if option.endswith(".json") and path.is_file():
            try:
                told = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
            except msgspec.MsgspecError as error:
                reason = f"{path} 须为 JSON 对象 {{列名: 字段}}"
                raise Refused("import.map", reason, field="map") from error
            yield from ((clean_header(name), field.strip()) for name, field in told.items())
            continue
        for pair in option.split(","):
            name, sign, field = pair.rpartition("=")
            if not sign or not name:
                raise Refused("import.map", f"--map 须为 列名=字段, 不是 {pair!r}", field="map")
            yield clean_header(name), field.strip()


def _may_repeat(field: str) -> bool:
    return field.startswith("identity:")


def _show_mapping(
    screen: Console, arguments: argparse.Namespace, file: RowFile, mapping: FileMapping
) -> None:
    from rich.table import Table as Grid

    from siyu.files.kinds import list_fields

    how = " · ".join(f"{key} {value}" for key, value in file.how.items())
    screen.print(f"{arguments.file.name}: {how} · 约 {file.total:,} 行 · 来源 {mapping.source}")
    grid, fields = Grid("列", "样例", "含义"), list_fields(arguments.kind)
    first = next(file.rows(SAMPLES), None)
    for place, name in enumerate(file.header):
        cells = first.columns.column(place).to_pylist() if first else []
        field = mapping.columns.get(name, "")
        shown = fields.get(field, field) or "—"
        grid.add_row(name, " | ".join(cell[:24] for cell in cells if cell), shown)
    screen.print(grid)


def _confirm(screen: Console) -> None:
    from siyu.kernel.errors import Refused

    if not sys.stdin.isatty():
        raise Refused(
            "import.confirm", "需要确认: 请加 --yes, 或用 --dry-run 先看结果", field="yes"
        )
    if screen.input("按以上含义导入? [Y/n] ").strip().lower() not in {"", "y", "yes"}:
        raise Refused("import.declined", "已取消, 没有写入; 可用 --map 列名=字段 修改", field="map")


def _bar(screen: Console) -> Any:
    from contextlib import contextmanager

    from rich import progress

    @contextmanager
    def shown() -> Any:
        with progress.Progress(
            "{task.description}",
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            "{task.fields[rate]}",
            progress.TimeRemainingColumn(),
            console=screen,
        ) as bar:
            task = bar.add_task("导入", total=None, rate="")

            def show(run: ImportRun) -> None:
                rate = run.position * 1000 / run.worked_ms if run.worked_ms else 0
                bar.update(task, completed=run.position, total=run.total, rate=f"{rate:,.0f} 行/秒")

            yield show

    return shown()


def _report(run: ImportRun, screen: Console, *, is_json: bool) -> None:
    told = _told(run)
    if is_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    head = "试运行, 没有写入" if run.is_dry else "导入完成"
    made = f" → {told['orders']:,} 单" if run.kind == "orders" else ""
    speed = f"用时 {told['seconds']:.1f} 秒, 每秒 {told['rows_per_second']:,} 行"
    print(f"{head}: {told['rows']:,} 行{made}, {speed}")
    print(
        f"  新 {told['fresh']:,}  已有 {told['known']:,}  重复 {told['repeated']:,}"
        f"  新客户 {told['customers']:,}"
    )
    if run.kind == "orders":
        _report_orders(told)
    for remark, count in told["remarks"].items():
        print(f"  注意: {remark}: {count:,}")
    print(
        f"  拒收 {told['refused']:,} 行" + (f", 明细: {told['report']}" if told["report"] else "")
    )
    for row in run.report.get("refused", [])[:5]:
        screen.print(f"    第 {row['row']} 行 {row['field']}: {row['reason']} ({row['code']})")


def _report_orders(told: dict[str, Any]) -> None:
    from siyu.kernel.money import format_fen

    print(
        f"  更新 {told['updated']:,}  无变化 {told['unchanged']:,}  冲突 {told['conflicting']:,}"
        f"  其中含退款 {told['refunded']:,}  没有客户的行 {told['rows_without_customer']:,}"
    )
    print(f"  净额合计 {format_fen(told['net_fen'], '')}")


def _told(run: ImportRun) -> dict[str, Any]:
    """The report as JSON."""
    from siyu.files.keeping import refused_path

    seconds, counts = run.worked_ms / 1000, run.counts
    rows = counts.get("rows", 0)
    shown = ("rows", "refused", "fresh", "known", "repeated", "customers")
    told = {
        "id": run.pk,
        "kind": run.kind,
        "dry_run": run.is_dry,
        "source": run.source,
        "read_as": run.how,
        "mapping": run.mapping.get("columns", {}),
        **{key: counts.get(key, 0) for key in shown},
        "seconds": round(seconds, 2),
        "rows_per_second": int(rows / seconds) if seconds else 0,
        "remarks": run.report.get("remarks", {}),
        "reasons": run.report.get("reasons", {}),
        "report": str(refused_path(run)) if run.refused_bytes else None,
    }
    if run.kind == "orders":
        told |= {key: counts.get(key, 0) for key in ORDER_COUNTS}
    return told
