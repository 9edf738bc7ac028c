"""The HTTP floor of the intake: bodies read within limits, answers written whole."""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from siyu.kernel.errors import SiyuError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 10.0
_JSON = b"application/json; charset=utf-8"


class HttpRefused(SiyuError):
    """An answer other than 200, with a code and a sentence."""

    def __init__(self, status: int, code: str, reason: str, *, field: str | None = None) -> None:
        super().__init__(code, reason, field=field)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back."""

    body: bytes
    status: int = 200
    content_type: bytes = _JSON
    headers: Sequence[tuple[bytes, bytes]] = field(default_factory=tuple)


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(msgspec.json.encode(value), status)


def problem(error: SiyuError) -> Answer:
    """An error as JSON: `code` and `message` as Segment's clients read them, and the field."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if error.status in {429, 503}:
        headers = ((b"retry-after", b"1"), (b"x-ratelimit-reset", b"1"))
    if error.status == 401:
        headers = ((b"www-authenticate", b'Basic realm="siyu"'),)
    if error.status in {408, 413}:
        headers = ((b"connection", b"close"),)
    body = {"success": False, "code": error.code, "message": error.reason, "field": error.field}
    return Answer(msgspec.json.encode(body), error.status, headers=headers)


async def respond(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def read_headers(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name; HttpRefused when one that matters comes twice."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        if name in found and name in {"content-length", "authorization", "content-encoding"}:
            raise HttpRefused(400, "request.header", f"请求头 {name} 重复", field=name)
        found[name] = raw_value.decode("latin-1")
    return found


def read_query(scope: Scope) -> dict[str, str]:
    """Query parameters; of repeated ones the first."""
    return read_form(scope.get("query_string", b""))


def read_form(body: bytes) -> dict[str, str]:
    """A urlencoded form; HttpRefused when it is none."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise HttpRefused(400, "request.form", "表单编码无效") from error
    found: dict[str, str] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """The whole body within 10 s; HttpRefused 413 beyond `limit` bytes, 408 when too slow."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise HttpRefused(413, "request.too_large", f"请求体超过 {limit // 1024} KB")
    first = None
    try:
        async with asyncio.timeout(BODY_SECONDS):
            first = await receive()
            if first["type"] == "http.request" and not first.get("more_body"):
                body: bytes = first.get("body", b"")
                return _within(body, limit)
            return await _read_rest(first, receive, limit)
    except TimeoutError as error:
        raise HttpRefused(408, "request.slow", "请求体发送过慢") from error


def ungzip(data: bytes, limit: int) -> bytes:
    """Unpacked bytes; HttpRefused 413 beyond `limit`, 400 when it is no whole gzip stream."""
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise HttpRefused(400, "request.gzip", "gzip 数据无效") from error
    if len(plain) > limit:
        raise HttpRefused(413, "request.too_large", f"解压后超过 {limit // 1024} KB")
    if not stream.eof or stream.unused_data:
        raise HttpRefused(400, "request.gzip", "gzip 数据不完整")
    return plain


def unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise HttpRefused(400, "request.base64", "base64 数据无效") from error


async def _read_rest(first: MutableMapping[str, Any], receive: Receive, limit: int) -> bytes:
    parts, size, message = [], 0, first
    while True:
        if message["type"] != "http.request":
            raise HttpRefused(400, "request.cut", "请求体不完整")
        part = message.get("body", b"")
        size += len(part)
        parts.append(part)
        _within(part, limit - size + len(part))
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise HttpRefused(413, "request.too_large", "请求体过大")
    return body
