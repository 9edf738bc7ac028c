"""Reads of guides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from siyu.core.access import Actor, require
from siyu.groups.queries import names_of_staff
from siyu.guides import care_types
from siyu.guides.models import DayCount, Department, Fetch, Staff, Sync, Transfer
from siyu.guides.progress import describe
from siyu.guides.scoping import visible_staff
from siyu.guides.store_queries import list_store_points
from siyu.guides.syncing import RUNNING, WAITING
from siyu.guides.types import GuideReport, StaffName, SyncProgress
from siyu.kernel.clock import SHANGHAI
from siyu.pool import queries as pool

__all__ = [
    "count_pending",
    "count_pulls",
    "count_take_overs",
    "get_sync",
    "list_guides",
    "list_store_points",
    "list_syncs",
]

DAYS = 7
RECENT = 20


def list_guides(actor: Actor, *, now: datetime) -> list[GuideReport]:
    """The staff an actor sees, with customers or listed by a platform; most customers first."""
    require(actor, "guide:read")
    first = (now.astimezone(SHANGHAI) - timedelta(days=DAYS - 1)).date()
    counts: dict[tuple[str, str], dict[str, int]] = {
        (row["account"], row["staff"]): {
            "added_7d": row["added_7d"],
            "lost_7d": row["lost_7d"],
            "messages_7d": row["messages_7d"],
        }
        for row in DayCount.objects.filter(day__gte=first)
        .values("account", "staff")
        .annotate(added_7d=Sum("added"), lost_7d=Sum("lost"), messages_7d=Sum("messages"))
    }
    customers = pool.count_by_staff()
    reports = []
    for row in visible_staff(actor):
        week = counts.get((row.account, row.staff), {})
        own = customers.get((row.account, row.staff))
        reports.append(
            GuideReport(
                account=row.account,
                staff=row.staff,
                is_active=row.is_active,
                customers=own.customers if own else 0,
                added_7d=week.get("added_7d", 0),
                lost_7d=week.get("lost_7d", 0),
                messages_7d=week.get("messages_7d", 0),
                orders=own.orders if own else 0,
                revenue_fen=own.revenue_fen if own else 0,
            )
        )
    return sorted(reports, key=lambda report: (-report.customers, report.account, report.staff))


def list_syncs(actor: Actor, *, now: datetime) -> list[SyncProgress]:
    """The latest pulls, newest first."""
    require(actor, "account:read")
    return [describe(sync, now) for sync in _whole_syncs()[:RECENT]]


def _whole_syncs() -> QuerySet[Sync]:
    return Sync.objects.filter(is_partial=False).order_by("-pk")


def get_sync(sync_id: int, *, now: datetime) -> SyncProgress:
    """How far one pull is."""
    return describe(Sync.objects.get(pk=sync_id), now)


def list_staff_names(actor: Actor) -> list[StaffName]:
    """Everybody of the directories, for showing names where an id is kept.

    Who left before a directory told his name has the one that was seen in a customer group.
    """
    require(actor, "customer:read")
    nameless = Staff.objects.filter(name="").values_list("staff", flat=True)
    in_groups = names_of_staff(nameless) if nameless else {}
    departments = {
        (one.account, one.remote_id): one.name for one in Department.objects.all().iterator()
    }
    return [
        StaffName(
            account=one.account,
            staff=one.staff,
            name=one.name or in_groups.get((one.account, one.staff), ""),
            position=one.position,
            department=departments.get((one.account, (one.departments or [""])[0]), ""),
            employment=one.employment,
            is_active=one.is_active,
        )
        for one in Staff.objects.order_by("account", "staff")
    ]


def latest_sync(account: str, *, now: datetime) -> SyncProgress | None:
    """The latest pull of an account."""
    found = _whole_syncs().filter(account=account).first()
    return describe(found, now) if found else None


def count_pending(now: datetime) -> int:
    """Profiles to fetch that are due at `now`."""
    return Fetch.objects.filter(due_at__lte=now).count()


def count_pulls(now: datetime) -> int:
    """Pulls to begin or to carry on that are due at `now`."""
    return Sync.objects.filter(state__in=(RUNNING, WAITING), next_at__lte=now).count()


def count_take_overs(now: datetime) -> int:
    """Take-overs whose next turn is due at `now`."""
    return Transfer.objects.filter(state=care_types.RUNNING, next_at__lte=now).count()
