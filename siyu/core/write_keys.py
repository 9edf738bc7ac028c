"""Keys with which shops, apps and sites send events. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.models import WriteKey
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.kernel.ids import new_secret

PREFIX = "swk"
FRESH_SECONDS = 1.5
MISS_SECONDS = 0.2
_NAME = re.compile(r"^[\w\-.]{1,64}$")
_PLATFORM = re.compile(r"^[a-z][a-z0-9_]{0,31}$")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a write key belongs to. `name` is the `source` of its facts."""

    name: str
    platform: str


@dataclass(frozen=True)
class WriteKeyView:
    """A key without its secret; `hint` shows its end."""

    id: int
    name: str
    platform: str
    hint: str
    is_active: bool
    created_at: datetime


def create_write_key(actor: Actor, name: str, platform: str = "web", *, now: datetime) -> str:
    """Make a key and return it; it cannot be shown again. Conflict when the name is taken."""
    require(actor, "key:write")
    if not _NAME.match(name):
        raise Refused(
            "write_key.name", "名称限 64 字以内的文字、数字、_ - . (不含空格)", field="name"
        )
    if not _PLATFORM.match(platform):
        raise Refused("write_key.platform", "平台名限小写字母、数字和 _", field="platform")
    secret = new_secret(PREFIX)
    with transaction.atomic():
        if WriteKey.objects.filter(name=name).exists():
            raise Conflict("write_key.exists", f"已有名为 {name} 的写入密钥", field="name")
        row = WriteKey.objects.create(
            name=name,
            platform=platform,
            key_hash=hash_key(secret),
            hint=secret[-4:],
            created_at=now,
        )
        record_audit(actor, "create_write_key", f"write_key:{row.pk}", now=now)
    return secret


def list_write_keys(actor: Actor) -> list[WriteKeyView]:
    """All keys, oldest first."""
    require(actor, "key:write")
    return [
        WriteKeyView(row.pk, row.name, row.platform, row.hint, row.is_active, row.created_at)
        for row in WriteKey.objects.order_by("id")
    ]


def revoke_write_key(actor: Actor, key_id: int, *, now: datetime) -> None:
    """Switch a key off; the web processes refuse it within two seconds."""
    require(actor, "key:write")
    with transaction.atomic():
        if not WriteKey.objects.filter(pk=key_id).update(is_active=False):
            raise NotFound("write_key.unknown", "没有这个写入密钥")
        record_audit(actor, "revoke_write_key", f"write_key:{key_id}", now=now)


def hash_key(secret: str) -> str:
    """SHA-256 of a key; 192 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyRing:
    """The active keys in memory, at most two seconds old."""

    def __init__(self) -> None:
        self._senders: Mapping[str, Sender] = {}
        self._loaded_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, secret: str) -> Sender | None:
        """The sender of a key as far as memory knows."""
        return self._senders.get(hash_key(secret))

    def is_fresh(self, *, after_miss: bool = False) -> bool:
        """Whether memory may be trusted; after a miss it is asked again sooner."""
        limit = MISS_SECONDS if after_miss else FRESH_SECONDS
        return time.monotonic() - self._loaded_at < limit

    def reload(self, *, after_miss: bool = False) -> None:
        """Read the keys; blocks. DatabaseError when that fails."""
        with self._lock:
            if self.is_fresh(after_miss=after_miss):
                return
            started = time.monotonic()
            rows = WriteKey.objects.filter(is_active=True).values_list(
                "key_hash", "name", "platform"
            )
            self._senders = {key: Sender(name, platform) for key, name, platform in rows}
            self._loaded_at = started
