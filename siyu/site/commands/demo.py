"""`siyu demo`: sandbox + Siyu + a brand of simulated customers."""

from __future__ import annotations

import argparse

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
        )
    )
