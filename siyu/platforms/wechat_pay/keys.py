"""WeChat Pay's keys by serial number: the public key typed in, or downloaded certificates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from siyu.kernel.clock import Clock
from siyu.kernel.errors import Forbidden, PlatformError, Reauth, RetryLater
from siyu.platforms.wechat_pay.crypto import Sealed, load_api_key, load_public_key, unseal
from siyu.platforms.wechat_pay.wire import Resource
from siyu.ports.capabilities import AccountConfig, Token, TokenStore

LIFE = timedelta(hours=12)
"""Certificates are looked at again after 12 h, as the platform advises; a new one is published
24 h before the old one ends."""
PAUSE = timedelta(minutes=1)
"""A stranger's serial number makes us ask the platform at most once in this time."""

Fetch = Callable[[], Mapping[str, Any]]


class _Certificate(msgspec.Struct, frozen=True):
    serial_no: str
    encrypt_certificate: Resource
    effective_time: str = ""


class PlatformKeys:
    """The keys one merchant believes. fetch: the body of GET /v3/certificates."""

    def __init__(self, account: AccountConfig, clock: Clock, tokens: TokenStore) -> None:
        self._account = account
        self._clock = clock
        self._tokens = tokens
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        self._asked_at: datetime | None = None
        self._bundle = ""
        self._is_pinned = bool(account.fields.get("public_key_id"))
        if self._is_pinned:
            name = account.fields["public_key_id"]
            self._keys[name] = load_public_key(account.fields.get("public_key", ""))

    @property
    def is_pinned(self) -> bool:
        """Whether this merchant uses the public key and no certificates."""
        return self._is_pinned

    def find(self, serial: str) -> rsa.RSAPublicKey | None:
        """The key of a serial number among those at hand; no IO."""
        return self._keys.get(serial) or self._keys.get(serial.upper())

    def newest(self) -> tuple[str, rsa.RSAPublicKey]:
        """Serial and key to encrypt fields for; RetryLater when none is at hand."""
        if not self._keys:
            raise RetryLater("wechat_pay.keys", "还没有微信支付的平台证书")
        return list(self._keys.items())[-1]

    def learn(self, fetch: Fetch, *, unknown: str = "") -> bool:
        """Load the certificates, anew when `unknown` is not among them; True when that may help.

        The platform is asked at most once a minute. In public key mode nothing is to be learned,
        except while a merchant changes over from certificates and both are in use.
        """
        now = self._clock.now()
        is_recent = self._asked_at is not None and now - self._asked_at < PAUSE
        if is_recent and self._keys:
            return bool(self.find(unknown)) if unknown else True
        self._load(self._stored(fetch, None))
        if unknown and not self.find(unknown):
            self._load(self._stored(fetch, self._bundle))
        return bool(self.find(unknown)) if unknown else bool(self._keys)

    def _stored(self, fetch: Fetch, bad: str | None) -> str:
        def make() -> Token:
            self._asked_at = self._clock.now()
            return Token(self._open(fetch()), self._asked_at + LIFE)

        return self._tokens.get(self._account.key, "certificates", make, bad=bad)

    def _open(self, answer: Mapping[str, Any]) -> str:
        """Decrypted certificates as JSON `{serial: pem}`, oldest first."""
        key = load_api_key(self._account.fields["api_v3_key"])
        found: list[tuple[str, str, str]] = []
        try:
            items = msgspec.convert(answer.get("data") or [], list[_Certificate])
        except msgspec.ValidationError as error:
            raise RetryLater("wechat_pay.keys", "微信支付的平台证书无法读取") from error
        for item in items:
            sealed = item.encrypt_certificate
            named = Sealed(sealed.ciphertext, sealed.nonce, sealed.associated_data)
            try:
                pem = unseal(key, named).decode()
            except Forbidden as error:
                raise Reauth(
                    "wechat_pay.api_v3_key", "平台证书解密失败, 请核对 APIv3 密钥"
                ) from error
            found.append((item.effective_time, item.serial_no, pem))
        if not found:
            raise RetryLater("wechat_pay.keys", "微信支付没有返回平台证书")
        return msgspec.json.encode({serial: pem for _, serial, pem in sorted(found)}).decode()

    def _load(self, bundle: str) -> None:
        self._bundle = bundle
        now = self._clock.now()
        pems = msgspec.json.decode(bundle, type=dict[str, str])
        pinned = dict(list(self._keys.items())[:1]) if self._is_pinned else {}
        fresh: dict[str, rsa.RSAPublicKey] = {}
        for serial, pem in pems.items():
            certificate = x509.load_pem_x509_certificate(pem.encode())
            key = certificate.public_key()
            if isinstance(key, rsa.RSAPublicKey) and certificate.not_valid_after_utc > now:
                fresh[serial.upper()] = key
        self._keys = {**fresh, **pinned}


def learn_quietly(keys: PlatformKeys, fetch: Fetch, serial: str) -> bool:
    """As `PlatformKeys.learn`; False instead of an error."""
    try:
        return keys.learn(fetch, unknown=serial)
    except PlatformError:
        return False
