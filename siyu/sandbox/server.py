"""One ASGI application for all sandboxes.

/<platform>/…                        the platform's real wire protocol
POST /_sandbox/<platform>/<op>       make something happen (see each platform's sandbox.py)
GET, POST /_sandbox/bad_days         the switches of bad days
GET /_sandbox/witness                what really happened, by platform
GET /_sandbox/operations             what can be made to happen, with arguments
GET /_sandbox/calls                  the last calls, newest first
GET /_sandbox/tally                  how often each path was called, and refused with which code
GET /_sandbox/callbacks              callbacks pending and delivered
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from siyu.kernel.clock import SharedClock, SystemClock
from siyu.kernel.errors import SiyuError
from siyu.ports.sandbox import WireAnswer, WireRequest
from siyu.sandbox.bad_days import happens
from siyu.sandbox.postman import Postman
from siyu.sandbox.world import SandboxWorld

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 32 * 1024 * 1024
CONTROL = "/_sandbox/"


class SandboxServer:
    """Serves a world and delivers its callbacks."""

    def __init__(self, world: SandboxWorld) -> None:
        self.world = world
        self.postman: Postman | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.postman = Postman(self.world)
        await self.postman.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.postman.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        path: str = scope["path"]
        if path.startswith(CONTROL) or path in {"/", "/healthz"}:
            await self._reply(send, self._control(scope["method"], path, body))
            return
        platform, _, rest = path.lstrip("/").partition("/")
        if platform not in self.world.sandboxes:
            await self._reply(send, WireAnswer(status=404, body=b'{"error":"no such platform"}'))
            return
        request = WireRequest(
            method=scope["method"],
            path=f"/{rest}",
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers={key.decode("latin-1"): v.decode("latin-1") for key, v in scope["headers"]},
            body=body,
            target=_target(rest, scope["query_string"]),
        )
        await self._wire(platform, request, send)

    async def _wire(self, platform: str, request: WireRequest, send: Send) -> None:
        days, chance = self.world.bad_days_of(platform, request.path), self.world.chance
        if happens(chance, days.error_5xx):
            self.world.tally.count(platform, request.path, 503)
            self.world.note(platform, request, 503, "error_5xx")
            await self._reply(send, WireAnswer(status=503, body=b"", content_type="text/html"))
            return
        answer = self.world.answer(platform, request)
        if happens(chance, days.stall):
            self.world.note(platform, request, answer.status, "stall")
            await asyncio.sleep(days.stall_seconds)
        if happens(chance, days.reset):
            self.world.note(platform, request, answer.status, "reset")
            await _cut(send)
            return
        await self._reply(send, answer)

    async def _reply(self, send: Send, answer: WireAnswer) -> None:
        """Send an answer, dated by the world's clock as a platform dates its own."""
        date = format_datetime(self.world.clock.now(), usegmt=True).encode()
        headers = [(b"content-type", answer.content_type.encode()), (b"date", date)]
        headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _control(self, method: str, path: str, body: bytes) -> WireAnswer:
        try:
            arguments = msgspec.json.decode(body or b"{}", type=dict[str, Any])
            return _json(self._operate(method, path.removeprefix(CONTROL), arguments))
        except SiyuError as error:
            problem = {"error": error.code, "reason": error.reason, "field": error.field}
            return _json(problem, status=422)
        except msgspec.MsgspecError as error:
            return _json({"error": "sandbox.json", "reason": str(error)}, status=400)

    def _operate(self, method: str, name: str, arguments: dict[str, Any]) -> Any:
        if name == "bad_days":
            return self.world.change_bad_days(arguments if method == "POST" else {})
        shown = _SHOWN.get(name)
        if shown is not None:
            return shown(self)
        platform, _, operation = name.partition("/")
        if not operation:
            return {"is_ok": True, "platforms": sorted(self.world.sandboxes)}
        return self.world.control(platform, operation, arguments)

    def count_callbacks(self) -> dict[str, int]:
        """Callbacks pending and delivered."""
        assert self.postman is not None
        return {"pending": self.postman.pending, **self.postman.counts}


_SHOWN: dict[str, Callable[[SandboxServer], Any]] = {
    "witness": lambda server: server.world.witness(),
    "operations": lambda server: server.world.operations(),
    "calls": lambda server: list(reversed(server.world.calls)),
    "tally": lambda server: server.world.tally.show(),
    "callbacks": SandboxServer.count_callbacks,
}


def make_app() -> SandboxServer:
    """The application of `siyu sandbox`; the clock follows SIYU_CLOCK_FILE when set."""
    file = os.environ.get("SIYU_CLOCK_FILE")
    clock = SharedClock(Path(file)) if file else SystemClock()
    return SandboxServer(SandboxWorld(clock))


def _target(path: str, query: bytes) -> str:
    return f"/{path}?{query.decode('latin-1')}" if query else ""


async def _read(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY or not message.get("more_body"):
            return b"".join(parts)


async def _cut(send: Send) -> None:
    """Promise more bytes than are sent, so that the server must drop the connection."""
    headers = [(b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _json(value: Any, *, status: int = 200) -> WireAnswer:
    return WireAnswer(status=status, body=msgspec.json.encode(value))
