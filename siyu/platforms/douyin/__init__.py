"""Douyin 抖音 enterprise account: follows, direct messages, lead cards, DM replies."""

from __future__ import annotations

from siyu.kernel.clock import Clock
from siyu.platforms.douyin.check import DouyinCheck
from siyu.platforms.douyin.client import DouyinClient
from siyu.platforms.douyin.messages import DirectMessages
from siyu.platforms.douyin.webhook import DouyinWebhook
from siyu.ports.capabilities import AccountConfig, Connector, TokenStore
from siyu.ports.http import HttpDoor

__all__ = ["connect"]


def connect(account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore) -> Connector:
    """The connector of one enterprise account."""
    client = DouyinClient(account, http, clock, tokens)
    return Connector(
        account=account,
        webhook=DouyinWebhook(account),
        check=DouyinCheck(client),
        senders={"douyin.dm": DirectMessages(client)},
    )
