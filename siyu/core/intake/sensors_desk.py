"""`/sa`: 神策 clients, answered the way their server answers."""

from __future__ import annotations

import msgspec

from siyu.core.intake.collect import collect
from siyu.core.intake.floor import Floor
from siyu.core.intake.segment_desk import read_key, store
from siyu.core.intake.sensors import VOLATILE, read_sensors
from siyu.core.intake.types import Arrival
from siyu.core.intake.wire import (
    Answer,
    HttpRefused,
    Receive,
    Scope,
    read_body,
    read_form,
    read_headers,
    read_query,
    unbase64,
    ungzip,
)

MAX_BODY = 1024 * 1024
MAX_PLAIN = 4 * 1024 * 1024
MAX_ITEMS = 5_000
_GZIP = b"\x1f\x8b"


class _Tokened(msgspec.Struct):
    token: str = ""


_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_token = msgspec.json.Decoder(_Tokened).decode


async def answer_sensors(floor: Floor, scope: Scope, receive: Receive) -> Answer:
    """Check, store, and answer after the flush to disk; the body lists refused records."""
    if scope["method"] not in {"GET", "POST"}:
        raise HttpRefused(405, "request.method", "请使用 GET 或 POST")
    headers, fields = read_headers(scope), read_query(scope)
    body = await read_body(receive, headers, MAX_BODY)
    if body:
        if headers.get("content-encoding", "").lower() == "gzip":
            body = ungzip(body, MAX_BODY)
        fields = {**read_form(body), **fields}
    items = _items(fields)
    sender = await floor.sender_of(fields.get("token") or read_key(headers) or _token(items))
    arrival = Arrival(sender.name, sender.platform, floor.now_ms())
    collected = collect(items, arrival, read_sensors, VOLATILE, floor.people)
    return await store(floor, collected)


def _items(fields: dict[str, str]) -> list[bytes]:
    """The raw records of `data_list` or `data`."""
    packed = fields.get("data_list") or fields.get("data")
    if not packed:
        raise HttpRefused(400, "request.data", "缺少 data 或 data_list", field="data_list")
    plain = unbase64(packed)
    if plain.startswith(_GZIP):
        plain = ungzip(plain, MAX_PLAIN)
    if not plain.lstrip().startswith(b"["):
        return [plain]
    try:
        items = [bytes(raw) for raw in _decode_list(plain)]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise HttpRefused(400, "request.json", "数据不是有效的 JSON", field="data_list") from error
    if len(items) > MAX_ITEMS:
        raise HttpRefused(413, "request.too_many", f"一批最多 {MAX_ITEMS} 条")
    return items


def _token(items: list[bytes]) -> str:
    try:
        return _decode_token(items[0]).token if items else ""
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
