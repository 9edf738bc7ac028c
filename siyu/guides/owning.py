"""Who a customer goes to when several members of staff are his friends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.models import Setting
from siyu.core.pipeline import Batch, Seen
from siyu.guides.models import Post
from siyu.kernel.clock import from_ms
from siyu.kernel.errors import Refused
from siyu.pool import ownership
from siyu.ports import facts

_NAME = "guides.ownership"
FIRST_COME, STORE, ONLINE = "first", "store", "online"
PRIORITIES = (FIRST_COME, STORE, ONLINE)
MAX_PROTECTION = 3650
DELETED_BY_TRANSFER = "delete_by_transfer"


@dataclass(frozen=True)
class OwnerRule:
    """priority: who wins when both are his friends: `first` who came first, `store` staff of
    stores, `online` staff of online teams. protected_days: so long nobody is overruled."""

    priority: str = FIRST_COME
    protected_days: int = 30


def get_owner_rule() -> OwnerRule:
    """The rule in force."""
    row = Setting.objects.filter(name=_NAME).first()
    return OwnerRule(**row.value) if row else OwnerRule()


def set_owner_rule(actor: Actor, rule: OwnerRule, *, now: datetime) -> None:
    """Change the rule; what was decided stays decided."""
    require(actor, "org:write")
    if rule.priority not in PRIORITIES:
        raise Refused("owner.priority", "没有这种优先级", field="priority")
    if not 0 <= rule.protected_days <= MAX_PROTECTION:
        raise Refused("owner.days", f"保护期为 0 到 {MAX_PROTECTION} 天", field="protected_days")
    with transaction.atomic():
        Setting.objects.update_or_create(name=_NAME, defaults={"value": asdict(rule)})
        record_audit(actor, "set_owner_rule", _NAME, now=now, detail=asdict(rule))


def settle_owners(batch: Batch) -> None:
    """Stage: new friends are claimed; who lost his owner goes to a friend who stayed."""
    came = [
        seen
        for seen in batch.named(facts.FRIEND_ADDED, facts.FRIEND_SYNCED)
        if seen.fact.staff and seen.customer_id is not None and seen.identity_id is not None
    ]
    left = {
        seen.customer_id
        for seen in batch.named(facts.FRIEND_LOST, facts.FRIEND_REMOVED)
        if seen.customer_id is not None
    }
    stayed = ownership.claims_left(left) if left else []
    if not came and not stayed:
        return
    rule = get_owner_rule()
    first = _preferred({(one.fact.account, one.fact.staff) for one in came}, rule)
    first |= _preferred({(one.account, one.staff) for one in stayed}, rule)
    claims = [_claim(one, first) for one in came]
    claims += [
        ownership.Claim(
            customer_id=one.customer_id,
            identity_id=one.identity_id,
            account=one.account,
            staff=one.staff,
            weight=int((one.account, one.staff) in first),
            at=one.added_at or one.synced_at or batch.now,
        )
        for one in stayed
    ]
    batch.touched |= ownership.claim(claims, protection=timedelta(days=rule.protected_days))


def _claim(seen: Seen, first: set[tuple[str, str]]) -> ownership.Claim:
    fact = seen.fact
    assert seen.customer_id is not None
    assert seen.identity_id is not None
    return ownership.Claim(
        customer_id=seen.customer_id,
        identity_id=seen.identity_id,
        account=fact.account,
        staff=fact.staff,
        weight=int((fact.account, fact.staff) in first),
        at=from_ms(int(fact.properties.get("added_at") or fact.at)),
    )


def _preferred(staff: Iterable[tuple[str, str]], rule: OwnerRule) -> set[tuple[str, str]]:
    """Those of these whose kind of store goes first."""
    if rule.priority == FIRST_COME:
        return set()
    wanted = set(staff)
    posts = Post.objects.filter(
        store__is_online=rule.priority == ONLINE, staff__staff__in={one for _, one in wanted}
    )
    return wanted & set(posts.values_list("staff__account", "staff__staff"))
