"""Secrets at rest: AES-256-GCM under the home's key, bound to the place they are kept."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from siyu.kernel.errors import SiyuError

_NONCE = 12


def load_key(path: Path) -> bytes:
    """The 32-byte key of a file, made on first use, readable by its owner only."""
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != 32:
        raise SiyuError("secret.key", f"{path} 不是 32 字节的密钥")
    return key


def _make_key(path: Path) -> None:
    """Write a new key whole; of several processes that try, one wins."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(32))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()


def seal(plain: bytes, place: str) -> bytes:
    """Encrypt for one place (`account:wecom:ww1`); another place cannot open it."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, plain, place.encode())


def unseal(sealed: bytes, place: str) -> bytes:
    """Decrypt; SiyuError when the key or the place is wrong."""
    try:
        return AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except InvalidTag as error:
        raise SiyuError("secret.unseal", f"{place} 的密文无法用当前密钥打开") from error


def _key() -> bytes:
    key: bytes = settings.SIYU_SECRET_KEY
    return key
