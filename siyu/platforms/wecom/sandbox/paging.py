"""Opaque cursors of the platform."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import TypeVar

from siyu.platforms.wecom.sandbox.books import Fault

Item = TypeVar("Item")


def page(
    items: Sequence[Item], cursor: str, limit: int, *, mark: str, has_empty: bool = False
) -> tuple[list[Item], str]:
    """A slice and the next cursor. mark: what is listed; a cursor of another list is 50100.

    With `has_empty` the first answer is an empty page that has a next cursor.
    """
    if has_empty and not cursor and items:
        return [], _pack(mark, 0)
    start = _unpack(cursor, mark) if cursor else 0
    end = start + limit
    return list(items[start:end]), _pack(mark, end) if end < len(items) else ""


def resume(
    items: Sequence[Item], cursor: str, limit: int, *, mark: str
) -> tuple[list[Item], str, bool]:
    """A slice, where to go on later even when this is the end for now, and whether it is not."""
    start = _unpack(cursor, mark) if cursor else 0
    end = min(start + limit, len(items))
    return list(items[start:end]), _pack(mark, end), end < len(items)


def _pack(mark: str, offset: int) -> str:
    sum_ = hashlib.sha256(f"{mark}/{offset}".encode()).hexdigest()[:8]
    return base64.urlsafe_b64encode(f"{offset}.{sum_}".encode()).decode()


def _unpack(cursor: str, mark: str) -> int:
    try:
        offset = int(base64.urlsafe_b64decode(cursor).decode().partition(".")[0])
    except (binascii.Error, ValueError, UnicodeError) as error:
        raise Fault(50100, "invalid cursor") from error
    if _pack(mark, offset) != cursor:
        raise Fault(50100, "invalid cursor")
    return offset
