"""Ids that cannot be guessed, and hashes for deduplication."""

from __future__ import annotations

import hashlib
import secrets
import time


def new_id() -> str:
    """A 128-bit id, sortable by creation time (UUIDv7 layout), as 32 hex digits."""
    ms = time.time_ns() // 1_000_000
    value = (ms << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return f"{value:032x}"


def new_secret(prefix: str) -> str:
    """A random key of 192 bits with a readable prefix."""
    return f"{prefix}_{secrets.token_urlsafe(24)}"


def digest(*parts: bytes) -> bytes:
    """16 bytes of BLAKE2b over length-prefixed parts."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(4, "big"))
        state.update(part)
    return state.digest()
