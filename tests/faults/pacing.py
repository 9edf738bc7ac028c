"""Callbacks at a fixed rate, so that a slow answer does not slow the platform down."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from siyu.ports.sandbox import Callback

PATIENCE = 10.0
"""Seconds after which an answer counts as none."""
NO_ANSWER = 0


@dataclass
class Told:
    """What the platform heard, and how long it waited from when the call was due."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def post_all(port: int, path: str, calls: Sequence[Callback], rate: float) -> Told:
    """Post to `path` of this machine, `rate` a second; connections are kept."""
    told, requests = Told(), [_request(path, call) for call in calls]
    free: list[_Line] = []
    began = time.perf_counter() + 0.2

    async def post(request: bytes, due: float) -> None:
        line = free.pop() if free else _Line(port)
        try:
            status = await asyncio.wait_for(line.ask(request), PATIENCE)
        except (OSError, EOFError):
            line.close()
            status = NO_ANSWER
        else:
            free.append(line)
        told.seconds.append(time.perf_counter() - due)
        told.statuses[status] += 1

    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(requests):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(post(request, due))
    for line in free:
        line.close()
    return told


def _request(path: str, call: Callback) -> bytes:
    headers = {**call.headers, "host": "127.0.0.1", "content-length": str(len(call.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path}?{urlencode(call.query)} HTTP/1.1\r\n{lines}\r\n".encode() + call.body


class _Line:
    """One connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """Send a whole request and read the whole answer; its status."""
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._ends
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        size = next(int(line[15:]) for line in head if line.startswith(b"content-length:"))
        await reader.readexactly(size)
        return int(head[0].split()[1])

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
