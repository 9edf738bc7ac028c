"""What the connected platforms offer: accounts, their channels, quotas and connectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from siyu.core import accounts
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound
from siyu.ports.capabilities import Connector, Sender
from siyu.ports.manifest import Channel, Manifest, Quota
from siyu.reach.limits import list_overrides

_CALENDAR = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
"""Windows that begin and end with the calendar, and how their periods are written."""


@dataclass(frozen=True)
class Catalog:
    """Where reach looks up the outside; tests give their own.

    accounts: keys of the accounts that may send. manifests: by platform name.
    """

    accounts: Callable[[], Sequence[str]]
    manifests: Callable[[], Mapping[str, Manifest]]
    connector: Callable[[str], Connector]

    def channels_of(self, account: str) -> tuple[Channel, ...]:
        """The channels of an account's platform; none when the platform is unknown."""
        manifest = self.manifests().get(platform_of(account))
        return manifest.channels if manifest else ()

    def sender(self, account: str, channel: str) -> Sender:
        """What sends on a channel; NotFound when the account has no such channel any more."""
        found = self.connector(account).senders.get(channel)
        if found is None:
            raise NotFound("reach.channel", f"账号 {account} 没有渠道 {channel}")
        return found

    def quotas_of(self, account: str, channel: str, day: str) -> list[Quota]:
        """The quotas in force on a day (ISO date): the newest dated row of each kind."""
        manifest = self.manifests().get(platform_of(account))
        found: dict[tuple[str, str], Quota] = {}
        for quota in (*(manifest.quotas if manifest else ()), *list_overrides()):
            if quota.channel != channel or quota.valid_from > day:
                continue
            if quota.window not in _CALENDAR or not self._is_for(quota, account):
                continue
            kind = (quota.per, quota.window)
            if kind not in found or found[kind].valid_from <= quota.valid_from:
                found[kind] = quota
        return list(found.values())

    def _is_for(self, quota: Quota, account: str) -> bool:
        """Whether a quota counts for accounts with these fields."""
        if not quota.where and not quota.unless:
            return True
        fields = self.connector(account).account.fields
        is_named = all(fields.get(name) == value for name, value in quota.where.items())
        return is_named and not any(
            fields.get(name) == value for name, value in quota.unless.items()
        )


def platform_of(account: str) -> str:
    """`wecom:ww1` → `wecom`."""
    return account.partition(":")[0]


def is_windowed(channel: Channel) -> bool:
    """Whether the channel is open only for a time after the customer did something."""
    return channel.window_hours > 0 or channel.window_seconds > 0


def window_length(channel: Channel) -> timedelta:
    return timedelta(hours=channel.window_hours, seconds=channel.window_seconds)


def quota_limit(quota: Quota, now: datetime) -> int:
    """The number a quota allows; 0 in the manifest means the days of the month."""
    if quota.limit:
        return quota.limit
    local = now.astimezone(SHANGHAI)
    following = (local.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


def quota_period(quota: Quota, now: datetime) -> str:
    """The calendar period `now` falls in, in Shanghai: `2026-11`, `2026-W47`, `2026-11-22`."""
    return now.astimezone(SHANGHAI).strftime(_CALENDAR[quota.window])


def same_period(period: str, at: datetime) -> str:
    """The period of the same kind as `period` that `at` falls in."""
    window = "week" if "W" in period else "month" if len(period) == len("2026-11") else "day"
    return at.astimezone(SHANGHAI).strftime(_CALENDAR[window])


def quota_reset(quota: Quota, now: datetime) -> datetime:
    """When the next period starts."""
    local = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    if quota.window == "month":
        return (local.replace(day=28) + timedelta(days=4)).replace(day=1).astimezone(now.tzinfo)
    if quota.window == "week":
        return (local + timedelta(days=7 - local.weekday())).astimezone(now.tzinfo)
    return (local + timedelta(days=1)).astimezone(now.tzinfo)


_default = Catalog(accounts.active_accounts, accounts.manifests, accounts.connector)
_current = _default


def catalog() -> Catalog:
    """The catalog of this process."""
    return _current


def set_catalog(value: Catalog | None) -> None:
    """Replace the catalog (sandbox, tests); None brings the accounts' own back."""
    global _current  # noqa: PLW0603 - one per process, by design
    _current = value or _default
