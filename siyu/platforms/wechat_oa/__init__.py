"""WeChat Official Account 公众号 / 服务号: fans, replies, menu, codes, four ways to send."""

from __future__ import annotations

from siyu.kernel.clock import Clock
from siyu.platforms.wechat_oa.articles import DraftBox
from siyu.platforms.wechat_oa.check import OfficialCheck
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.platforms.wechat_oa.contacts import Fans
from siyu.platforms.wechat_oa.follow_codes import SceneCodes
from siyu.platforms.wechat_oa.mapping import event_facts
from siyu.platforms.wechat_oa.media import OfficialMedia
from siyu.platforms.wechat_oa.menus import OfficialMenus
from siyu.platforms.wechat_oa.messages import make_senders
from siyu.platforms.wechat_oa.page_login import OfficialPageLogin
from siyu.platforms.wechat_oa.replies import OfficialReplies
from siyu.platforms.wechat_oa.tags import FanTags
from siyu.platforms.wechat_oa.templates import OfficialTemplates
from siyu.platforms.wechat_oa.trials import MassTrial
from siyu.platforms.wechat_oa.webhook import OfficialWebhook
from siyu.ports.capabilities import AccountConfig, Connector, TokenStore
from siyu.ports.http import HttpDoor

__all__ = ["connect"]


def connect(account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore) -> Connector:
    """The connector of one official account."""
    client = OfficialClient(account, http, clock, tokens)
    webhook = OfficialWebhook(account, event_facts)
    return Connector(
        account=account,
        webhook=webhook,
        check=OfficialCheck(client),
        contacts=Fans(client),
        tags=FanTags(client),
        senders=make_senders(client),
        replies=OfficialReplies(webhook),
        follow_codes=SceneCodes(client),
        menus=OfficialMenus(client),
        templates=OfficialTemplates(client),
        page_login=OfficialPageLogin(client),
        media=OfficialMedia(client),
        articles=DraftBox(client),
        trials=MassTrial(client),
    )
