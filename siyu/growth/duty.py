"""Tells the platforms who is on duty: the rule's answer, once for each change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count, QuerySet

from siyu.core.accounts import connector
from siyu.core.duties import wake
from siyu.core.runtime import runtime
from siyu.growth import rules
from siyu.growth.arrangements import plan_of
from siyu.growth.models import Away, CodeAdd, LiveCode
from siyu.growth.neighbours import staff_of
from siyu.growth.types import Books, Wanted
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, PlatformRefused, Refused, SiyuError, WaitUntil
from siyu.ports.codes import CodeSpec, LiveCodeIssuer

PER_TURN = 100
RETRY = timedelta(seconds=30)
REFUSED_RETRY = timedelta(hours=1)
BROKEN = "企业微信报告此链接异常"
LASTING = (BROKEN,)
"""Errors that telling the platform who is on duty does not mend."""


def keep_on_duty() -> bool:
    """Duty: tell the platforms whose codes lead elsewhere now; True when there may be more."""
    return tell_due(runtime().clock.now())


def tell_due(now: datetime) -> bool:
    """Look at the codes whose answer may have changed."""
    due = list(LiveCode.objects.filter(recheck_at__lte=now).order_by("recheck_at")[:PER_TURN])
    for code in due:
        tell(code, now)
    return len(due) == PER_TURN


def tell(code: LiveCode, now: datetime) -> None:
    """Tell the platform what `code` should do now, unless it knows; note when to look again.

    A change made while we were talking keeps its own recheck: ours is written only over the one
    we read. The platform's refusal is kept for people to see and tried again later. A code
    it lost is left alone.
    """
    if code.gone_at is not None:
        LiveCode.objects.filter(pk=code.pk).update(recheck_at=None)
        return
    plan, seen = plan_of(code), code.recheck_at
    want = rules.wanted(code.name, plan, now, books_of(code, now))
    again = rules.next_change(plan, now)
    error = code.error if code.error in LASTING else ""
    if as_told(want) != code.told:
        try:
            issuer_of(code).update_code(code.remote_id, spec_of(code, want))
        except SiyuError as failure:
            again, error = _put_off(failure, now), failure.reason[:200]
        else:
            code.told = as_told(want)
    fresh = _read_picture(code) if code.picture_url == code.url else ""
    fields = {"told": code.told, "error": error, **({"url": fresh} if fresh else {})}
    rows = LiveCode.objects.filter(pk=code.pk)
    if not rows.filter(recheck_at=seen).update(**fields, recheck_at=again):
        _settle(rows, code, fields, now)


def keep_told(code: LiveCode, seen: datetime | None, now: datetime) -> None:
    """Keep what an edit told the platform. seen: the recheck it was read with.

    Who set another one in between may have told the platform something else, later than we:
    then nobody knows what it has, and it is told again.
    """
    rows = LiveCode.objects.filter(pk=code.pk)
    fields = {"told": code.told, "error": code.error, "recheck_at": code.recheck_at}
    if not rows.filter(recheck_at=seen).update(**fields):
        rows.update(told={}, recheck_at=now)


def _settle(
    rows: QuerySet[LiveCode], code: LiveCode, fields: Mapping[str, Any], now: datetime
) -> None:
    """Somebody asked for another look while we were talking. If the plan is another one, too, the
    platform may have heard ours after his: it is told again."""
    is_ours = rows.values_list("plan", "name").first() == (code.plan, code.name)
    rows.update(**fields if is_ours else {"told": {}, "recheck_at": now})


def recheck_staff(account: str, staff: Collection[str], now: datetime) -> None:
    """Look at once at the codes of an account that lead to one of these now."""
    rows = LiveCode.objects.filter(account=account, gone_at__isnull=True)
    wanted = set(staff)
    due = [
        pk
        for pk, told in rows.values_list("pk", "told").iterator()
        if wanted & set(told.get("staff", ()))
    ]
    if due:
        LiveCode.objects.filter(pk__in=due).update(recheck_at=now)
        transaction.on_commit(lambda: wake("growth.duty"))


def recheck_gone(account: str, now: datetime) -> None:
    """Look at once at the codes that lead to somebody who left."""
    recheck_staff(account, gone_of(account), now)


def gone_of(account: str) -> frozenset[str]:
    """Remote ids of who left."""
    known = staff_of(account)
    return frozenset(one for one, colleague in known.items() if not colleague.is_active)


def books_of(code: LiveCode, now: datetime) -> Books:
    """Today's customers of a code, who got the newest, and who is away or left."""
    local = now.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    adds = CodeAdd.objects.filter(code_id=code.pk or 0)
    today = adds.filter(added_at__gte=midnight).values("staff").annotate(count=Count("id"))
    loads = {row["staff"]: row["count"] for row in today}
    last = adds.order_by("-added_at", "-id").values_list("staff", flat=True).first()
    away = Away.objects.filter(account=code.account).values_list("staff", flat=True)
    return Books(loads=loads, away=frozenset(away), gone=gone_of(code.account), last=last or "")


def as_told(want: Wanted) -> dict[str, Any]:
    """What the platform was told, as it comes back from where it is kept: with lists."""
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(want))
    return told


def spec_of(code: LiveCode, want: Wanted) -> CodeSpec:
    """What the platform hears."""
    return CodeSpec(
        name=want.name,
        state=code.state,
        staff=want.staff,
        departments=want.departments,
        is_accepted=want.is_accepted,
        is_exclusive=want.is_exclusive,
    )


def issuer_of(code: LiveCode) -> LiveCodeIssuer:
    """Where a code was made."""
    return issuer(code.account, code.kind)


def issuer(account: str, kind: str) -> LiveCodeIssuer:
    """Makes codes or links of an account; Refused when its platform has none."""
    found: Mapping[str, LiveCodeIssuer | None] = {
        "code": connector(account).codes,
        "link": connector(account).links,
    }
    made = found.get(kind)
    if made is None:
        raise Refused("code.platform", "这个平台没有活码或获客链接", field="account")
    return made


def _read_picture(code: LiveCode) -> str:
    """What the platform's picture holds, when it could not be read at first."""
    if not code.picture_url:
        return ""
    try:
        return issuer_of(code).read_picture(code.picture_url)
    except SiyuError:
        return ""


def _put_off(error: SiyuError, now: datetime) -> datetime:
    if isinstance(error, WaitUntil):
        return max(error.until, now + RETRY)
    if isinstance(error, PlatformRefused | Refused | NotFound):
        return now + REFUSED_RETRY
    return now + RETRY
