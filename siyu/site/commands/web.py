"""`siyu web`: intake, API and console."""

from __future__ import annotations

import argparse

from siyu.site.environment import prepare_home, read_environment

BACKLOG = 4_096
IDLE_MS = 75_000
"""A connection without a request ends after so long: later than a proxy ends its own (60 s), so
that neither meets the other's goodbye."""
HELP = "运行 Web 进程: 事件采集、平台回调、接口与控制台 / run the web process"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="监听地址 / address (default SIYU_HOST or 127.0.0.1)")
    parser.add_argument("--port", type=int, help="端口 / port (default SIYU_PORT or 8000)")
    parser.add_argument(
        "--processes", type=int, default=1, help="进程数 / processes (PostgreSQL only)"
    )


def run(arguments: argparse.Namespace) -> int:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    from siyu.kernel.errors import Refused
    from siyu.site.boot import require_engine
    from siyu.site.crowds import open_for_many
    from siyu.site.ports import require_free

    environment = read_environment()
    prepare_home(environment.home)
    require_engine(environment)
    if arguments.processes > 1 and not environment.database_url:
        raise Refused(
            "web.processes", "多进程需要 PostgreSQL (SIYU_DATABASE_URL)", field="--processes"
        )
    host, port = arguments.host or environment.host, arguments.port or environment.port
    require_free(host, port)
    Server(
        "siyu.site.asgi:app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=arguments.processes,
        log_access=False,
        log_level=LogLevels.warning,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_MS),
        backlog=BACKLOG,
        backpressure=open_for_many(),
    ).serve()
    return 0
