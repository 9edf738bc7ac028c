"""`POST /v1/*`: one call or a batch, answered item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from siyu.core.intake.collect import Collected, Refusal, collect
from siyu.core.intake.floor import Floor
from siyu.core.intake.segment import TYPES, VOLATILE, read_segment
from siyu.core.intake.times import read_time
from siyu.core.intake.types import Arrival
from siyu.core.intake.wire import (
    Answer,
    HttpRefused,
    Receive,
    Scope,
    json_answer,
    read_body,
    read_headers,
    unbase64,
    ungzip,
)
from siyu.kernel.errors import Refused

MAX_BATCH = 500 * 1024
MAX_ITEMS = 5_000
_CALLS = {f"/v1/{name}": name for name in TYPES} | {
    f"/v1/{name[0]}": name for name in TYPES if name != "screen"
}


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    writeKey: str = ""  # noqa: N815 - the wire's name
    sentAt: str | int | float | None = None  # noqa: N815
    context: dict[str, Any] | None = None


class _Single(msgspec.Struct):
    writeKey: str = ""  # noqa: N815


class Result(msgspec.Struct):
    """The answer: how many items were taken, seen before, and refused (with reasons)."""

    success: bool
    accepted: int
    duplicate: int
    rejected: Sequence[Refusal]


_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_single = msgspec.json.Decoder(_Single).decode


async def answer_segment(floor: Floor, scope: Scope, receive: Receive) -> Answer:
    """Check, store, and answer after the flush to disk."""
    path: str = scope["path"]
    if path not in {"/v1/batch", "/v1/import"} and path not in _CALLS:
        raise HttpRefused(404, "request.path", "没有这个地址")
    if scope["method"] != "POST":
        raise HttpRefused(405, "request.method", "请使用 POST")
    headers = read_headers(scope)
    body = await read_body(receive, headers, MAX_BATCH)
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding == "gzip":
        body = ungzip(body, MAX_BATCH)
    elif encoding != "identity":
        raise HttpRefused(415, "request.encoding", "只支持 gzip 压缩")
    call = _CALLS.get(path, "")
    items, batch, body_key = _open(body, call)
    sender = await floor.sender_of(read_key(headers) or body_key)
    arrival = Arrival(
        source=sender.name,
        platform=sender.platform,
        received_at=floor.now_ms(),
        sent_at=_sent_at(batch),
        default_type=call,
        context=(batch.context if batch else None) or {},
    )
    return await store(floor, collect(items, arrival, read_segment, VOLATILE, floor.people))


async def store(floor: Floor, collected: Collected) -> Answer:
    """Append what was collected and report on every item."""
    outcomes = await floor.append(collected.entries)
    accepted = duplicate = 0
    if collected.entry.items:
        collected.settle(outcomes[0])
        accepted, duplicate = outcomes[0].accepted, len(outcomes[0].duplicates)
    return json_answer(Result(True, accepted, duplicate, collected.refusals))


def read_key(headers: Mapping[str, str]) -> str:
    """The write key of Basic (as user name) or Bearer authorization; "" when absent."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        return unbase64(value.strip()).decode("utf-8", "replace").partition(":")[0]
    return ""


def _open(body: bytes, call: str) -> tuple[list[bytes], _Batch | None, str]:
    """The raw items of a body, the batch around them, and the key inside."""
    try:
        if call:
            return [body], None, _decode_single(body).writeKey
        batch = _decode_batch(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise HttpRefused(400, "request.json", f"请求体不是有效的 JSON: {error}"[:200]) from error
    if len(batch.batch) > MAX_ITEMS:
        raise HttpRefused(413, "request.too_many", f"一批最多 {MAX_ITEMS} 条")
    return [bytes(raw) for raw in batch.batch], batch, batch.writeKey


def _sent_at(batch: _Batch | None) -> int | None:
    try:
        return read_time(batch.sentAt, "sentAt") if batch else None
    except Refused:
        return None
