"""Guides who take new customers, and those who are away from it for now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.growth.actions import recheck
from siyu.growth.arrangements import everybody, plan_of
from siyu.growth.models import Away, LiveCode
from siyu.growth.neighbours import staff_of
from siyu.kernel.errors import Forbidden, Refused


@dataclass(frozen=True, kw_only=True)
class Presence:
    """A member of staff in the codes of one account. since: away since; codes: how many."""

    account: str
    staff: str
    name: str
    is_online: bool
    since: datetime | None
    codes: int


def set_online(actor: Actor, account: str, staff: str, *, is_online: bool, now: datetime) -> None:
    """Take new customers through codes, or none for now. Guides may say it of themselves."""
    require(actor, "code:read")
    if actor.staff_id != staff and not actor.may("code:write"):
        raise Forbidden("code.online", "只能为自己上线或下线")
    if not 1 <= len(staff) <= 64 or not account:
        raise Refused("code.staff", "请选择员工", field="staff")
    with transaction.atomic():
        if is_online:
            Away.objects.filter(account=account, staff=staff).delete()
        else:
            Away.objects.get_or_create(
                account=account, staff=staff, defaults={"since": now, "by": actor.name}
            )
        recheck(account, now)
        verb = "go_online" if is_online else "go_offline"
        record_audit(actor, verb, f"staff:{account}:{staff}", now=now)


def list_presence(actor: Actor) -> list[Presence]:
    """Everybody whom a code names; a guide sees himself only."""
    require(actor, "code:read")
    counts: dict[tuple[str, str], int] = {}
    for code in LiveCode.objects.filter(archived_at__isnull=True):
        for one in everybody(plan_of(code)):
            counts[code.account, one] = counts.get((code.account, one), 0) + 1
    away = {(row.account, row.staff): row.since for row in Away.objects.all()}
    names = {account: staff_of(account) for account, _ in counts}
    return [
        Presence(
            account=account,
            staff=staff,
            name=found.name if (found := names[account].get(staff)) else "",
            is_online=(account, staff) not in away,
            since=away.get((account, staff)),
            codes=many,
        )
        for (account, staff), many in sorted(counts.items())
        if actor.may("code:write") or actor.staff_id == staff
    ]
