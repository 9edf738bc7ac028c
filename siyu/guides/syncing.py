"""The full pull of an account: staff, then their customers page by page, resumable."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max

from siyu.core.accounts import active_accounts, connector, note_sync
from siyu.core.intake import submit_facts
from siyu.guides import known
from siyu.guides.leases import claim
from siyu.guides.models import Staff, Sync
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import (
    PlatformError,
    Reauth,
    Refused,
    RetryLater,
    SiyuError,
    UnknownOutcome,
    WaitUntil,
)
from siyu.ports.capabilities import ContactSource

STAFF_PER_CALL = 100
PAGES_PER_TURN = 20
BACK_OFF_SECONDS = (2, 5, 15, 60, 300)
NIGHTLY = time(3, 0)
GONE_PER_TURN = 500
DOUBTFUL_GONE, DOUBTFUL_SHARE = 50, 0.2
"""A pull that misses this many relations and this share of them all was rather not shown them."""
RUNNING, DONE, FAILED = "running", "done", "failed"


def start_first_syncs(now: datetime) -> None:
    """Accounts that were never pulled are pulled once without being asked."""
    known = set(Sync.objects.values_list("account", flat=True))
    for account in active_accounts():
        if account not in known and _source(account) is not None:
            start_sync(account, "system", now)


def start_nightly_syncs(now: datetime) -> None:
    """Once a night every account is compared with the platform: lost callbacks are made good."""
    night = _last_night(now)
    newest = {
        row["account"]: row["newest"]
        for row in Sync.objects.values("account").annotate(newest=Max("started_at"))
    }
    for account in active_accounts():
        if account in newest and newest[account] < night and _source(account) is not None:
            start_sync(account, "nightly", now)


def _last_night(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    night = datetime.combine(local.date(), NIGHTLY, SHANGHAI)
    return night if night <= local else night - timedelta(days=1)


def start_sync(account: str, requested_by: str, now: datetime) -> Sync:
    """The running pull of the account, a new one when there is none."""
    with transaction.atomic():
        running = Sync.objects.filter(account=account, state=RUNNING).first()
        return running or Sync.objects.create(
            account=account,
            state=RUNNING,
            requested_by=requested_by,
            started_at=now,
            next_at=now,
        )


def work(now: datetime, *, account: str | None = None) -> bool:
    """Read some pages of one running pull; True when there may be more to do."""
    due = Sync.objects.filter(state=RUNNING, next_at__lte=now).order_by("pk")
    rows = claim(due if account is None else due.filter(account=account), 1)
    if not rows:
        return False
    sync = rows[0]
    try:
        _read_pages(sync, now)
    except PlatformError as error:
        _put_off(sync, error, now)
    except SiyuError as error:
        _fail(sync, error, now)
    sync.lease, sync.lease_until = "", 0
    sync.save()
    return sync.state == RUNNING and sync.next_at <= now


def _read_pages(sync: Sync, now: datetime) -> None:
    source = _source(sync.account)
    if source is None:
        sync.state, sync.finished_at = DONE, now
        return
    if not sync.pages and not sync.staff:
        sync.staff = source.list_staff()
        _note_staff(sync.account, sync.staff, now)
    for _ in range(PAGES_PER_TURN):
        if sync.state != RUNNING:
            return
        if sync.position >= len(sync.staff):
            _part_with_gone(sync, source, now)
        else:
            _read_page(sync, source)


def _read_page(sync: Sync, source: ContactSource) -> None:
    """One page, kept in the inbox before the checkpoint moves: a repeat changes nothing."""
    chunk = sync.staff[sync.position : sync.position + STAFF_PER_CALL]
    found, cursor = source.fetch_contacts(chunk, sync.cursor)
    page = known.compare(found, sync, _started_before(sync))
    submit_facts(page.submit)
    sync.contacts += len(found)
    sync.changed += len(page.submit)
    sync.pages += 1
    sync.tries, sync.error, sync.cursor = 0, "", cursor
    if not cursor:
        sync.position += STAFF_PER_CALL
    with transaction.atomic():
        known.remember(page)
        sync.save()


def _started_before(sync: Sync) -> datetime | None:
    """When the last whole pull before this one began."""
    earlier = Sync.objects.filter(account=sync.account, state=DONE, pk__lt=sync.pk)
    return earlier.order_by("-pk").values_list("started_at", flat=True).first()


def _part_with_gone(sync: Sync, source: ContactSource, now: datetime) -> None:
    """Tell of relations that the platform no longer has, some a turn; at the end the pull is done.

    When suspiciously many are gone the pull fails instead, and nobody is told lost.
    """
    count, total = known.count_gone(sync)
    if not sync.gone and count >= DOUBTFUL_GONE and count >= total * DOUBTFUL_SHARE:
        raise Refused(
            "sync.doubtful",
            f"名单比上次少了 {count} 人 (共 {total} 人), 像是可见范围变了, 没有当作流失处理",
        )
    gone = known.list_gone(sync, GONE_PER_TURN)
    submit_facts([source.end_relation(row.remote_id, row.staff, sync.started_at) for row in gone])
    sync.gone += len(gone)
    if len(gone) < GONE_PER_TURN:
        sync.state, sync.finished_at = DONE, now
        note_sync(sync.account, now, {})
    with transaction.atomic():
        known.forget(gone)
        sync.save()


def _put_off(sync: Sync, error: PlatformError, now: datetime) -> None:
    sync.error = error.reason[:200]
    sync.tries += 1
    if isinstance(error, WaitUntil):
        sync.next_at = error.until
    elif isinstance(error, Reauth):
        _fail(sync, error, now)
    elif isinstance(error, RetryLater | UnknownOutcome) and sync.tries <= len(BACK_OFF_SECONDS):
        sync.next_at = now + timedelta(seconds=BACK_OFF_SECONDS[sync.tries - 1])
    else:
        _fail(sync, error, now)


def _fail(sync: Sync, error: SiyuError, now: datetime) -> None:
    sync.state, sync.error, sync.finished_at = FAILED, error.reason[:200], now


def _note_staff(account: str, staff: list[str], now: datetime) -> None:
    """The directory as the platform has it now: who is not listed is inactive."""
    Staff.objects.bulk_create(
        [
            Staff(account=account, staff=one, is_active=True, first_seen_at=now, seen_at=now)
            for one in staff
        ],
        update_conflicts=True,
        unique_fields=["account", "staff"],
        update_fields=["is_active", "seen_at"],
    )
    Staff.objects.filter(account=account, seen_at__lt=now).update(is_active=False)


def _source(account: str) -> ContactSource | None:
    return connector(account).contacts
