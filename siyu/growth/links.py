"""Acquisition links besides what they share with codes: quota, notices, who spoke, clicks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet

from siyu.core.accounts import active_accounts, connector
from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.growth.duty import BROKEN
from siyu.growth.models import CodeAdd, LinkDay, LinkQuota, LiveCode
from siyu.kernel.clock import SHANGHAI, from_ms
from siyu.kernel.errors import NotFound, SiyuError
from siyu.pool import queries as pool
from siyu.ports import facts
from siyu.ports.codes import LinkCustomer, LinkIssuer

READ_EVERY = timedelta(minutes=30)
SETTLED = timedelta(minutes=10)
"""A younger link may not be in the platform's list yet."""
DAYS = 7
"""How many days of clicks are read again, since the platform counts late."""
LINK = "link"
GONE = "链接已在企业微信删除, 点开加不了人"
LOW_BALANCE = 20
_CLEARED = {"balance_increased"}


def note_acquisition(batch: Batch) -> None:
    """The platform's notices: quota low or used up, a link that stopped working."""
    for seen in batch.named(facts.ACQUISITION_CHANGED):
        change, account = str(seen.fact.properties.get("change", "")), seen.fact.account
        link = str(seen.fact.properties.get("remote_id", ""))
        at = from_ms(seen.fact.at)
        if link:
            _note_link(account, link, change, at)
            continue
        LinkQuota.objects.get_or_create(account=account, defaults={"read_at": at - READ_EVERY})
        notice = "" if change in _CLEARED else change
        LinkQuota.objects.filter(account=account).update(
            notice=notice[:32], notice_at=at, read_at=at - READ_EVERY
        )


def _note_link(account: str, link: str, change: str, at: datetime) -> None:
    rows = LiveCode.objects.filter(account=account, kind=LINK, remote_id=link)
    if change == "link_unavailable":
        rows.update(error=BROKEN)
    elif change == "delete_link":
        rows.filter(gone_at__isnull=True).update(gone_at=at, error=GONE, recheck_at=None)


def note_working(code_ids: Collection[int]) -> None:
    """Links that bring somebody are not broken any more."""
    LiveCode.objects.filter(pk__in=code_ids, kind=LINK, error=BROKEN).update(error="")


def read_links() -> bool:
    """Duty: read quota, the list of links, their customers and clicks twice an hour."""
    return read_due(runtime().clock.now())


def read_due(now: datetime) -> bool:
    """Read one account whose last reading is old; True when there may be another."""
    busy = set(LiveCode.objects.filter(kind=LINK).values_list("account", flat=True))
    read = dict(LinkQuota.objects.filter(account__in=busy).values_list("account", "read_at"))
    for account in active_accounts():
        if account in busy and read.get(account, now - READ_EVERY) <= now - READ_EVERY:
            _read_account(account, now)
            return True
    return False


def _read_account(account: str, now: datetime) -> None:
    try:
        issuer = connector(account).links
    except NotFound:
        issuer = None
    values: dict[str, object] = {"read_at": now}
    if issuer is not None:
        try:
            quota = issuer.get_quota()
            values |= {
                "total": quota.total,
                "balance": quota.balance,
                "expiring": {at.isoformat(): many for at, many in quota.expiring.items()},
            }
            _note_listed(issuer, account, now)
            for code in _links(account).filter(archived_at=None):
                _read_customers(issuer, code, now)
                _read_clicks(issuer, code, now)
        except SiyuError as error:
            values["notice"], values["notice_at"] = error.code[:32], now
    LinkQuota.objects.update_or_create(account=account, defaults=values)


def _links(account: str) -> QuerySet[LiveCode]:
    """The links that the platform has."""
    return LiveCode.objects.filter(account=account, kind=LINK, gone_at__isnull=True)


def _note_listed(issuer: LinkIssuer, account: str, now: datetime) -> None:
    """Ours that the platform lists no more are gone, though no callback told; what it lists again
    is there."""
    rows = LiveCode.objects.filter(account=account, kind=LINK)
    old = rows.filter(gone_at__isnull=True, created_at__lt=now - SETTLED)
    ours, listed, cursor = set(old.values_list("remote_id", flat=True)), set[str](), ""
    while True:
        page, cursor = issuer.list_links(cursor)
        listed.update(page)
        if not cursor:
            break
    back = rows.filter(gone_at__isnull=False, error=GONE, remote_id__in=listed)
    back.update(gone_at=None, error="", recheck_at=now)
    rows.filter(remote_id__in=ours - listed).update(gone_at=now, error=GONE, recheck_at=None)


def _read_customers(issuer: LinkIssuer, code: LiveCode, now: datetime) -> None:
    cursor = ""
    while True:
        page, cursor = issuer.list_customers(code.remote_id, cursor)
        _note_spoken(code, [one for one in page if one.has_spoken], now)
        if not cursor:
            return


def _note_spoken(code: LiveCode, spoken: list[LinkCustomer], now: datetime) -> None:
    values = {one.remote_id for one in spoken}
    if not values:
        return
    known = pool.identity_ids(values, scope=code.account.partition(":")[2])
    rows = CodeAdd.objects.filter(code=code, spoke_at__isnull=True)
    rows.filter(identity_id__in=known).update(spoke_at=now)


def _read_clicks(issuer: LinkIssuer, code: LiveCode, now: datetime) -> None:
    today = now.astimezone(SHANGHAI).date()
    for back in range(DAYS):
        day = today - timedelta(days=back)
        if day < code.created_at.astimezone(SHANGHAI).date():
            return
        if back > 1 and LinkDay.objects.filter(code=code, day=day).exists():
            continue
        start = _midnight(day)
        figures = issuer.get_figures(code.remote_id, start, start)
        with transaction.atomic():
            LinkDay.objects.update_or_create(
                code=code, day=day, defaults={"clicks": figures.clicks, "added": figures.added}
            )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
