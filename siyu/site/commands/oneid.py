"""`siyu oneid`: recompute all customers from the edge log, or say what that would change."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

HELP = "身份: rebuild 从关联日志重算全部客户 / identities: rebuild all customers"
_PHASES = {
    "identities": "读取身份 / reading identities",
    "edges": "读取关联 / reading edges",
    "settling": "裁定冲突 / settling conflicts",
    "strengths": "更新强弱 / updating strengths",
    "applying": "改写客户 / writing customers",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    rebuild = actions.add_parser("rebuild", help="重算 / recompute, without stopping intake")
    rebuild.add_argument(
        "--dry-run", "--preview", action="store_true", help="只预览, 不改写 / only say what changes"
    )
    rebuild.add_argument(
        "--rules",
        metavar="FILE",
        help="规则 JSON, 按命名空间; 与 --dry-run 同用只试算, 否则先生效再重算 / rules to try or to use",
    )
    rebuild.add_argument("--reason", default="", help="改规则的理由 / why the rules change")
    rebuild.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    rebuild.add_argument("--home", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    rules = _read(arguments.rules) if arguments.rules else None
    boot_migrated()
    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.pool.rebuild import preview_rebuild
    from siyu.pool.rebuilding import change_rules, rebuild

    bar = Bar()
    started = time.perf_counter()
    now = runtime().clock.now()
    if arguments.dry_run:
        found = preview_rebuild(rules, bar.show)
    else:
        if rules is not None:
            change_rules(SYSTEM, rules, reason=arguments.reason, now=now)
        found = rebuild(SYSTEM, bar.show, now=now)
    bar.end()
    seconds = round(time.perf_counter() - started, 2)
    report = {**found.report.as_dict(), "is_preview": arguments.dry_run, "seconds": seconds}
    print(json.dumps(report, ensure_ascii=False) if arguments.json else describe(report))
    return 0


def describe(report: dict[str, Any]) -> str:
    """The report as lines to read."""
    lines = [
        "预览, 未改写 / preview, nothing written" if report["is_preview"] else "已重算 / rebuilt",
        f"身份 / identities     {report['identities']:>12,}",
        f"关联 / edges          {report['edges']:>12,}",
        f"客户 / customers      {report['customers_before']:>12,} → {report['customers']:,}",
        f"合并 / merges         {report['merges']:>12,}  {_some(report['merging'])}",
        f"拆分 / splits         {report['splits']:>12,}  {_some(report['splitting'])}",
        f"隔离 / quarantined    {report['quarantined']:>12,}",
        f"解除 / released       {report['released']:>12,}",
        f"最大 / largest        {', '.join(str(n) for n in report['largest'][:5]) or '-':>12}",
        f"用时 / took           {report['seconds']:>12,.1f} s",
    ]
    return "\n".join(lines)


def _some(examples: list[list[int]]) -> str:
    shown = "; ".join("+".join(str(n) for n in one[:4]) for one in examples[:3])
    return f"({shown}{' …' if len(examples) > 3 else ''})" if shown else ""


class Bar:
    """Progress on standard error: done, rate and remaining time; a few lines when it is no terminal."""

    def __init__(self) -> None:
        self._phase = ""
        self._started = self._shown = time.perf_counter()
        self._is_live = sys.stderr.isatty()

    def show(self, phase: str, done: int, total: int) -> None:
        """Called by the work with what is done of a phase."""
        now = time.perf_counter()
        if phase != self._phase:
            self.end()
            self._phase, self._started, self._shown = phase, now, 0.0
        if now - self._shown < (0.2 if self._is_live else 5) and done < total:
            return
        self._shown = now
        rate = done / max(now - self._started, 1e-6)
        left = max(total - done, 0) / rate if rate else 0
        text = (
            f"{_PHASES.get(phase, phase)}: {done:,}/{total:,}"
            f" ({100 * done / max(total, 1):.0f} %) {rate:,.0f}/s, {left:,.0f} s"
        )
        print(f"\r\x1b[K{text}" if self._is_live else text, end="", file=sys.stderr)
        print("" if self._is_live else "\n", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the last line standing."""
        if self._phase and self._is_live:
            print(file=sys.stderr)


def _read(path: str) -> dict[str, Any]:
    from siyu.kernel.errors import Refused

    try:
        rules = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused("rule.file", f"读不到规则: {error}", field="rules") from error
    if not isinstance(rules, dict):
        raise Refused("rule.file", "规则须为 JSON 对象, 键为命名空间", field="rules")
    return rules
