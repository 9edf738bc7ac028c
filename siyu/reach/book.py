"""What one turn has left to give: caps, windows, quotas, addresses. Kept in memory, written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, F

from siyu.core.writing import insert_rows
from siyu.kernel.clock import SHANGHAI
from siyu.ports.manifest import Quota
from siyu.ports.templates import find_template
from siyu.reach.catalog import Catalog, quota_limit, quota_period, quota_reset
from siyu.reach.models import QuotaUse, Touch
from siyu.reach.permits import Purse
from siyu.reach.types import COUNTED_STATES, MARKETING, OpenChannel, Policy
from siyu.reach.windows import take_windows

QuotaKey = tuple[str, str, str, str]
"""account, channel, subject, period"""
Said = tuple[str, int, str, str, str]
"""campaign, version, step, channel, address"""


class Book:
    """Counts at the start of the turn plus what the turn took. Callers hold the locks."""

    def __init__(self, catalog: Catalog, now: datetime) -> None:
        self._catalog = catalog
        self._now = now
        self._marketing: Counter[int] = Counter()
        self._windows: Counter[int] = Counter()
        self._quotas: dict[QuotaKey, QuotaUse] = {}
        self._taken: Counter[int] = Counter()
        self._said: dict[Said, int] = {}
        self._offers: dict[tuple[str, str], list[Quota]] = {}
        self._purse = Purse({})

    @classmethod
    def open(
        cls,
        touches: Sequence[Touch],
        routes: Mapping[int, Sequence[OpenChannel]],
        catalog: Catalog,
        policy: Policy,
        now: datetime,
    ) -> Book:
        """Read everything the turn may need, in a handful of queries."""
        book = cls(catalog, now)
        found = [route for some in routes.values() for route in some if route.address]
        book._count_marketing({touch.customer_id for touch in touches}, policy)
        book._read_quotas(found)
        book._purse = Purse(routes)
        book._read_said(touches, {route.address for route in found})
        return book

    def has_window(self, route: OpenChannel) -> bool:
        """Whether a window still has a message left after this turn's own."""
        if route.window_id is None or route.remaining is None:
            return True
        return route.remaining > self._windows[route.window_id]

    def marketing_count(self, customer_id: int) -> int:
        return self._marketing[customer_id]

    def quota_reset(self, route: OpenChannel) -> datetime | None:
        """None when every quota of the channel has room, else when the fullest starts anew."""
        full = [
            quota_reset(quota, self._now)
            for quota, use in self._uses(route)
            if use.used + self._taken[use.pk] >= quota_limit(quota, self._now)
        ]
        return max(full, default=None)

    def is_duplicate(self, touch: Touch, route: OpenChannel) -> bool:
        """Whether another customer with this address already gets this step."""
        said_to = self._said.get(_said(touch, route.channel, route.address))
        return said_to is not None and said_to != touch.customer_id

    def take(self, touch: Touch, route: OpenChannel) -> tuple[int | None, list[int]]:
        """Hold a place everywhere; the window's id and the ids of the quotas used."""
        if touch.purpose == MARKETING:
            self._marketing[touch.customer_id] += 1
        if route.window_id is not None:
            self._windows[route.window_id] += 1
        ids = [use.pk for _, use in self._uses(route)]
        self._taken.update(ids)
        self._said[_said(touch, route.channel, route.address)] = touch.customer_id
        return route.window_id, ids

    def has_permit(self, route: OpenChannel, text: str) -> bool:
        """Whether the person still allows the template that a text fills in."""
        return self._purse.has(route, find_template(text))

    def take_permit(self, route: OpenChannel, text: str) -> int | None:
        """Spend a permission; its row's id, None when the channel needs none."""
        return self._purse.take(route, find_template(text))

    def write(self) -> None:
        """Put what was taken into the tables."""
        self._purse.write()
        take_windows(self._windows)
        by_count: dict[int, list[int]] = {}
        for pk, count in self._taken.items():
            by_count.setdefault(count, []).append(pk)
        for count, pks in by_count.items():
            QuotaUse.objects.filter(pk__in=pks).update(used=F("used") + count)

    def _count_marketing(self, customer_ids: set[int], policy: Policy) -> None:
        rows = (
            Touch.objects.filter(
                customer_id__in=customer_ids,
                purpose=MARKETING,
                state__in=COUNTED_STATES,
                reserved_at__gt=self._now - timedelta(days=policy.cap_days),
            )
            .values_list("customer_id")
            .annotate(count=Count("id"))
        )
        self._marketing.update(dict(rows))

    def _read_quotas(self, routes: Sequence[OpenChannel]) -> None:
        keys = {self._key(route, quota) for route in routes for quota in self._quotas_of(route)}
        if not keys:
            return
        wanted = [
            QuotaUse(account=account, channel=channel, subject=subject, period=period)
            for account, channel, subject, period in sorted(keys)
        ]
        insert_rows(wanted, ignore_conflicts=True)
        rows = QuotaUse.objects.select_for_update().filter(
            account__in={key[0] for key in keys},
            channel__in={key[1] for key in keys},
            subject__in={key[2] for key in keys},
            period__in={key[3] for key in keys},
        )
        for row in rows.order_by("id"):
            self._quotas[row.account, row.channel, row.subject, row.period] = row

    def _read_said(self, touches: Sequence[Touch], addresses: set[str]) -> None:
        rows = Touch.objects.filter(
            campaign__in={touch.campaign for touch in touches},
            step__in={touch.step for touch in touches},
            address__in=addresses,
            state__in=COUNTED_STATES,
        )
        for row in rows.only("campaign", "version", "step", "channel", "address", "customer_id"):
            self._said[_said(row, row.channel, row.address)] = row.customer_id

    def _quotas_of(self, route: OpenChannel) -> list[Quota]:
        key = (route.account, route.channel)
        if key not in self._offers:
            day = self._now.astimezone(SHANGHAI).date().isoformat()
            self._offers[key] = self._catalog.quotas_of(*key, day)
        return self._offers[key]

    def _uses(self, route: OpenChannel) -> list[tuple[Quota, QuotaUse]]:
        return [(quota, self._quotas[self._key(route, quota)]) for quota in self._quotas_of(route)]

    def _key(self, route: OpenChannel, quota: Quota) -> QuotaKey:
        subject = subject_of(route) if quota.per == "customer" else ""
        return (route.account, route.channel, subject, quota_period(quota, self._now))


def subject_of(route: OpenChannel) -> str:
    """Whose quota a message spends: an identity's, or a group's own."""
    return str(route.identity_id) if route.identity_id is not None else route.address[:32]


def _said(touch: Touch, channel: str, address: str) -> Said:
    return (touch.campaign, touch.version, touch.step, channel, address)
