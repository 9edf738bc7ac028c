"""The intake as a raw ASGI application: nothing between the socket and the inbox but checks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from siyu.core.inbox import Inbox
from siyu.core.intake.callbacks import CallbackAccounts, CallbackDesk, OurAccounts
from siyu.core.intake.floor import Floor
from siyu.core.intake.place import open_inbox
from siyu.core.intake.segment_desk import answer_segment
from siyu.core.intake.sensors_desk import answer_sensors
from siyu.core.intake.wire import (
    Answer,
    HttpRefused,
    Receive,
    Scope,
    Send,
    json_answer,
    problem,
    respond,
)
from siyu.kernel.errors import SiyuError

log = structlog.get_logger()


class IntakeApp:
    """Answers `/v1/*`, `/sa`, `/callbacks/*`, `/healthz` and `/readyz`.

    Without arguments it works on the process's runtime, inbox and accounts; everything is
    opened on the first request.
    """

    def __init__(
        self,
        *,
        open_inbox: Callable[[], Inbox] = open_inbox,
        accounts: CallbackAccounts | None = None,
    ) -> None:
        self._open_inbox = open_inbox
        self._accounts = accounts or OurAccounts()
        self._floor: Floor | None = None
        self._callbacks: CallbackDesk | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            answer = await self._route(scope, receive)
        except SiyuError as error:
            answer = problem(error)
        except Exception:
            log.exception("intake.failed", path=scope["path"])
            answer = problem(HttpRefused(503, "intake.failed", "暂时无法处理, 请稍后重试"))
        await respond(send, answer)

    def close(self) -> None:
        """Commit what waits and close the inbox."""
        if self._floor is not None:
            self._floor.close()
            self._floor = self._callbacks = None

    async def _route(self, scope: Scope, receive: Receive) -> Answer:
        path: str = scope["path"]
        if path == "/healthz":
            return json_answer({"status": "ok"})
        floor = self._floor
        if floor is None or self._callbacks is None:
            floor = self._floor = Floor(self._open_inbox())
            self._callbacks = CallbackDesk(floor, self._accounts)
        if path.startswith("/v1/"):
            return await answer_segment(floor, scope, receive)
        if path in {"/sa", "/sa.gif"}:
            return await answer_sensors(floor, scope, receive)
        if path.startswith("/callbacks/"):
            return await self._callbacks.answer(scope, receive)
        if path == "/readyz":
            return await _answer_ready(floor)
        raise HttpRefused(404, "request.path", "没有这个地址")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.get_running_loop().run_in_executor(None, self.close)
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _answer_ready(floor: Floor) -> Answer:
    """Ready means that the state store and the inbox answer."""
    try:
        pending = await floor.in_thread(floor.inbox.store.has_pending)
    except Exception as error:
        raise HttpRefused(503, "intake.not_ready", f"未就绪: {type(error).__name__}") from error
    return json_answer({"status": "ready", "has_pending": pending})
