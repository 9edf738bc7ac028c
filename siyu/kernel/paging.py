"""Keyset pages: an opaque cursor instead of an offset."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from siyu.kernel.errors import Refused

Item = TypeVar("Item")
MAX_LIMIT = 200


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page; `next_cursor` is None on the last one."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(*keys: Any) -> str:
    """An opaque cursor of the last row's sort keys."""
    return base64.urlsafe_b64encode(msgspec.json.encode(keys)).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[Any]:
    """The sort keys of a cursor, one for each of `kinds`; Refused when it is not one of ours."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        keys = msgspec.json.decode(raw, type=list[Any])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Refused("page.cursor", "翻页游标无效", field="cursor") from error
    is_ours = [type(key) for key in keys] == list(kinds)
    if not is_ours or any(isinstance(key, int) and abs(key) >= 2**63 for key in keys):
        raise Refused("page.cursor", "翻页游标无效", field="cursor")
    return keys
