"""`siyu worker`: everything that happens in the background."""

from __future__ import annotations

import argparse
import gc

HELP = "运行后台进程: 处理事件、旅程、触达与数据湖 / run the background worker"


COLLECT = (100_000, 20, 20)
"""A batch makes some hundred thousand objects and drops them whole; looking through all that
lives every 700 objects, as Python does by itself, would cost a good part of the time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", metavar="DUTY", action="append", help="只运行这些任务 / run only these duties"
    )


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot, require_engine, require_tables
    from siyu.site.environment import read_environment

    require_engine(read_environment())
    boot()
    from siyu.core.duties import Worker
    from siyu.kernel.errors import Refused
    from siyu.site.subscriptions import DUTIES

    wanted = set(arguments.only or [duty.name for duty in DUTIES])
    unknown = wanted - {duty.name for duty in DUTIES}
    if unknown:
        names = ", ".join(duty.name for duty in DUTIES)
        raise Refused("worker.duty", f"没有任务 {min(unknown)}, 可选: {names}", field="--only")
    require_tables()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    worker = Worker([duty for duty in DUTIES if duty.name in wanted])
    worker.stop_on_signals()
    worker.run()
    return 0
