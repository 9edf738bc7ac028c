"""`siyu doctor`: why does nothing happen?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

HELP = "自检: 说明为什么没有反应, 该怎么办 / explain why nothing happens"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON / print JSON")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    boot_migrated()
    from siyu.site.doctor import run_doctor

    checks = run_doctor()
    if arguments.json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            print(f"{'✓' if check.is_ok else '✗'} {check.name:<28} {check.detail}")
            if check.advice:
                print(f"  → {check.advice}")
    return 0 if all(check.is_ok for check in checks) else 1
