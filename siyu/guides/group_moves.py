"""Which groups of a member of staff may get a new owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from siyu.groups.queries import refs_by_remote
from siyu.guides import care_types as states
from siyu.guides.models import Staff, TransferItem
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound
from siyu.ports.transfers import MoveRules


def own_groups(giver: Staff, remote_ids: Sequence[str]) -> list[str]:
    """These groups, each once; NotFound when one is not the giver's or was dismissed."""
    wanted = list(dict.fromkeys(remote_ids))
    known = refs_by_remote(giver.account, wanted)
    for remote in wanted:
        group = known.get(remote)
        if group is None or group.owner != giver.staff or group.is_dismissed:
            raise NotFound("transfer.group", "原员工不是这个客户群的群主")
    return wanted


def blocked_groups(
    giver: Staff, remote_ids: Sequence[str], rules: MoveRules, now: datetime
) -> dict[str, str]:
    """Reason codes of groups on the way already, or moved too often while their owners worked."""
    own = TransferItem.objects.filter(
        transfer__account=giver.account, is_group=True, remote_id__in=list(remote_ids)
    )
    waiting = own.filter(state=states.PLANNED).values_list("remote_id", flat=True)
    blocked = dict.fromkeys(waiting, states.MOVING)
    if giver.is_active:
        recent = own.filter(
            state=states.MOVED,
            transfer__has_left=False,
            asked_at__gt=now - timedelta(days=rules.days_between),
        )
        for remote, count in recent.values_list("remote_id").annotate(count=Count("pk")):
            if count >= rules.times:
                blocked.setdefault(remote, states.TOO_OFTEN)
    return blocked


def groups_left_today(account: str, taker: str, rules: MoveRules, now: datetime) -> int:
    """How many groups the platform lets somebody take over before midnight in China."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = TransferItem.objects.filter(
        transfer__account=account,
        transfer__taker=taker,
        is_group=True,
        state=states.MOVED,
        asked_at__gte=midnight,
    )
    return max(0, rules.groups_a_day - taken.count())
