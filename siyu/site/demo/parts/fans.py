"""The brand's official account and mini program: codes, replies, a menu, templates, an article."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.broadcasts.types import Draft
from siyu.commerce.queries import count_orders_of, list_orders
from siyu.core.access import SYSTEM
from siyu.core.accounts import connector, create_account
from siyu.core.runtime import runtime
from siyu.fans.app_links import create_app_link
from siyu.fans.follow_codes import create_follow_code, list_follow_codes
from siyu.fans.templates import send_template
from siyu.fans.types import FollowCodeView
from siyu.pool.actions import ensure_tag
from siyu.ports.menus import MenuRule
from siyu.reach.permits import customers_allowing
from siyu.reach.queries import open_channels
from siyu.site.demo.parts.part import BrandPart, mark
from siyu.site.demo.parts.sends import send_broadcast
from siyu.talk.auto_replies import save_auto_reply
from siyu.talk.conditional_menus import add_conditional_menu
from siyu.talk.menus import publish_menu, save_menu

OFFICIAL, MINI = "wxcamelliaoffic01", "wxcamelliamini0001"
CODES = (("门店台卡", "线下"), ("包裹卡·公众号", "电商"), ("视频号主页", "内容平台"))
NOTICE = {
    "template": "TPL-NEWTEA-001",
    "title": "新品上架提醒",
    "content": "新品:{{thing1.DATA}}\n上架时间:{{time2.DATA}}",
}
SHIPPED = {
    "template": "TPL-SHIPPED-01",
    "title": "订单发货通知",
    "content": "商品:{{thing1.DATA}}\n快递:{{thing2.DATA}}",
}
ARTICLE = {"title": "雾里采茶: 今年的明前龙井", "digest": "清明前十天, 狮峰山上的一周。"}
MASS, TEMPLATE = "wechat_oa.mass", "wechat_oa.template"
NOTICES = (("wechat_mini", "wechat_mini.subscribe"), ("wechat_oa", "wechat_oa.subscribe"))
NOTICES_PER_DAY = 3
PARCELS_PER_DAY = 3
RECENT = 200
ARTICLE_DAY = 5
FANS = {"version": 1, "root": {"op": "reachable", "channel": "wechat_oa", "has": True}}
REPLIES: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("新茶", "message", ("新茶", "龙井"), "明前龙井已到店, 回复「活动」看今天的优惠。"),
    ("门店", "message", ("门店", "地址"), "湖滨银泰 3 楼, 每天 10:00 到 22:00。"),
    ("关注欢迎", "follow", (), "谢谢关注山茶记! 点菜单「新品」看今季的茶。"),
    ("点新品", "click", ("NEW",), "本周新品: 白毫银针 30g, 山茶花冷泡茶 15 包。"),
    ("没听懂", "default", (), "收到, 导购会尽快回复您。"),
)
MENU: list[dict[str, Any]] = [
    {"name": "新品", "kind": "click", "value": "NEW"},
    {
        "name": "服务",
        "kind": "group",
        "buttons": [
            {"name": "附近门店", "kind": "view", "value": "https://camellia.example/stores"},
            {"name": "冲泡指南", "kind": "view", "value": "https://camellia.example/brew"},
        ],
    },
]
REGULARS = "老客"
MENU_OF_REGULARS: list[dict[str, Any]] = [
    {"name": "会员日", "kind": "click", "value": "VIP"},
    *MENU,
]


class FansBrand(BrandPart):
    """Connects both accounts and sets up what an operator would on the first day."""

    name = "fans"

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells the simulator the scenes of the codes and the template people may allow."""
        official = self._connect("wechat_oa", OFFICIAL, "山茶记公众号", now)
        self._mini = self._connect("wechat_mini", MINI, "山茶记小程序", now)
        self._accounts = {"wechat_oa": official, "wechat_mini": self._mini}
        self._parcels: set[str] = set()
        for platform in ("wechat_oa", "wechat_mini"):
            self.setting.control(f"{platform}/add_notice", NOTICE)
        self.setting.control("wechat_oa/add_template", SHIPPED)
        self.setting.control("wechat_oa/add_draft", ARTICLE)
        codes = [
            create_follow_code(
                SYSTEM,
                account=official,
                name=name,
                tag_ids=[ensure_tag(SYSTEM, "渠道", tag, now=now)],
                now=now,
            )
            for name, tag in CODES
        ]
        self._set_up_replies(now)
        save_menu(SYSTEM, official, MENU, now=now)
        publish_menu(SYSTEM, official, now=now)
        self._set_up_menu_for_some(official, now)
        create_app_link(
            SYSTEM,
            account=self._mini,
            kind="url",
            name="春茶短信",
            page="pages/new/index",
            query="from=sms",
            now=now,
        )
        return {
            "scenes": [code.scene for code in codes],
            "notice": NOTICE["template"],
            "official": official,
            "mini": self._mini,
        }

    def day(self, day: int, now: datetime) -> None:
        """Who allowed the notice gets it, which uses the consent up; fans hear of their parcels,
        and on the sixth day of a week all of them get an article."""
        text = f"template: {NOTICE['template']}\nthing1: 白毫银针第 {day} 批\ntime2: {now:%Y-%m-%d}"
        for account, channel in ((self._accounts[name], channel) for name, channel in NOTICES):
            for customer in customers_allowing(account, channel, NOTICES_PER_DAY):
                send_template(SYSTEM, account, channel, customer, text, now=now)
        self._tell_of_parcels(now)
        week, weekday = divmod(day, 7)
        if weekday == ARTICLE_DAY:
            send_broadcast(self._article(week), now)

    def lost(self, seen: Mapping[str, int]) -> int:
        """Paid store orders, followers and scans by code that Siyu does not have."""
        orders = seen.get("orders", 0) - count_orders_of(self._mini)
        followed = seen.get("followed", 0) - sum(code.followed for code in self._codes())
        scanned = seen.get("scanned", 0) - sum(code.scans for code in self._codes())
        return max(0, orders) + max(0, followed) + max(0, scanned)

    def duplicates(self, seen: Mapping[str, int]) -> int:
        """Store orders that became more than one, followers and scans counted twice."""
        orders = count_orders_of(self._mini) - seen.get("orders", 0)
        followed = sum(code.followed for code in self._codes()) - seen.get("followed", 0)
        scanned = sum(code.scans for code in self._codes()) - seen.get("scanned", 0)
        return max(0, orders) + max(0, followed) + max(0, scanned)

    def _tell_of_parcels(self, now: datetime) -> None:
        """Some who bought in the store lately and follow the account."""
        orders = {
            order.customer_id: order.order_no
            for order in list_orders(SYSTEM, limit=RECENT).items
            if order.source == self._mini and order.order_no not in self._parcels
            if order.customer_id is not None
        }
        routes = open_channels(orders, now)
        fans = [one for one in orders if any(way.channel == TEMPLATE for way in routes[one])]
        for customer in fans[:PARCELS_PER_DAY]:
            number = orders[customer]
            self._parcels.add(number)
            text = f"template: {SHIPPED['template']}\nthing1: 山茶记茶礼\nthing2: SF{number[-12:]}"
            official = self._accounts["wechat_oa"]
            send_template(SYSTEM, official, TEMPLATE, customer, text, now=now)

    def _article(self, week: int) -> Draft:
        return Draft(
            name="周末读物" + mark(week),
            account=self._accounts["wechat_oa"],
            channel=MASS,
            text=f"这个周末, 说说怎么存茶。{mark(week)}",
            audience={"kind": "definition", "definition": FANS},
        )

    def _codes(self) -> list[FollowCodeView]:
        return list_follow_codes(SYSTEM, now=runtime().clock.now())

    def _set_up_replies(self, now: datetime) -> None:
        for position, (name, trigger, words, text) in enumerate(REPLIES):
            values = {
                "name": name,
                "account": "",
                "trigger": trigger,
                "match": "contains" if trigger == "message" else "exact",
                "words": list(words),
                "reply": {"kind": "text", "text": text},
                "position": position,
                "is_active": trigger != "default",
            }
            save_auto_reply(SYSTEM, None, values, now=now)

    def _set_up_menu_for_some(self, official: str, now: datetime) -> None:
        """Whoever the shops know as a regular finds the members' day in the menu."""
        tags = connector(official).tags
        regular = tags.create_tags("", [REGULARS])[0] if tags else None
        rule = MenuRule(tag_id=regular.remote_id if regular else "", client="")
        add_conditional_menu(SYSTEM, official, MENU_OF_REGULARS, rule=rule, now=now)

    def _connect(self, platform: str, appid: str, name: str, now: datetime) -> str:
        fields = {
            "appid": appid,
            "secret": secrets.token_hex(16),
            "token": secrets.token_hex(12),
            "aes_key": secrets.token_hex(22)[:43],
        }
        callback = f"{self.setting.public_url}/callbacks/{platform}/{appid}"
        is_json = appid == MINI
        body_format = "json" if is_json else "xml"
        self.setting.control(
            f"{platform}/configure",
            {**fields, "callback_url": callback, "body_format": body_format},
        )
        page = {} if is_json else {"page_url": f"{self.setting.sandbox_url}/{platform}"}
        return create_account(
            SYSTEM,
            platform,
            {**fields, **page},
            name=name,
            base_url=f"{self.setting.sandbox_url}/{platform}",
            now=now,
        )
