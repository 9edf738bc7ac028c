"""Tells the platforms who is on duty: the rule's answer, once for each change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Count

from siyu.core.accounts import connector
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
    again, error = rules.next_change(plan, now), ""
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
    rows.update(**fields)
    rows.filter(recheck_at=seen).update(recheck_at=again)


def books_of(code: LiveCode, now: datetime) -> Books:
    """Today's customers of a code, who got the newest, and who is away or left."""
    local = now.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    adds = CodeAdd.objects.filter(code_id=code.pk or 0)
    today = adds.filter(added_at__gte=midnight).values("staff").annotate(count=Count("id"))
    loads = {row["staff"]: row["count"] for row in today}
    last = adds.order_by("-added_at", "-id").values_list("staff", flat=True).first()
    away = Away.objects.filter(account=code.account).values_list("staff", flat=True)
    known = staff_of(code.account)
    gone = frozenset(one for one, colleague in known.items() if not colleague.is_active)
    return Books(loads=loads, away=frozenset(away), gone=gone, last=last or "")


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
