"""`/callbacks/<platform>/<account>`: verify, keep, reply after the flush to disk."""

from __future__ import annotations

import time
from hashlib import blake2b
from typing import Protocol
from urllib.parse import unquote

import msgspec
import structlog

from siyu.core.inbox import (
    BODY_BYTES,
    CALLBACK,
    MAX_RAW,
    CallbackMessage,
    Entry,
    Rejection,
    rejection_entry,
)
from siyu.core.intake.answering import find_answer
from siyu.core.intake.floor import Floor
from siyu.core.intake.wire import (
    Answer,
    HttpRefused,
    Receive,
    Scope,
    read_body,
    read_headers,
    read_query,
)
from siyu.core.runtime import runtime
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.kernel.ids import digest
from siyu.ports.capabilities import (
    KEY_UNKNOWN,
    CallbackRequest,
    Connector,
    LearnsKeys,
    SpeaksRefusal,
    Verified,
    Webhook,
)

MAX_BODY = 1024 * 1024
QUARANTINE_PER_MINUTE = 300

log = structlog.get_logger()


class CallbackAccounts(Protocol):
    """Finds the connector a callback URL names."""

    def connector_of(self, platform: str, remote_id: str) -> Connector:
        """NotFound when there is no such account or it is switched off."""
        ...


class OurAccounts:
    """The accounts of `core.accounts`."""

    def connector_of(self, platform: str, remote_id: str) -> Connector:
        from siyu.core import accounts

        return accounts.connector_of(platform, remote_id)


class CallbackDesk:
    """Answers platforms. Every failed signature or decryption gets the same 403."""

    def __init__(self, floor: Floor, accounts: CallbackAccounts) -> None:
        self._floor = floor
        self._accounts = accounts
        self._minute = 0
        self._quarantined = 0

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """What the platform must hear, after the message is safe."""
        if scope["method"] not in {"GET", "POST"}:
            raise HttpRefused(405, "request.method", "请使用 GET 或 POST")
        platform, remote_id = _address(scope["path"])
        headers = read_headers(scope)
        body = await read_body(receive, headers, MAX_BODY)
        try:
            connector = await self._floor.in_thread(
                lambda: self._accounts.connector_of(platform, remote_id)
            )
        except NotFound as error:
            raise HttpRefused(404, "account.unknown", "没有这个账号") from error
        request = CallbackRequest(scope["method"], read_query(scope), headers, body)
        source = connector.account.key
        try:
            verified = await self._verify(connector.webhook, request)
        except Forbidden as error:
            await self._quarantine(source, body, error.code, "签名或解密失败")
            refused = HttpRefused(403, "callback.forbidden", "签名校验失败")
            return _refuse(connector.webhook, refused, error)
        except Refused as error:
            await self._quarantine(source, body, error.code, error.reason)
            refused = HttpRefused(400, error.code, error.reason, field=error.field)
            return _refuse(connector.webhook, refused, error)
        answer = await find_answer(self._floor, connector, verified)
        await self._keep(source, verified, answer[1] if answer else [])
        if answer is not None:
            return Answer(answer[0].body, content_type=answer[0].content_type.encode("latin-1"))
        return Answer(verified.reply_body, content_type=verified.reply_type.encode("latin-1"))

    async def _verify(self, webhook: Webhook, request: CallbackRequest) -> Verified:
        """Verify; once more after learning, when the platform signs with a key we do not have."""
        try:
            return webhook.verify(request, runtime().clock.now())
        except Forbidden as error:
            if error.code != KEY_UNKNOWN or not isinstance(webhook, LearnsKeys):
                raise
            learner = webhook
            if not await self._floor.in_thread(lambda: learner.learn_keys(request)):
                raise
        return webhook.verify(request, runtime().clock.now())

    async def _keep(self, source: str, verified: Verified, said: list[Entry]) -> None:
        """Store the message, and with it what is said in reply."""
        if verified.body is None:
            return
        body = verified.body
        message_id = verified.message_id or digest(body).hex()
        entry = Entry(CALLBACK, source, self._floor.now_ms())
        item = msgspec.msgpack.encode(CallbackMessage(message_id, body))
        key = digest(source.encode(), message_id.encode())
        entry.add(item, key, blake2b(body, digest_size=BODY_BYTES).digest())
        await self._floor.append([entry, *said])

    async def _quarantine(self, source: str, body: bytes, code: str, reason: str) -> None:
        """Keep the first 64 KB of a refused callback; a flood is only counted in the log."""
        log.warning("callback.refused", account=source, code=code, body=digest(body).hex())
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._quarantined = minute, 0
        self._quarantined += 1
        if not body or self._quarantined > QUARANTINE_PER_MINUTE:
            return
        at = self._floor.now_ms()
        rejection = Rejection(at=at, source=source, code=code, reason=reason, raw=body[:MAX_RAW])
        await self._floor.append([rejection_entry([rejection])])


def _refuse(webhook: Webhook, refused: HttpRefused, cause: Exception) -> Answer:
    """The platform's own words for a refusal, where it has any; else ours are raised."""
    if not isinstance(webhook, SpeaksRefusal):
        raise refused from cause
    said, kind = webhook.refusal(refused.reason)
    return Answer(said, refused.status, kind.encode("latin-1"))


def _address(path: str) -> tuple[str, str]:
    parts = path.split("/")
    if len(parts) != 4 or not parts[2] or not parts[3]:
        raise HttpRefused(404, "account.unknown", "没有这个账号")
    return parts[2], unquote(parts[3])
