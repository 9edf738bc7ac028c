"""Writes of guides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch
from siyu.guides.asking import ask_for_changed
from siyu.guides.counting import count_days, learn_staff
from siyu.guides.fetching import queue_new_friends
from siyu.guides.known import note_callbacks
from siyu.guides.losses import forget_identities as forget_losses
from siyu.guides.losses import note_losses
from siyu.guides.models import Fetch, Known
from siyu.guides.owning import settle_owners
from siyu.guides.sources import offered_sources
from siyu.guides.syncing import start_sync
from siyu.guides.transferring import hear as hear_of_moves
from siyu.kernel.errors import Refused
from siyu.pool.queries import values_of


def hear(batch: Batch) -> None:
    """Stage: count per guide and day, learn of staff, queue new friends, note who is one, who was moved."""
    count_days(batch)
    learn_staff(batch)
    ask_for_changed(batch)
    queue_new_friends(batch)
    note_callbacks(batch)
    settle_owners(batch)
    note_losses(batch)
    hear_of_moves(batch)


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: nothing of these people is fetched or compared any more."""
    ids = list(identity_ids)
    forget_losses(ids)
    values = values_of(ids)
    Fetch.objects.filter(remote_id__in=values).delete()
    Known.objects.filter(remote_id__in=values).delete()


def request_sync(actor: Actor, account: str, *, now: datetime) -> int:
    """Begin a full pull of an account, or join the one under way; returns its id."""
    require(actor, "account:write")
    if not offered_sources(account):
        raise Refused("sync.platform", "这个平台没有可以同步的客户名单", field="key")
    with transaction.atomic():
        sync = start_sync(account, actor.name, now)
        record_audit(actor, "request_sync", account, now=now, detail={"sync": sync.pk})
    return int(sync.pk)
