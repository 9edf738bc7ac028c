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


def decode_cursor(cursor: str, size: int) -> list[Any]:
    """The sort keys of a cursor; Refused when it is not one of ours."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        keys = msgspec.json.decode(raw, type=list[Any])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Refused("page.cursor", "翻页游标无效", field="cursor") from error
    if len(keys) != size:
        raise Refused("page.cursor", "翻页游标无效", field="cursor")
    return keys
