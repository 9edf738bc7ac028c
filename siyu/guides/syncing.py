"""The full pull of an account: its sources page by page, resumable after a kill at any moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max

from siyu.core.accounts import active_accounts, note_sync
from siyu.core.failpoints import failpoint
from siyu.guides.leases import claim
from siyu.guides.models import Sync
from siyu.guides.pulling import Pull, PullPage, PullSource
from siyu.guides.sources import find_source, offered_sources
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import (
    PlatformError,
    PlatformRefused,
    Reauth,
    Refused,
    RetryLater,
    SiyuError,
    UnknownOutcome,
    WaitUntil,
)

PAGES_PER_TURN = 20
BACK_OFF_SECONDS = (2, 5, 15, 60, 300)
NIGHTLY = time(3, 0)
GATHERING = timedelta(seconds=30)
"""Changes come in crowds: so long they are gathered before they are read."""
RUNNING, WAITING, DONE, FAILED = "running", "waiting", "done", "failed"


def start_first_syncs(now: datetime) -> None:
    """Accounts that were never pulled are pulled once without being asked."""
    known = set(Sync.objects.filter(is_partial=False).values_list("account", flat=True))
    for account in active_accounts():
        if account not in known and offered_sources(account):
            start_sync(account, "system", now)


def start_nightly_syncs(now: datetime) -> None:
    """Once a night every account is compared with the platform: lost callbacks are made good."""
    night = _last_night(now)
    newest = {
        row["account"]: row["newest"]
        for row in Sync.objects.filter(is_partial=False)
        .values("account")
        .annotate(newest=Max("started_at"))
    }
    for account in active_accounts():
        if account in newest and newest[account] < night and offered_sources(account):
            start_sync(account, "nightly", now)


def _last_night(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    night = datetime.combine(local.date(), NIGHTLY, SHANGHAI)
    return night if night <= local else night - timedelta(days=1)


def start_sync(account: str, requested_by: str, now: datetime) -> Sync:
    """The running pull of the account, a new one when there is none."""
    with transaction.atomic():
        under_way = Sync.objects.filter(account=account, state__in=(RUNNING, WAITING))
        whole = under_way.filter(is_partial=False).first()
        return whole or Sync.objects.create(
            account=account,
            state=WAITING if under_way.filter(state=RUNNING).exists() else RUNNING,
            requested_by=requested_by,
            started_at=now,
            next_at=now,
        )


def ask_for(account: str, sources: Iterable[str], now: datetime) -> None:
    """Read some sources again soon, because the platform told that they changed."""
    wanted = [name for name in offered_sources(account) if name in set(sources)]
    waiting = Sync.objects.filter(account=account, state=WAITING, is_partial=True).first()
    if waiting is not None:
        waiting.sources = list(dict.fromkeys([*waiting.sources, *wanted]))
        waiting.save(update_fields=["sources"])
    elif wanted:
        Sync.objects.create(
            account=account,
            state=WAITING,
            is_partial=True,
            sources=wanted,
            requested_by="callback",
            started_at=now,
            next_at=now + GATHERING,
        )


def _begin_waiting(now: datetime) -> None:
    """Let pulls that wait begin, one for each account at a time; whole ones first."""
    busy = set(Sync.objects.filter(state=RUNNING).values_list("account", flat=True))
    waiting = Sync.objects.filter(state=WAITING, next_at__lte=now).order_by("is_partial", "pk")
    for sync in waiting:
        if sync.account not in busy:
            busy.add(sync.account)
            sync.state, sync.started_at = RUNNING, now
            sync.save(update_fields=["state", "started_at"])


def work(now: datetime, *, account: str | None = None) -> bool:
    """Read some pages of one running pull; False when none is due."""
    _begin_waiting(now)
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
    return True


def _read_pages(sync: Sync, now: datetime) -> None:
    if not sync.sources:
        sync.sources = offered_sources(sync.account)
    for _ in range(PAGES_PER_TURN):
        if sync.place >= len(sync.sources):
            sync.state, sync.finished_at = DONE, now
            if not sync.is_partial:
                note_sync(sync.account, now, {})
            return
        source = find_source(sync.sources[sync.place])
        try:
            _read_page(sync, source, now)
        except (Reauth, PlatformRefused, Refused) as error:
            if source is None or source.is_essential:
                raise
            _note(sync, error=error.reason)
            _turn_to_next(sync)


def _read_page(sync: Sync, source: PullSource | None, now: datetime) -> None:
    """One page of the source under way, or the step from one source to the next."""
    if source is None:
        _turn_to_next(sync)
        return
    if sync.parts is None:
        _plan(sync, source)
    parts = sync.parts or []
    is_last = sync.position >= len(parts)
    pull = _pull(sync)
    page = source.finish(pull, now) if is_last else source.read(pull, parts[sync.position])
    _count(sync, source, page, is_page=not is_last)
    if is_last and not page.cursor:
        _turn_to_next(sync)
    failpoint("sync.read")
    with transaction.atomic():
        page.keep()
        sync.save()
    failpoint("sync.saved")


def _plan(sync: Sync, source: PullSource) -> None:
    sync.position, sync.cursor = 0, ""
    plan = source.plan(_pull(sync))
    sync.parts = plan.parts
    sync.staff, sync.expected = plan.staff or sync.staff, plan.expected or sync.expected


def _pull(sync: Sync) -> Pull:
    return Pull(sync.pk, sync.account, sync.started_at, sync.cursor, tuple(sync.staff), sync.gone)


def _count(sync: Sync, source: PullSource, page: PullPage, *, is_page: bool) -> None:
    """Add a page to the sums and move the checkpoint behind it."""
    if source.is_essential:
        sync.contacts += page.found
        sync.changed += page.changed
        sync.gone += page.gone
    _note(sync, found=page.found, changed=page.changed, gone=page.gone, missed=page.missed)
    sync.pages += is_page
    sync.tries, sync.error, sync.cursor = 0, "", page.cursor
    sync.position += is_page and not page.cursor


def _note(sync: Sync, *, error: str = "", **counts: int) -> None:
    """What came of the source under way."""
    name = sync.sources[sync.place]
    before = sync.notes.get(name, {})
    sums = {key: before.get(key, 0) + count for key, count in counts.items()}
    sync.notes[name] = {**before, **sums, **({"error": error[:200]} if error else {})}


def _turn_to_next(sync: Sync) -> None:
    sync.place += 1
    sync.parts, sync.position, sync.cursor = None, 0, ""


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
