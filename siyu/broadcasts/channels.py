"""By which channels one may broadcast: those of the connected accounts that allow marketing."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.kernel.errors import Refused
from siyu.ports.manifest import Channel
from siyu.reach.catalog import catalog


@dataclass(frozen=True)
class BroadcastChannel:
    """A channel of one account."""

    account: str
    name: str
    zh: str
    en: str
    needs_staff: bool
    is_for_groups: bool
    max_chars: int
    attachments: tuple[str, ...]
    is_single: bool
    has_trial: bool


def list_channels() -> list[BroadcastChannel]:
    """All that may carry a broadcast."""
    return [
        BroadcastChannel(
            account,
            channel.name,
            channel.zh,
            channel.en,
            channel.needs_staff,
            channel.is_for_groups,
            channel.max_chars,
            channel.attachments,
            channel.is_single,
            channel.has_trial,
        )
        for account in catalog().accounts()
        for channel in catalog().channels_of(account)
        if may_broadcast(channel)
    ]


def may_broadcast(channel: Channel) -> bool:
    """A channel for marketing to one person, or one that speaks to groups."""
    return channel.is_marketing or channel.is_for_groups


def channel_of(account: str, name: str) -> Channel:
    """The channel; Refused when the account has none such or it may not carry marketing."""
    if account in catalog().accounts():
        for channel in catalog().channels_of(account):
            if channel.name == name and may_broadcast(channel):
                return channel
    raise Refused("broadcast.channel", "请选择一个可以群发的账号与渠道", field="channel")
