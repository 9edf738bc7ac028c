"""`siyu up`: everything in one command."""

from __future__ import annotations

import argparse
import os
import urllib.request
from urllib.error import URLError

from siyu.site.environment import Environment, prepare_home, read_environment

HELP = "启动全部: 迁移数据表, 运行 Web 与后台进程 / migrate, then run web and worker together"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="监听地址 / address to listen on")
    parser.add_argument("--port", type=int, help="端口 / port to listen on")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.processes import NotReady, Processes

    if arguments.host:
        os.environ["SIYU_HOST"] = arguments.host
    if arguments.port:
        os.environ["SIYU_PORT"] = str(arguments.port)
    environment = read_environment()
    prepare_home(environment.home)
    processes = Processes()
    password = processes.ask(prepare)
    processes.start("web", ["web"])
    processes.start("worker", ["worker"])
    try:
        processes.wait_until(lambda: is_ready(environment))
    except NotReady:
        processes.stop()
        raise
    print(f"Siyu 已就绪 / ready: {environment.public_url}")
    if password:
        print(
            f"首次登录 / first login: owner / {password}  (请登录后立即修改 / change it after signing in)"
        )
    return processes.run_until_stopped()


def prepare() -> str:
    """Make the tables this version's; the owner's password, "" when there was an owner."""
    from siyu.site.boot import boot, migrate, require_engine
    from siyu.site.first_user import ensure_owner

    require_engine(read_environment())
    boot()
    migrate()
    return ensure_owner()


def is_ready(environment: Environment) -> bool:
    """Whether the web process answers."""
    host = "127.0.0.1" if environment.host in {"0.0.0.0", "::"} else environment.host  # noqa: S104
    try:
        with urllib.request.urlopen(
            f"http://{host}:{environment.port}/readyz", timeout=2
        ) as answer:
            return int(answer.status) == 200
    except (URLError, OSError):
        return False
