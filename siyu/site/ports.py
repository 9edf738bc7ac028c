"""Whether an address is free to listen on.

The server shares its port with whoever shares his, so that its own processes may; another Siyu on
the same port would get half of the requests, without a word.
"""

from __future__ import annotations

import errno
import socket
import time

from siyu.kernel.errors import Refused

PATIENCE_SECONDS = 3.0
"""A process that was killed may leave its port a moment later."""


def require_free(host: str, port: int, *, patience: float = PATIENCE_SECONDS) -> None:
    """Refused when somebody listens there and goes on doing so."""
    deadline = time.monotonic() + patience
    while is_taken(host, port):
        if time.monotonic() > deadline:
            reason = f"端口 {port} 正被占用: 停掉占用它的程序, 或换一个端口 (--port)"
            raise Refused("web.port", reason, field="--port")
        time.sleep(0.05)


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens at an address of this machine; OSError when it is none."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return True
    return False
