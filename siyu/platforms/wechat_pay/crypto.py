"""WeChat Pay v3: signatures (RSA PKCS#1 v1.5 with SHA-256) and sealed resources (AES-256-GCM)."""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siyu.kernel.errors import Forbidden, Refused

SCHEME = "WECHATPAY2-SHA256-RSA2048"
ALGORITHM = "AEAD_AES_256_GCM"
KEY_BYTES = 32
NONCE_BYTES = 12
_PEM = re.compile(r"^\s*-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----\s*$", re.DOTALL)


class Sealed(NamedTuple):
    """An encrypted resource as it stands in JSON; all of it text."""

    ciphertext: str
    nonce: str
    associated_data: str


def sign(key: rsa.RSAPrivateKey, *lines: str) -> str:
    """Base64 of the signature over the lines, each ended by a line feed."""
    signed = key.sign(_message(lines), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode()


def is_signed(key: rsa.RSAPublicKey, signature: str, *lines: str) -> bool:
    """Whether `signature` (base64) is the key's over these lines."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, _message(lines), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def seal(key: bytes, plain: bytes, nonce: str, associated_data: str) -> Sealed:
    """Encrypt as the platform does: the tag is the last 16 bytes of the ciphertext."""
    packed = AESGCM(key).encrypt(nonce.encode(), plain, associated_data.encode())
    return Sealed(base64.b64encode(packed).decode(), nonce, associated_data)


def unseal(key: bytes, sealed: Sealed) -> bytes:
    """The plain bytes; Forbidden when key, tag or nonce is wrong."""
    if len(sealed.nonce.encode()) != NONCE_BYTES:
        raise Forbidden("callback.decrypt", "加密回调的 nonce 须为 12 字节")
    try:
        packed = base64.b64decode(sealed.ciphertext, validate=True)
        aad = sealed.associated_data.encode()
        return AESGCM(key).decrypt(sealed.nonce.encode(), packed, aad)
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise Forbidden("callback.decrypt", "解密失败, 请核对 APIv3 密钥") from error


def encrypt_field(key: rsa.RSAPublicKey, text: str) -> str:
    """A sensitive field (name, mobile) for the platform's eyes: RSA-OAEP with SHA-1, base64."""
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    return base64.b64encode(key.encrypt(text.encode(), scheme)).decode()


def decrypt_field(key: rsa.RSAPrivateKey, text: str) -> str:
    """The inverse of `encrypt_field`; ValueError when it was for another key."""
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    return key.decrypt(base64.b64decode(text, validate=True), scheme).decode()


def load_api_key(text: str) -> bytes:
    """The APIv3 key's 32 bytes; Refused when it has another length."""
    key = text.strip().encode()
    if len(key) != KEY_BYTES:
        raise Refused("wechat_pay.api_v3_key", "APIv3 密钥须为 32 个字符", field="api_v3_key")
    return key


def load_private_key(pem: str) -> rsa.RSAPrivateKey:
    """A merchant's key; Refused when it is none."""
    try:
        key = serialization.load_pem_private_key(_whole(pem), None)
    except (ValueError, TypeError) as error:
        raise Refused("wechat_pay.private_key", "商户私钥无法读取", field="private_key") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Refused("wechat_pay.private_key", "商户私钥须为 RSA 私钥", field="private_key")
    return key


def load_public_key(pem: str) -> rsa.RSAPublicKey:
    """WeChat Pay's public key; Refused when it is none."""
    try:
        key = serialization.load_pem_public_key(_whole(pem))
    except ValueError as error:
        raise Refused(
            "wechat_pay.public_key", "微信支付公钥无法读取", field="public_key"
        ) from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("wechat_pay.public_key", "微信支付公钥须为 RSA 公钥", field="public_key")
    return key


def _message(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _whole(pem: str) -> bytes:
    """A PEM text with its line breaks, wherever they went when it was pasted."""
    found = _PEM.match(pem)
    if found is None:
        return pem.encode()
    body = "\n".join(textwrap.wrap("".join(found[2].split()), 64))
    return f"-----BEGIN {found[1]}-----\n{body}\n-----END {found[1]}-----\n".encode()
