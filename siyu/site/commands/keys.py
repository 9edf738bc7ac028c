"""`siyu keys`: make, list and revoke write keys."""

from __future__ import annotations

import argparse

HELP = "管理写入密钥 (SDK 上报事件用) / manage the keys with which events are sent"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="新建, 密钥只显示一次 / make one, shown once")
    create.add_argument("name", help="来源名, 例如 shop / source name")
    create.add_argument("--platform", default="web", help="平台名 / platform (default web)")
    actions.add_parser("list", help="列出 / list")
    revoke = actions.add_parser("revoke", help="停用 / switch one off")
    revoke.add_argument("name", help="来源名 / source name")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    boot_migrated()
    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.core.write_keys import create_write_key, list_write_keys, revoke_write_key
    from siyu.kernel.errors import NotFound

    now = runtime().clock.now()
    if arguments.action == "create":
        print(create_write_key(SYSTEM, arguments.name, arguments.platform, now=now))
        return 0
    views = list_write_keys(SYSTEM)
    if arguments.action == "list":
        for view in views:
            state = "active" if view.is_active else "revoked"
            print(f"{view.name}\t{view.platform}\t…{view.hint}\t{state}\t{view.created_at:%F}")
        return 0
    found = next((view for view in views if view.name == arguments.name), None)
    if found is None:
        raise NotFound("write_key.unknown", f"没有名为 {arguments.name} 的写入密钥")
    revoke_write_key(SYSTEM, found.id, now=now)
    return 0
