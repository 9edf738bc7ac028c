"""`siyu export --to DIR`: everything, for leaving or for moving house."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "导出全部数据: siyu export --to DIR / export everything"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="新目录 / folder")
    parser.add_argument(
        "--without-personal",
        action="store_true",
        help="不含姓名、电话等; 不能用来还原 / nothing personal, not for moving house",
    )
    parser.add_argument("--csv", action="store_true", help="同时写成 CSV / every table as CSV, too")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    boot_migrated()
    from django.db import transaction

    from siyu.core.access import SYSTEM
    from siyu.core.audit import record_audit
    from siyu.core.runtime import runtime
    from siyu.files.exporting import export_all
    from siyu.kernel.errors import Conflict

    if arguments.to.exists():
        raise Conflict("export.exists", f"{arguments.to} 已经存在, 请给一个新目录", field="to")
    is_personal = not arguments.without_personal
    with transaction.atomic():
        detail = {"personal": is_personal, "to": str(arguments.to)}
        record_audit(SYSTEM, "export_all", "export", now=runtime().clock.now(), detail=detail)
    manifest = export_all(arguments.to, is_personal=is_personal, has_csv=arguments.csv)
    if arguments.json:
        print(json.dumps(manifest, ensure_ascii=False))
        return 0
    for each in manifest["files"]:
        print(f"  {each['name']}: {each['rows']:,} 行, {each['bytes']:,} 字节")
    print(f"已导出到 {arguments.to}; 清单与校验值在 manifest.json")
    return 0
