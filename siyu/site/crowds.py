"""How many may be connected to a web process, and how many requests it works on at once."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

CONNECTIONS = 16_384
"""At most; an idle one costs the process some 3 KB."""
OWN_FILES = 512
"""Files of one process that are no connections: databases, the history, calls to platforms."""
FEWEST = 256

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def open_for_many() -> int:
    """Let this process have as many open files as it may; how many connections that allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OWN_FILES
    if soft < wanted and soft != resource.RLIM_INFINITY:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _fitting(wanted if soft == resource.RLIM_INFINITY else soft)


def _fitting(files: int) -> int:
    return max(FEWEST, min(CONNECTIONS, files - OWN_FILES))


class Seats:
    """An application that works on so many requests at once; the others wait in line."""

    def __init__(self, app: App, count: int) -> None:
        self._app = app
        self._free = asyncio.Semaphore(count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._free:
            await self._app(scope, receive, send)
