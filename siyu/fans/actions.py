"""What the worker calls."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.core.pipeline import Batch
from siyu.fans.follow_codes import hear_followers
from siyu.fans.models import CodeFollow
from siyu.fans.orders import compare_orders, fetch_orders, hear_orders

__all__ = ["compare_orders", "fetch_orders", "forget_identities", "hear"]


def hear(batch: Batch) -> None:
    """Stage: followers count for their codes; changed orders are put on the list."""
    hear_followers(batch)
    hear_orders(batch)


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: who came through which code is forgotten."""
    CodeFollow.objects.filter(identity_id__in=list(identity_ids)).delete()
