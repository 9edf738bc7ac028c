"""`siyu demo`: sandbox + Siyu + a brand of simulated customers."""

from __future__ import annotations

import argparse

import msgspec

HELP = "演示: 沙箱 + Siyu + 一个由模拟顾客组成的品牌 / a demo brand lived through by simulated customers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--customers", type=int, default=2000, help="模拟顾客数 / people (default 2000)"
    )
    parser.add_argument("--days", type=int, default=7, help="模拟天数 / days (default 7)")
    parser.add_argument("--seed", type=int, default=20261111, help="随机种子 / seed")
    parser.add_argument(
        "--port", type=int, help="控制台端口 / port of the console (default: 8000 or free)"
    )
    parser.add_argument(
        "--exit", action="store_true", help="打印结果后退出 / end after the results"
    )
    parser.add_argument(
        "--json", action="store_true", help="结果以一个 JSON 对象输出 / one JSON object"
    )
    parser.add_argument(
        "--bad-days",
        type=_read_switches,
        default={},
        metavar="JSON",
        help="沙箱的坏天气, 末两天放晴 / bad days of the sandbox; clear for the last two days",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="把全部数字写进 JSON 文件, 每天报一行进度 / all figures into a file, a line a day",
    )


def _read_switches(text: str) -> dict[str, float | str]:
    try:
        return msgspec.json.decode(text, type=dict[str, float | str])
    except msgspec.MsgspecError as error:
        raise argparse.ArgumentTypeError(f"not a JSON object of switches: {error}") from error


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.demo.show import DemoOptions, run_demo

    return run_demo(
        DemoOptions(
            home=arguments.home,
            customers=arguments.customers,
            days=arguments.days,
            seed=arguments.seed,
            port=arguments.port,
            is_exiting=arguments.exit,
            is_json=arguments.json,
            bad_days=arguments.bad_days,
            report_file=arguments.report,
        )
    )
