"""A member of staff got another id: his relations are one, his customers show him as he is."""

from __future__ import annotations

from datetime import datetime

from siyu.pool import profile
from siyu.pool.belongings import tell_changed
from siyu.pool.models import Ownership, Relation

_TIMES = ("added_at", "synced_at", "lost_at", "tags_at")


def absorb_relation(old: Relation, new: Relation) -> None:
    """One friendship was seen under both ids: the later word on everything holds."""
    if _is_later(old.added_at, new.added_at) and old.state:
        new.state = old.state
    new.state = new.state or old.state
    for name in _TIMES:
        if _is_later(getattr(old, name), getattr(new, name)):
            setattr(new, name, getattr(old, name))
    begun = [at for at in (new.added_at, new.synced_at) if at is not None]
    lost = new.lost_at
    new.is_friend = bool(begun) and (lost is None or max(begun) > lost)


def refresh_customers(account: str, before: str, after: str, now: datetime) -> None:  # noqa: ARG001 - as every listener
    """Everybody the member of staff knows or owns is shown and counted under the new id."""
    mine = {"account": account, "staff": after}
    ids = set(Relation.objects.filter(**mine).values_list("customer_id", flat=True))
    ids |= set(Ownership.objects.filter(**mine).values_list("customer_id", flat=True))
    if ids:
        profile.refresh_relations(ids)
        tell_changed(ids, now)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)
