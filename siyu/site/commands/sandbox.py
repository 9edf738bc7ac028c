"""`siyu sandbox`: the platforms themselves, small, on this machine."""

from __future__ import annotations

import argparse
import os

HELP = "运行平台沙箱: 讲真实协议的企业微信、抖音 / run the platforms' sandboxes"
DEFAULT_PORT = 8801


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 / address to listen on")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"端口 / port (default {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--clock-file",
        metavar="FILE",
        help="共享时钟文件, 与 SIYU_CLOCK_FILE 相同 / shared clock, to jump together with Siyu",
    )


def run(arguments: argparse.Namespace) -> int:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    if arguments.clock_file:
        os.environ["SIYU_CLOCK_FILE"] = arguments.clock_file
    print(f"沙箱 / sandbox: http://{arguments.host}:{arguments.port}/  (Ctrl-C 停止 / to stop)")
    Server(
        "siyu.sandbox.server:make_app",
        factory=True,
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.ASGI,
        log_access=False,
        log_level=LogLevels.error,
        backpressure=1024,
    ).serve()
    return 0
