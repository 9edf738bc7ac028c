"""WeChat Pay 微信支付: payments and refunds heard and reconciled, guide cards, rewards."""

from __future__ import annotations

from siyu.kernel.clock import Clock
from siyu.platforms.wechat_pay.check import WechatPayCheck
from siyu.platforms.wechat_pay.client import WechatPayClient
from siyu.platforms.wechat_pay.guide_cards import SmartGuides
from siyu.platforms.wechat_pay.payments import PaymentQueries
from siyu.platforms.wechat_pay.rewards import Transfers
from siyu.platforms.wechat_pay.webhook import WechatPayWebhook
from siyu.ports.capabilities import AccountConfig, Connector, TokenStore
from siyu.ports.http import HttpDoor

__all__ = ["connect"]


def connect(account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore) -> Connector:
    """The connector of one merchant."""
    client = WechatPayClient(account, http, clock, tokens)
    return Connector(
        account=account,
        webhook=WechatPayWebhook(account, client),
        check=WechatPayCheck(client),
        payments=PaymentQueries(client),
        guide_cards=SmartGuides(client),
        rewards=Transfers(client),
    )
