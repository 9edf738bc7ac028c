"""Pulls what was said at service desks, page by page: nothing is lost, nothing counts twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from siyu.core.accounts import active_accounts, connector
from siyu.core.failpoints import failpoint
from siyu.core.intake import submit_facts
from siyu.core.leases import claim
from siyu.core.runtime import runtime
from siyu.kernel.errors import NotFound, PlatformError, Reauth, WaitUntil
from siyu.ports.desk import RemoteDesk, ServiceDesk
from siyu.talk.desk_asking import ask_about_held
from siyu.talk.models import Desk, DeskSession

CHUNK = 5
PAGES_PER_TURN = 10
PROFILES = 100
LOOK_AGAIN = timedelta(minutes=5)
"""Also without an announcement, which may be lost."""
LIST_AGAIN = timedelta(hours=1)
BACK_OFF_SECONDS = (2, 10, 60, 300)
REAUTH_PAUSE = timedelta(minutes=5)
_listed: dict[str, datetime] = {}


def work_on_desks() -> bool:
    """Duty: pull desks that are due, fetch profiles of new customers, list desks now and then, ask
    about sessions that staff have held for long.
    """
    now = runtime().clock.now()
    _list_desks(now)
    did = pull_due(now)
    did = fetch_profiles(now) or did
    return ask_about_held(now) or did


def pull_due(now: datetime) -> bool:
    """Pull some due desks; True when there were any."""
    mine = Desk.objects.filter(due_at__lte=now, is_gone=False, is_ours=True)
    rows = claim(mine.order_by("due_at"), CHUNK)
    for row in rows:
        asked = row.due_at
        try:
            has_more = _pull(row)
            due_at = now if has_more else now + LOOK_AGAIN
            row.tries, row.error = 0, ""
        except PlatformError as error:
            due_at = _put_off(row, error, now)
        except NotFound as error:
            due_at, row.error = now + LIST_AGAIN, error.reason[:200]
        row.pulled_at = now
        row.save(update_fields=["tries", "error", "pulled_at"])
        Desk.objects.filter(pk=row.pk).update(lease="", lease_until=0)
        Desk.objects.filter(pk=row.pk, due_at=asked).update(due_at=due_at)
    return bool(rows)


def fetch_profiles(now: datetime) -> bool:
    """Ask who customers are that came since; True when there were any."""
    fresh = DeskSession.objects.filter(
        is_profiled=False, changed_at__gte=now - timedelta(hours=48)
    ).order_by("pk")[:PROFILES]
    by_account: dict[str, list[DeskSession]] = {}
    for row in fresh:
        by_account.setdefault(row.account, []).append(row)
    for account, rows in by_account.items():
        try:
            desk = _desk(account)
            submit_facts(desk.fetch_profiles(sorted({row.remote_id for row in rows})))
        except (PlatformError, NotFound):
            return False
        DeskSession.objects.filter(pk__in=[row.pk for row in rows]).update(is_profiled=True)
    return bool(by_account)


def list_soon(account: str) -> None:
    """Have the next turn of the duty read an account's desks. A new process does so anyway."""
    _listed.pop(account, None)


def list_from_platform(account: str, now: datetime) -> int:
    """Write an account's desks down as the platform has them; returns how many there are.

    One that was taken from us is kept, whether the platform still lists it or not.
    """
    desk = _desk(account)
    found = desk.list_desks()
    Desk.objects.filter(account=account, is_ours=True).exclude(
        remote_id__in=[one.remote_id for one in found]
    ).update(is_gone=True)
    for one in found:
        _keep(account, one, desk, now)
    return len(found)


def _keep(account: str, one: RemoteDesk, desk: ServiceDesk, now: datetime) -> None:
    values: dict[str, Any] = {
        "name": one.name[:64],
        "avatar": one.avatar[:512],
        "is_gone": False,
        "is_ours": one.is_managed,
    }
    if one.is_managed:
        values["servicers"] = [
            {"staff": who.staff, "is_receiving": who.is_receiving}
            for who in desk.list_servicers(one.remote_id)
        ]
    row, is_new = Desk.objects.update_or_create(
        account=account, remote_id=one.remote_id, defaults=values
    )
    if is_new or row.due_at is None:
        Desk.objects.filter(Q(pk=row.pk), Q(due_at__isnull=True)).update(due_at=now)


def _pull(row: Desk) -> bool:
    """Some pages, each in the inbox before the cursor moves; True when there are more."""
    desk = _desk(row.account)
    for _ in range(PAGES_PER_TURN):
        page = desk.fetch_page(row.remote_id, row.cursor, row.token)
        submit_facts(list(page.facts))
        failpoint("desk.submitted")
        row.cursor = page.cursor
        Desk.objects.filter(pk=row.pk).update(cursor=page.cursor)
        if not page.has_more:
            return False
    return True


def _put_off(row: Desk, error: PlatformError, now: datetime) -> datetime:
    row.error, row.tries = error.reason[:200], row.tries + 1
    if isinstance(error, WaitUntil):
        return error.until
    if isinstance(error, Reauth):
        return now + REAUTH_PAUSE
    pause = BACK_OFF_SECONDS[min(row.tries, len(BACK_OFF_SECONDS)) - 1]
    return now + timedelta(seconds=pause)


def _list_desks(now: datetime) -> None:
    for account in active_accounts():
        if _listed.get(account, now) <= now and connector(account).desk is not None:
            _listed[account] = now + LIST_AGAIN
            try:
                list_from_platform(account, now)
            except PlatformError:
                continue


def _desk(account: str) -> ServiceDesk:
    desk = connector(account).desk
    if desk is None:
        raise NotFound("desk.platform", "这个平台没有客服账号")
    return desk
