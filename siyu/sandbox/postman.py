"""Delivers the platforms' callbacks to the brand's server, with retries and bad days."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import httpx

from siyu.ports.sandbox import Callback
from siyu.sandbox.bad_days import happens
from siyu.sandbox.carrier import ThreadTransport
from siyu.sandbox.world import SandboxWorld

CARRIERS = 8
RETRY_SECONDS = (1.0, 3.0, 5.0)


class Postman:
    """Carries the world's outbox while started.

    A callback is repeated after 1, 3 and 5 seconds until the platform calls it acknowledged or
    its attempts are used up. Without bad days callbacks leave in order, a few at a time.
    """

    def __init__(
        self,
        world: SandboxWorld,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self._world = world
        self._transport = transport or ThreadTransport()
        self._retry_seconds = retry_seconds
        self._ready = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._idle = asyncio.Event()
        self.counts: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        """Callbacks neither delivered nor given up."""
        return len(self._world.outbox) + self._waiting

    async def start(self) -> None:
        self._world.on_post = self._ready.set
        for _ in range(CARRIERS):
            self._spawn(self._carry())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transport.aclose()

    async def settle(self) -> None:
        """Return when nothing is pending."""
        while self.pending:
            self._idle.clear()
            await self._idle.wait()

    async def _carry(self) -> None:
        outbox = self._world.outbox
        while True:
            if not outbox:
                self._ready.clear()
                await self._ready.wait()
                continue
            platform, callback = outbox.popleft()
            self._waiting += 1
            if not await self._spoil(platform, callback):
                await self._deliver(platform, callback)
            self._done()

    async def _spoil(self, platform: str, callback: Callback) -> bool:
        """Apply a bad day; True when the callback is lost or on its way by itself."""
        days, chance = self._world.bad_days_of_callback(platform), self._world.chance
        if happens(chance, days.drop):
            self.counts["dropped"] += 1
            return True
        if happens(chance, days.duplicate):
            self.counts["duplicated"] += 1
            self._later(platform, callback, chance.random())
        if happens(chance, days.late):
            self.counts["late"] += 1
            self._later(platform, callback, days.late_seconds)
            return True
        if happens(chance, days.shuffle):
            self.counts["shuffled"] += 1
            self._later(platform, callback, chance.random() * 2)
            return True
        return False

    def _later(self, platform: str, callback: Callback, seconds: float) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await self._deliver(platform, callback)
            self._done()

        self._waiting += 1
        self._spawn(wait())

    async def _deliver(self, platform: str, callback: Callback, attempt: int = 1) -> None:
        self.counts["sent"] += 1
        if await self._post(platform, callback):
            self.counts["acknowledged"] += 1
            return
        if attempt >= callback.attempts:
            self.counts["given_up"] += 1
            return
        self.counts["retried"] += 1
        self._waiting += 1
        self._spawn(self._retry(platform, callback, attempt + 1))

    async def _retry(self, platform: str, callback: Callback, attempt: int) -> None:
        await asyncio.sleep(self._retry_seconds[min(attempt - 2, len(self._retry_seconds) - 1)])
        await self._deliver(platform, callback, attempt)
        self._done()

    async def _post(self, platform: str, callback: Callback) -> bool:
        times = dict.fromkeys(("connect", "read", "write", "pool"), callback.timeout)
        request = httpx.Request(
            "POST",
            callback.url,
            params=dict(callback.query),
            content=callback.body,
            headers=dict(callback.headers),
            extensions={"timeout": times},
        )
        with suppress(httpx.HTTPError):
            answer = await self._transport.handle_async_request(request)
            try:
                body = await answer.aread()
            finally:
                await answer.aclose()
            sandbox = self._world.sandbox(platform)
            return sandbox.is_acknowledged(callback, answer.status_code, body)
        return False

    def _done(self) -> None:
        self._waiting -= 1
        if not self.pending:
            self._idle.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
