"""Reads one JSON item strictly: no duplicate keys, no depth bombs, no keys that poison objects."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from siyu.kernel.errors import Refused

MAX_EVENT = 32 * 1024
MAX_KEYS = 100
MAX_KEY_CHARS = 255
MAX_VALUE = 8 * 1024
MAX_DEPTH = 64

_RESERVED = tuple(f'"{name}":'.encode() for name in ("__proto__", "constructor", "$where"))
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode


def read_object(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The object of one item and its canonical bytes (sorted keys); Refused when unsound.

    NUL characters are taken out: no store can keep them.
    """
    if len(raw) > MAX_EVENT:
        raise Refused("event.too_large", "单个事件超过 32 KB")
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise Refused("event.too_deep", "嵌套超过 64 层")
    try:
        value = _decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refused("event.json", f"不是有效的 JSON: {_where(error)}") from error
    if type(value) is not dict:
        raise Refused("event.json", "事件须为 JSON 对象")
    canonical = _encode(value)
    if canonical.count(b":") != raw.count(b":") or b"\\u003" in raw:
        _refuse_duplicates(raw)
    for name in _RESERVED:
        if name in canonical:
            raise Refused("event.reserved_key", "含有保留键名", field=name.decode().strip('":'))
    if b"\\u0000" in canonical:
        value = strip_nul(value)
        canonical = _encode(value)
    return value, canonical


def check_caps(values: dict[str, Any], place: str, size: int) -> None:
    """Refused when `values` holds too many keys or too large values. size: bytes of the item."""
    if len(values) > MAX_KEYS:
        raise Refused("event.too_many_keys", f"{place} 超过 {MAX_KEYS} 个键", field=place)
    if size > MAX_KEY_CHARS and values and max(map(len, values)) > MAX_KEY_CHARS:
        raise Refused("event.key_too_long", "键名超过 255 个字符", field=place)
    if size > MAX_VALUE:
        for key, value in values.items():
            if len(msgspec.json.encode(value)) > MAX_VALUE:
                raise Refused("event.value_too_large", "单个值超过 8 KB", field=f"{place}.{key}")


def strip_nul(value: Any) -> Any:
    """The value without NUL characters in its strings and keys."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [strip_nul(item) for item in value]
    if isinstance(value, dict):
        return {key.replace("\x00", ""): strip_nul(item) for key, item in value.items()}
    return value


def _refuse_duplicates(raw: bytes) -> None:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise Refused("event.duplicate_key", "同一对象内键名重复")
        return made

    json.loads(raw, object_pairs_hook=build)


def _depth(raw: bytes) -> int:
    """The deepest nesting of brackets outside strings."""
    depth = deepest = 0
    is_text = is_escaped = False
    for byte in raw:
        if is_text:
            if is_escaped:
                is_escaped = False
            elif byte == 0x5C:
                is_escaped = True
            elif byte == 0x22:
                is_text = False
        elif byte == 0x22:
            is_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _where(error: BaseException) -> str:
    text = str(error)
    return text if len(text) < 120 else type(error).__name__
