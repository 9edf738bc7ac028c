"""`siyu segment`: list, preview, create and read segments."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HELP = "人群: list | preview | create | members / segments"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="列出人群 / list segments")
    preview = actions.add_parser("preview", help="试算人数 / count without saving")
    create = actions.add_parser("create", help="新建人群 / create a segment")
    create.add_argument("name", help="名称 / name")
    members = actions.add_parser("members", help="列出成员编号 / print member ids")
    members.add_argument("segment_id", type=int)
    for action in (preview, create):
        action.add_argument(
            "definition", help="定义 JSON 文件, - 为标准输入 / JSON file, - for standard input"
        )
    for action in (listing, preview, create, members):
        action.add_argument("--home", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        action.add_argument("--json", action="store_true", help="输出 JSON / print JSON")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    if "definition" in arguments:
        arguments.definition = _read(arguments.definition)
    boot_migrated()
    return int(_ACTIONS[arguments.action](arguments))


def _list(arguments: argparse.Namespace) -> int:
    from siyu.core.access import SYSTEM
    from siyu.segments.queries import list_segments

    rows = list_segments(SYSTEM)
    if arguments.json:
        keys = ("id", "name", "count", "definition")
        _print_json([{key: getattr(row, key) for key in keys} for row in rows])
        return 0
    for row in rows:
        print(f"{row.id:>6}  {row.count:>10,}  {row.name}")
    if not rows:
        print("还没有人群 / no segments yet: siyu segment create NAME FILE")
    return 0


def _preview(arguments: argparse.Namespace) -> int:
    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.segments.queries import preview

    found = preview(SYSTEM, arguments.definition, now=runtime().clock.now())
    if arguments.json:
        conditions = [{"path": c.path, "count": c.count} for c in found.conditions]
        _print_json(
            {
                "count": found.count,
                "total": found.total,
                "took_ms": found.took_ms,
                "sql": found.sql,
                "conditions": conditions,
            }
        )
        return 0
    print(f"{found.count:,} / {found.total:,}  ({found.took_ms} ms)")
    for condition in found.conditions:
        indent = "  " * condition.path.count("children")
        print(f"{condition.count:>10,}  {indent}{condition.label}")
    return 0


def _create(arguments: argparse.Namespace) -> int:
    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.segments.actions import create_segment
    from siyu.segments.queries import get_segment

    now = runtime().clock.now()
    row = get_segment(SYSTEM, create_segment(SYSTEM, arguments.name, arguments.definition, now=now))
    if arguments.json:
        _print_json({"id": row.id, "count": row.count})
    else:
        print(f"已建人群 {row.id}, {row.count:,} 人 / created")
    return 0


def _members(arguments: argparse.Namespace) -> int:
    from siyu.core.access import SYSTEM
    from siyu.segments.queries import get_segment, member_ids

    ids = member_ids(get_segment(SYSTEM, arguments.segment_id).id)
    if arguments.json:
        _print_json(ids)
    else:
        sys.stdout.writelines(f"{who}\n" for who in ids)
    return 0


def _read(path: str) -> dict[str, Any]:
    from siyu.kernel.errors import Refused

    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
        definition = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise Refused("segment.file", f"读不到定义: {error}", field="definition") from error
    if not isinstance(definition, dict):
        raise Refused("segment.file", "定义须为 JSON 对象", field="definition")
    return definition


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


_ACTIONS = {"list": _list, "preview": _preview, "create": _create, "members": _members}
