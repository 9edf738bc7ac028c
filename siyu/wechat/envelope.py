"""The callback envelope of all WeChat platforms: SHA-1 signature, AES-256-CBC, 32-byte padding.

plain = 16 random bytes + length (uint32, big endian) + message + receiveid
(developer.work.weixin.qq.com/document/path/90968).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from siyu.kernel.errors import Refused

BLOCK = 32
_RANDOM = 16
_LENGTH = struct.Struct(">I")
_AES_BLOCK = 16


class BadEnvelope(Exception):
    """The ciphertext is not one of ours; says nothing more on purpose."""


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """`msg_signature` of an envelope: hex SHA-1 over the four texts, sorted as bytes."""
    parts = sorted(text.encode() for text in (token, timestamp, nonce, encrypted))
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()


def sign_page(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    """The signature of `wx.config` for a page; `url` without its fragment."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *, token: str, timestamp: str, nonce: str, encrypted: str) -> bool:
    """Whether a signature is right, compared in constant time."""
    expected = sign(token, timestamp, nonce, encrypted)
    return hmac.compare_digest(expected.encode(), given.encode())


def load_aes_key(text: str) -> bytes:
    """The 32 bytes of an EncodingAESKey; Refused unless it is 43 base64 characters."""
    try:
        key = base64.b64decode(text.encode() + b"=", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(
            "callback.aes_key", "EncodingAESKey 须为 43 位字母或数字", field="aes_key"
        ) from error
    if len(text) != 43 or len(key) != 32:
        raise Refused("callback.aes_key", "EncodingAESKey 须为 43 位字母或数字", field="aes_key")
    return key


def encrypt(key: bytes, message: bytes, receive_id: str, *, random: bytes | None = None) -> str:
    """Base64 ciphertext of a message; `random` (16 bytes) is for test vectors."""
    plain = (random or os.urandom(_RANDOM)) + _LENGTH.pack(len(message)) + message
    plain += receive_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    worker = _cipher(key).encryptor()
    sealed = worker.update(plain + bytes([padding]) * padding) + worker.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(key: bytes, encrypted: str, receive_id: str) -> bytes:
    """The message; BadEnvelope for any fault: base64, key, padding, length, receive id."""
    plain = _unpad(_open(key, encrypted))
    if len(plain) < _RANDOM + _LENGTH.size:
        raise BadEnvelope
    (size,) = _LENGTH.unpack_from(plain, _RANDOM)
    start = _RANDOM + _LENGTH.size
    message, receiver = plain[start : start + size], plain[start + size :]
    if len(message) != size or not hmac.compare_digest(receiver, receive_id.encode()):
        raise BadEnvelope
    return message


def _open(key: bytes, encrypted: str) -> bytes:
    try:
        sealed = base64.b64decode(encrypted.encode(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadEnvelope from error
    if not sealed or len(sealed) % _AES_BLOCK:
        raise BadEnvelope
    worker = _cipher(key).decryptor()
    return worker.update(sealed) + worker.finalize()


def _unpad(plain: bytes) -> bytes:
    padding = plain[-1]
    tail = plain[-padding:] if 1 <= padding <= BLOCK else b""
    if not tail or not hmac.compare_digest(tail, bytes([padding]) * padding):
        raise BadEnvelope
    return plain[:-padding]


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK]))
