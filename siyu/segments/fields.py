"""Which fields a segment may use: the allow-list of the compiler and the builder's catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "date", "days"]
TEXT_CMPS = ("eq", "ne", "in", "contains", "exists")
NUMBER_CMPS = ("eq", "ne", "in", "gt", "gte", "lt", "lte")
DATE_CMPS = ("eq", "ne", "gt", "gte", "lt", "lte", "exists")
DAYS_CMPS = ("eq", "ne", "gt", "gte", "lt", "lte", "exists")
CMPS: dict[Kind, tuple[str, ...]] = {
    "text": TEXT_CMPS,
    "number": NUMBER_CMPS,
    "date": DATE_CMPS,
    "days": DAYS_CMPS,
}
STAGES = (
    ("attract", "吸引", "Attract"),
    ("delight", "愉悦", "Delight"),
    ("spread", "传播", "Spread"),
    ("buy", "购买", "Buy"),
    ("loyal", "忠诚", "Loyal"),
)


@dataclass(frozen=True)
class Field:
    """A field of a customer. column: of the view `customers`; never taken from a request."""

    name: str
    zh: str
    en: str
    kind: Kind
    column: str


TRAITS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("stage", "飞轮阶段", "Flywheel stage", "text", "stage"),
        Field("first_platform", "首次来源平台", "First platform", "text", "first_platform"),
        Field("first_source", "首次来源", "First source", "text", "first_source"),
        Field("owner_staff", "归属员工", "Owner", "text", "owner_staff"),
        Field("order_count", "累计订单数", "Orders in total", "number", "order_count"),
        Field("refund_count", "累计退款数", "Refunds in total", "number", "refund_count"),
        Field("revenue_fen", "累计消费 (分)", "Revenue in total (fen)", "number", "revenue_fen"),
        Field("created_at", "入池日期", "Created on", "date", "created_at"),
        Field("last_seen_at", "最近活跃日期", "Last seen on", "date", "last_seen_at"),
        Field("first_order_at", "首单日期", "First order on", "date", "first_order_at"),
        Field("last_order_at", "最近下单日期", "Last order on", "date", "last_order_at"),
        Field("days_since_created", "入池天数", "Days since created", "days", "created_at"),
        Field("days_since_seen", "未活跃天数", "Days since last seen", "days", "last_seen_at"),
    )
}
MEASURES: dict[str, tuple[str, str, Kind]] = {
    "count": ("次数", "Count", "number"),
    "revenue_fen": ("金额 (分)", "Revenue (fen)", "number"),
    "average_fen": ("客单价 (分)", "Average order (fen)", "number"),
    "days_since_last": ("距最近一次的天数", "Days since the last", "days"),
    "days_since_first": ("距首次的天数", "Days since the first", "days"),
}
EVENTS: dict[str, tuple[str, str]] = {
    "page_viewed": ("浏览页面", "Page viewed"),
    "product_viewed": ("浏览商品", "Product viewed"),
    "order_completed": ("下单", "Order completed"),
    "order_refunded": ("退款", "Order refunded"),
    "friend_added": ("添加好友", "Friend added"),
    "friend_removed": ("员工删除好友", "Friend removed by staff"),
    "friend_lost": ("客户删除好友", "Friend lost"),
    "followed": ("关注", "Followed"),
    "unfollowed": ("取消关注", "Unfollowed"),
    "message_received": ("客户发来消息", "Message received"),
    "message_sent": ("发出消息", "Message sent"),
    "chat_entered": ("进入会话", "Chat entered"),
    "referred": ("推荐好友", "Referred a friend"),
    "identified": ("识别身份", "Identified"),
}
SIGNS = {
    "eq": "=",
    "ne": "≠",
    "in": "∈",
    "gt": ">",
    "gte": "≥",
    "lt": "<",
    "lte": "≤",
    "contains": "包含",
    "exists": "有值",
}


def catalogue(
    *,
    platforms: list[dict[str, str]],
    namespaces: list[dict[str, str]],
    tags: list[dict[str, Any]],
    events: list[str],
    segments: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """What the builder offers: groups of fields with their comparisons and known values."""
    return [
        _group(
            "profile", "客户", "Customer", [_trait(field, platforms) for field in TRAITS.values()]
        ),
        _group("tag", "标签", "Tags", [_choice("tag", "tag_id", "标签", "Tag", tags)]),
        _group(
            "platform",
            "平台与触达",
            "Platforms and reach",
            [
                _choice("platform", "platform", "出现过的平台", "Seen on platform", platforms),
                _choice("identity", "namespace", "拥有的身份", "Has identity", namespaces),
                _choice("reachable", "channel", "可触达", "Reachable", _channels(platforms)),
            ],
        ),
        _group("order", "订单", "Orders", [_measure("order", name) for name in MEASURES]),
        _group("event", "行为", "Events", _event_fields(events)),
        _group(
            "rfm", "RFM", "RFM", [_entry("rfm", "rfm", "RFM 分值", "RFM scores", "rfm", ("in",))]
        ),
        _group(
            "segment",
            "其他人群",
            "Other segments",
            [_choice("segment", "segment_id", "属于人群", "In segment", segments)],
        ),
    ]


def _group(key: str, zh: str, en: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"key": key, "zh": zh, "en": en, "fields": fields}


def _entry(  # noqa: PLR0917 - one row of a table
    op: str, field: str, zh: str, en: str, kind: str, cmps: tuple[str, ...]
) -> dict[str, Any]:
    return {"op": op, "field": field, "zh": zh, "en": en, "type": kind, "cmps": cmps, "values": []}


def _trait(field: Field, platforms: list[dict[str, str]]) -> dict[str, Any]:
    entry = _entry("trait", field.name, field.zh, field.en, field.kind, CMPS[field.kind])
    if field.name == "stage":
        entry["values"] = [{"value": key, "zh": zh, "en": en} for key, zh, en in STAGES]
    if field.name == "first_platform":
        entry["values"] = platforms
    return entry


def _choice(op: str, field: str, zh: str, en: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    return _entry(op, field, zh, en, "choice", ()) | {"values": values}


def _channels(platforms: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{"value": "any", "zh": "任一渠道", "en": "Any channel"}, *platforms]


def _measure(op: str, name: str) -> dict[str, Any]:
    zh, en, kind = MEASURES[name]
    return _entry(op, name, zh, en, kind, CMPS[kind])


def _event_fields(seen: list[str]) -> list[dict[str, Any]]:
    names = {name: {"value": name, "zh": zh, "en": en} for name, (zh, en) in EVENTS.items()}
    for name in seen:
        names.setdefault(name, {"value": name, "zh": name, "en": name})
    values = list(names.values())
    return [_measure("event", name) | {"values": values} for name in ("count", "days_since_last")]
