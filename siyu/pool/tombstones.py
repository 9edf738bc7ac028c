"""Erased identities, kept as keyed hashes only: late facts must not bring a person back."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from django.conf import settings

from siyu.kernel.identity import Identity
from siyu.pool.models import Tombstone
from siyu.pool.rows import among, execute, fetch, insert_rows, listed, ms_of
from siyu.ports import facts
from siyu.ports.facts import Fact

REVIVING = frozenset({facts.FRIEND_ADDED, facts.FOLLOWED})
"""What a person does to come back, later than the erasure."""


def identity_hash(identity: Identity) -> str:
    """HMAC-SHA-256 under the home's key."""
    key: bytes = settings.SIYU_SECRET_KEY
    text = f"{identity.namespace}\x1f{identity.scope}\x1f{identity.value}"
    return hmac.new(key, b"tombstone" + text.encode(), hashlib.sha256).hexdigest()


def find_erased(identities: Iterable[Identity]) -> dict[Identity, int]:
    """The erased ones among them, with the time of erasure in ms."""
    many = list(identities)
    if not many or not fetch("SELECT 1 FROM pool_tombstone LIMIT 1"):
        return {}
    hashes = {identity_hash(identity): identity for identity in many}
    sql = f"SELECT hash, at FROM pool_tombstone WHERE {among('hash')}"  # noqa: S608
    return {hashes[row[0]]: ms_of(row[1]) for row in fetch(sql, listed(hashes))}


def is_barred(erased: Mapping[Identity, int], identity: Identity, fact: Fact) -> bool:
    """Whether this fact may not create this identity; a revival lifts the tombstone."""
    at = erased.get(identity)
    if at is None:
        return False
    if fact.name in REVIVING and fact.at > at:
        execute("DELETE FROM pool_tombstone WHERE hash = %s", identity_hash(identity))
        return False
    return True


def bury(identities: Iterable[Identity], at: object) -> None:
    """Remember that these were erased; `at` is a raw SQL time."""
    insert_rows(
        Tombstone,
        ("hash", "at"),
        [(identity_hash(identity), at) for identity in identities],
        on_conflict="(hash) DO UPDATE SET at = excluded.at",
    )
