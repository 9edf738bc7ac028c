"""What all desks of the intake share: the inbox, the keys, a place for blocking work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog
from django.db import DatabaseError, connections

from siyu.core.inbox import Entry, Inbox, Outcome
from siyu.core.intake.people import People
from siyu.core.intake.wire import HttpRefused
from siyu.core.runtime import runtime
from siyu.core.write_keys import KeyRing, Sender

Result = TypeVar("Result")

log = structlog.get_logger()


class Floor:
    """Opened once per web process."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.people = People(runtime().namespaces)
        self._keys = KeyRing()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")

    def now_ms(self) -> int:
        """Milliseconds since the epoch on the runtime's clock."""
        return int(runtime().clock.now().timestamp() * 1000)

    async def append(self, entries: list[Entry]) -> list[Outcome]:
        """Store entries; returns after they are on disk."""
        if not entries:
            return []
        return await asyncio.wrap_future(self.inbox.append(entries))

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Run short blocking work beside the event loop, on a thread with its own connection."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def sender_of(self, secret: str) -> Sender:
        """Who sends with this key; HttpRefused 401 when nobody may."""
        if not secret:
            raise HttpRefused(401, "write_key.missing", "缺少写入密钥")
        await self._load_keys(after_miss=False)
        sender = self._keys.find(secret)
        if sender is None:
            await self._load_keys(after_miss=True)
            sender = self._keys.find(secret)
        if sender is None:
            raise HttpRefused(401, "write_key.unknown", "写入密钥无效或已停用")
        return sender

    def close(self) -> None:
        """Commit what waits and close the inbox."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)
        self.inbox.close()

    async def _load_keys(self, *, after_miss: bool) -> None:
        if self._keys.is_fresh(after_miss=after_miss):
            return
        try:
            await self.in_thread(partial(self._keys.reload, after_miss=after_miss))
        except DatabaseError as error:
            log.exception("intake.keys")
            raise HttpRefused(503, "intake.keys", "暂时无法核对写入密钥, 请稍后重试") from error
