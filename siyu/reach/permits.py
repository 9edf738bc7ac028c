"""The ledger of permissions: a person allows one message of a template, and it is spent once.

No platform tells a balance, so it is kept here: +1 when the person agrees, −1 when a message is
reserved, back when it surely did not go out, 0 when the person or the platform says no.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.clock import from_ms
from siyu.ports import facts
from siyu.reach.models import Permit, Touch
from siyu.reach.types import OpenChannel, PermitView

GRANTED, WITHDRAWN = "granted", "withdrawn"
Key = tuple[int, str, str, str]
"""identity, account, channel, template"""
_COUNTS = ("left", "granted", "withdrawn", "heard_at", "customer_id")


def hear_permits(batch: Batch) -> None:
    """Count what people allowed and took back, in the order they did it."""
    told = sorted(
        (
            seen
            for seen in batch.named(facts.PERMIT_CHANGED)
            if seen.identity_id is not None and seen.customer_id is not None
        ),
        key=lambda seen: seen.fact.at,
    )
    if not told:
        return
    rows = _rows(told, batch.now)
    for seen in told:
        row, at = rows[_key(seen)], from_ms(seen.fact.at)
        assert seen.customer_id is not None
        row.customer_id = seen.customer_id
        change = seen.fact.properties.get("change")
        if change == GRANTED:
            row.left += 1
            row.granted += 1
        elif change == WITHDRAWN and (at >= row.heard_at or row.granted == 0):
            row.withdrawn += row.left
            row.left = 0
        row.heard_at = max(row.heard_at, at)
    write_rows(list(rows.values()), _COUNTS)


def permits_of(customer_ids: Iterable[int]) -> dict[int, list[Permit]]:
    """The rows of each customer."""
    found: dict[int, list[Permit]] = defaultdict(list)
    for row in Permit.objects.filter(customer_id__in=list(customer_ids)).order_by("id"):
        found[row.customer_id].append(row)
    return found


def customers_allowing(account: str, channel: str, limit: int) -> list[int]:
    """Customers who allow one more message on the channel, who agreed longest ago first."""
    rows = Permit.objects.filter(account=account, channel=channel, left__gt=0)
    return list(rows.order_by("heard_at", "id").values_list("customer_id", flat=True)[:limit])


def list_permits(customer_id: int) -> list[PermitView]:
    """What one customer allows, newest first."""
    rows = Permit.objects.filter(customer_id=customer_id).order_by("-heard_at", "-id")
    return [
        PermitView(
            account=row.account,
            channel=row.channel,
            template=row.template,
            left=row.left,
            granted=row.granted,
            spent=row.spent,
            withdrawn=row.withdrawn,
            heard_at=row.heard_at,
        )
        for row in rows
    ]


class Purse:
    """The permissions a turn may spend, in memory; `write` puts what was spent into the table."""

    def __init__(self, routes: Mapping[int, Sequence[OpenChannel]]) -> None:
        ids = {
            route.identity_id
            for some in routes.values()
            for route in some
            if route.needs_permit and route.identity_id is not None
        }
        rows = Permit.objects.select_for_update().filter(identity_id__in=ids) if ids else ()
        self._rows: dict[Key, Permit] = {
            (row.identity_id, row.account, row.channel, row.template): row for row in rows
        }
        self._spent: Counter[int] = Counter()

    def has(self, route: OpenChannel, template: str) -> bool:
        """Whether a message of this template may be sent."""
        row = self._find(route, template)
        return row is not None and row.left > self._spent[row.pk]

    def take(self, route: OpenChannel, template: str) -> int | None:
        """Spend one; the row's id, or None when the channel needs none."""
        row = self._find(route, template) if route.needs_permit else None
        if row is None:
            return None
        self._spent[row.pk] += 1
        pk: int = row.pk
        return pk

    def write(self) -> None:
        """Put what was spent into the table."""
        for pk, count in self._spent.items():
            Permit.objects.filter(pk=pk).update(left=F("left") - count, spent=F("spent") + count)

    def _find(self, route: OpenChannel, template: str) -> Permit | None:
        if route.identity_id is None:
            return None
        return self._rows.get((route.identity_id, route.account, route.channel, template))


def give_back_permit(touch: Touch) -> None:
    """Return the permission of a message that surely was not sent."""
    if touch.permit_id is not None:
        Permit.objects.filter(pk=touch.permit_id, spent__gt=0).update(
            left=F("left") + 1, spent=F("spent") - 1
        )


def void_permits(touches: QuerySet[Touch], at: datetime) -> None:
    """The platform says that nothing is allowed any more: it knows better than our ledger."""
    ids = [pk for pk in touches.values_list("permit_id", flat=True) if pk is not None]
    Permit.objects.filter(pk__in=ids).update(
        withdrawn=F("withdrawn") + F("left"), left=0, heard_at=at
    )


def _rows(told: Sequence[Seen], now: datetime) -> dict[Key, Permit]:
    wanted = {_key(seen): seen for seen in reversed(told)}
    fresh = [
        Permit(
            customer_id=seen.customer_id or 0,
            identity_id=identity_id,
            account=account,
            channel=channel,
            template=template,
            heard_at=min(now, from_ms(seen.fact.at)),
        )
        for (identity_id, account, channel, template), seen in wanted.items()
    ]
    insert_rows(fresh, ignore_conflicts=True)
    found = Permit.objects.select_for_update().filter(Q(identity_id__in={key[0] for key in wanted}))
    rows = {(row.identity_id, row.account, row.channel, row.template): row for row in found}
    return {key: rows[key] for key in wanted}


def _key(seen: Seen) -> Key:
    fact = seen.fact
    assert seen.identity_id is not None
    channel = str(fact.properties.get("channel") or "")[:48]
    return (
        seen.identity_id,
        fact.account,
        channel,
        str(fact.properties.get("template") or "")[:64],
    )
