"""For pulls of a whole account: which codes the platform has, and which of ours it lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from siyu.core.access import Actor, require
from siyu.growth.models import ForeignCode, LiveCode
from siyu.growth.types import ForeignCodeView
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.ports.code_lists import ListedCode

CODE = "code"
READ_AGAIN = timedelta(days=7)
LOST = "平台上已没有这个码, 印出去的二维码扫不了; 请新建一个换上, 再归档这个"


def ids_to_read(account: str, remote_ids: Collection[str], now: datetime) -> list[str]:
    """Of a page, the codes that are not ours and were not read in the last week."""
    ours = set(_ours(account).filter(remote_id__in=remote_ids).values_list("remote_id", flat=True))
    fresh = ForeignCode.objects.filter(account=account, remote_id__in=remote_ids)
    known = fresh.filter(read_at__gt=now - READ_AGAIN).values_list("remote_id", flat=True)
    return sorted(set(remote_ids) - ours - set(known))


def keep_listed(
    account: str, remote_ids: Sequence[str], read: Iterable[ListedCode], listed_at: datetime
) -> None:
    """Keep a page; inside a transaction. The same page twice is as once."""
    ours = _ours(account).filter(remote_id__in=remote_ids)
    ours.filter(gone_at__isnull=False).update(error="", recheck_at=listed_at)
    ours.update(listed_at=listed_at, gone_at=None)
    mine = set(ours.values_list("remote_id", flat=True))
    foreign = ForeignCode.objects.filter(account=account, remote_id__in=remote_ids)
    foreign.filter(remote_id__in=mine).delete()
    foreign.update(listed_at=listed_at)
    rows = [_row(account, one, listed_at) for one in read if one.remote_id not in mine]
    ForeignCode.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=[*_FIELDS, "listed_at", "read_at"],
    )


def unlisted_codes(account: str, started_at: datetime, limit: int) -> list[str]:
    """Ours that the pull begun at `started_at` did not meet: to be asked for one by one."""
    found = _ours(account).filter(gone_at__isnull=True, created_at__lt=started_at)
    unmet = found.filter(Q(listed_at__isnull=True) | Q(listed_at__lt=started_at))
    return list(unmet.order_by("pk").values_list("remote_id", flat=True)[:limit])


def keep_unlisted(
    account: str, lost: Collection[str], there: Collection[str], started_at: datetime
) -> None:
    """What the platform said of `unlisted_codes`."""
    _ours(account).filter(remote_id__in=there).update(listed_at=started_at)
    _ours(account).filter(remote_id__in=lost).update(
        gone_at=started_at, error=LOST, recheck_at=None
    )


def count_vanished(account: str, started_at: datetime) -> int:
    """Codes of others that the pull did not meet."""
    return ForeignCode.objects.filter(account=account, listed_at__lt=started_at).count()


def drop_vanished(account: str, started_at: datetime) -> None:
    """Codes of others that the pull did not meet are no more."""
    ForeignCode.objects.filter(account=account, listed_at__lt=started_at).delete()


def list_foreign_codes(
    actor: Actor, cursor: str | None = None, limit: int = 50
) -> Page[ForeignCodeView]:
    """Codes of all accounts that were not made here, newest first."""
    require(actor, "code:read")
    found = ForeignCode.objects.order_by("-pk")
    size = max(1, min(limit, MAX_LIMIT))
    if cursor:
        found = found.filter(pk__lt=decode_cursor(cursor, int)[0])
    rows = list(found[: size + 1])
    views = [
        ForeignCodeView(
            id=row.pk,
            account=row.account,
            name=row.name,
            state=row.state,
            staff=list(row.staff),
            departments=list(row.departments),
            picture_url=row.picture_url,
            is_accepted=row.is_accepted,
            read_at=row.read_at,
        )
        for row in rows[:size]
    ]
    return Page(views, encode_cursor(rows[size - 1].pk) if len(rows) > size else None)


_FIELDS = ("name", "state", "staff", "departments", "picture_url", "is_accepted")


def _row(account: str, one: ListedCode, at: datetime) -> ForeignCode:
    return ForeignCode(
        account=account,
        remote_id=one.remote_id,
        name=one.name[:64],
        state=one.state[:64],
        staff=list(one.staff),
        departments=list(one.departments),
        picture_url=one.picture_url[:512],
        is_accepted=one.is_accepted,
        listed_at=at,
        read_at=at,
    )


def _ours(account: str) -> QuerySet[LiveCode]:
    return LiveCode.objects.filter(account=account, kind=CODE)
