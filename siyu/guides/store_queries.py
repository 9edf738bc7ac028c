"""Reads of stores that other slices build on."""

from __future__ import annotations

from collections import defaultdict

from siyu.guides.models import Post, Staff, Store
from siyu.guides.org_types import StaffId, StorePoint


def list_store_points() -> list[StorePoint]:
    """The stores that are open, by code, with their active staff; for work without an actor."""
    staff: dict[int, list[StaffId]] = defaultdict(list)
    posts = Post.objects.filter(store__is_active=True, staff__is_active=True)
    for store, account, userid in posts.order_by("staff_id").values_list(
        "store_id", "staff__account", "staff__staff"
    ):
        staff[store].append((account, userid))
    return [
        StorePoint(
            id=store.pk,
            code=store.code,
            name=store.name,
            city=store.city,
            address=store.address,
            phone=store.phone,
            hours=store.hours,
            lat=store.lat,
            lng=store.lng,
            staff=tuple(staff[store.pk]),
        )
        for store in Store.objects.filter(is_active=True).order_by("code")
    ]


def is_working(account: str, staff: str) -> bool:
    """Whether somebody is a member of staff who has not left."""
    return Staff.objects.filter(account=account, staff=staff, is_active=True).exists()
