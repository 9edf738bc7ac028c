"""WeChat Mini Program 小程序 and Channels store 视频号小店: login, messages, links, orders."""

from __future__ import annotations

from siyu.kernel.clock import Clock
from siyu.platforms.wechat_mini.app_links import MiniLinks
from siyu.platforms.wechat_mini.app_login import MiniLogin
from siyu.platforms.wechat_mini.check import MiniCheck
from siyu.platforms.wechat_mini.client import MiniClient
from siyu.platforms.wechat_mini.mapping import event_facts
from siyu.platforms.wechat_mini.messages import make_senders
from siyu.platforms.wechat_mini.orders import StoreOrders
from siyu.platforms.wechat_mini.shipping import MiniShipping
from siyu.platforms.wechat_mini.templates import MiniTemplates
from siyu.platforms.wechat_mini.webhook import MiniWebhook
from siyu.ports.capabilities import AccountConfig, Connector, TokenStore
from siyu.ports.http import HttpDoor

__all__ = ["connect"]


def connect(account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore) -> Connector:
    """The connector of one mini program or store."""
    client = MiniClient(account, http, clock, tokens)
    return Connector(
        account=account,
        webhook=MiniWebhook(account, event_facts),
        check=MiniCheck(client),
        senders=make_senders(client),
        templates=MiniTemplates(client),
        app_login=MiniLogin(client),
        app_links=MiniLinks(client),
        orders=StoreOrders(client),
        shipping=MiniShipping(client),
    )
