"""The demo brand 山茶记: its accounts in the sandbox, live codes, segments and journey."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.runtime import runtime
from siyu.core.write_keys import create_write_key
from siyu.growth.actions import create_live_code
from siyu.journeys.actions import create_journey, publish_journey
from siyu.journeys.templates import TEMPLATES
from siyu.pool.actions import ensure_tag
from siyu.sandbox.simulator import CodeSource
from siyu.segments.actions import create_segment
from siyu.site.demo.control import control
from siyu.site.demo.parts.leaving import LEAVERS
from siyu.site.demo.parts.part import BrandPart, Setting
from siyu.site.demo.parts.registry import BRAND_PARTS

CORP = "ww5a1c0ffee0camellia"
APPLICATION = "awcamelliademo01"
STAFF = (
    ("linyue", "林悦"),
    ("chenmo", "陈默"),
    ("zhouqing", "周晴"),
    ("wuhan", "吴涵"),
    ("xiaman", "夏蔓"),
    ("tangye", "唐野"),
)
CODES = (
    ("store_poster", "门店海报", "线下", ""),
    ("parcel_card", "包裹卡", "电商", "您好, 谢谢您的订单! 冲泡问题随时问我, 复购有老客价。"),
    ("douyin", "抖音引流", "内容平台", ""),
    ("channels", "视频号直播", "内容平台", ""),
)
"""channel key, name, tag, welcome words ("" leaves the welcome to the journey)."""


@dataclass(frozen=True)
class Brand:
    """What the simulator needs to know."""

    write_key: str
    codes: tuple[CodeSource, ...]
    parts: tuple[BrandPart, ...] = ()
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def day(self, day: int, now: datetime) -> None:
        """What the operator does each day."""
        for part in self.parts:
            part.day(day, now)


def set_up_brand(sandbox_url: str, public_url: str) -> Brand:
    """Connect both sandboxes and create what an operator would create on the first day."""
    now = runtime().clock.now()
    wecom = _connect_wecom(sandbox_url, public_url, now)
    douyin = _connect_douyin(sandbox_url, public_url, now)
    write_key = create_write_key(SYSTEM, "shop", "web", now=now)
    codes = tuple(_create_code(wecom, *code, now=now) for code in CODES)
    _create_segments(now)
    journey = create_journey(SYSTEM, "新好友欢迎与首单", TEMPLATES[0].definition, now=now)
    publish_journey(SYSTEM, journey, now=now)
    staff = tuple(userid for userid, _ in STAFF)
    setting = Setting(sandbox_url, public_url, wecom, douyin, staff)
    parts = tuple(part(setting) for part in BRAND_PARTS)
    told = {part.name: part.set_up(now) for part in parts}
    return Brand(write_key, codes, parts, {name: said for name, said in told.items() if said})


def _connect_wecom(sandbox_url: str, public_url: str, now: datetime) -> str:
    fields = {
        "corp_id": CORP,
        "agent_id": "1000002",
        "secret": secrets.token_urlsafe(32),
        "token": secrets.token_hex(12),
        "aes_key": secrets.token_hex(22)[:43],
    }
    callback = f"{public_url}/callbacks/wecom/{CORP}"
    control(sandbox_url, "wecom/configure", {**fields, "callback_url": callback})
    staff = [{"userid": userid, "name": name} for userid, name in STAFF]
    staff += [{"userid": userid, "name": name} for userid, name, _ in LEAVERS]
    control(sandbox_url, "wecom/add_staff", {"corp_id": CORP, "staff": staff})
    return create_account(
        SYSTEM, "wecom", fields, name="山茶记企业微信", base_url=f"{sandbox_url}/wecom", now=now
    )


def _connect_douyin(sandbox_url: str, public_url: str, now: datetime) -> str:
    fields = {
        "client_key": APPLICATION,
        "client_secret": secrets.token_hex(16),
        "open_id": "_000camelliaofficial",
    }
    callback = f"{public_url}/callbacks/douyin/{APPLICATION}"
    given = control(
        sandbox_url,
        "douyin/configure",
        {**fields, "nickname": "山茶记", "callback_url": callback},
    )
    fields["refresh_token"] = given["refresh_token"]
    return create_account(
        SYSTEM, "douyin", fields, name="山茶记抖音号", base_url=f"{sandbox_url}/douyin", now=now
    )


def _create_code(
    account: str, channel: str, name: str, tag: str, welcome: str, *, now: datetime
) -> CodeSource:
    tag_id = ensure_tag(SYSTEM, "渠道", tag, now=now)
    code = create_live_code(
        SYSTEM,
        account=account,
        name=name,
        channel=name,
        staff=[userid for userid, _ in STAFF],
        tag_ids=[tag_id],
        welcome_text=welcome,
        now=now,
    )
    return CodeSource(channel, code.state)


def _create_segments(now: datetime) -> None:
    for name, root in SEGMENTS.items():
        create_segment(SYSTEM, name, {"version": 1, "root": root}, now=now)


SEGMENTS: dict[str, dict[str, Any]] = {
    "加了好友还没下单": {
        "op": "and",
        "children": [
            {"op": "platform", "platform": "wecom", "has": True},
            {"op": "order", "measure": "count", "cmp": "eq", "value": 0},
        ],
    },
    "老客: 下单两次以上": {"op": "order", "measure": "count", "cmp": "gte", "value": 2},
    "一周没下单的买家": {
        "op": "and",
        "children": [
            {"op": "order", "measure": "count", "cmp": "gte", "value": 1},
            {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 7},
        ],
    },
    "抖音来的、留了手机": {
        "op": "and",
        "children": [
            {"op": "platform", "platform": "douyin", "has": True},
            {"op": "identity", "namespace": "phone", "has": True},
        ],
    },
}
