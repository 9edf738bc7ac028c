"""WeCom's callback envelope: the one of all WeChat platforms."""

from __future__ import annotations

from siyu.wechat.envelope import (
    BLOCK,
    BadEnvelope,
    decrypt,
    encrypt,
    is_signed,
    load_aes_key,
    sign,
    sign_page,
)

__all__ = [
    "BLOCK",
    "BadEnvelope",
    "decrypt",
    "encrypt",
    "is_signed",
    "load_aes_key",
    "sign",
    "sign_page",
]
