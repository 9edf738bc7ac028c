"""Which fields a segment may use: the allow-list of the compiler and of the builder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from siyu.core.access import Actor

Kind = Literal["text", "number", "date", "days", "bool", "choice", "choices"]
ORDERED = ("gt", "gte", "lt", "lte", "between")
CMPS: dict[Kind, tuple[str, ...]] = {
    "text": (
        "eq",
        "ne",
        "in",
        "not_in",
        "contains",
        "not_contains",
        "starts_with",
        "ends_with",
        "matches",
        "exists",
    ),
    "number": ("eq", "ne", "in", "not_in", *ORDERED),
    "date": ("eq", "ne", *ORDERED, "exists"),
    "days": ("eq", "ne", *ORDERED, "exists"),
    "bool": ("eq", "exists"),
    "choice": ("eq", "ne", "in", "not_in", "exists"),
    "choices": ("eq", "ne", "in", "not_in", "exists"),
}
NEGATED = {"ne": "eq", "not_in": "in", "not_contains": "contains"}
"""A comparison that also holds where there is no value, and what it denies."""
CUSTOM = "custom."
STAGES = (
    ("attract", "吸引", "Attract"),
    ("delight", "愉悦", "Delight"),
    ("spread", "传播", "Spread"),
    ("buy", "购买", "Buy"),
    ("loyal", "忠诚", "Loyal"),
)


@dataclass(frozen=True)
class Field:
    """A field of a customer. column: of the view `customers`; never taken from a request.

    A custom field has no column: `key` names its rows in the view `custom_values`.
    choices: known values with their names.
    """

    name: str
    zh: str
    en: str
    kind: Kind
    column: str = ""
    key: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()

    @property
    def cmps(self) -> tuple[str, ...]:
        """The comparisons of the field; a custom number may be missing, a counted one never."""
        return (
            (*CMPS[self.kind], "exists") if self.key and self.kind == "number" else CMPS[self.kind]
        )


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
ORDER_MEASURES: dict[str, tuple[str, str, Kind]] = {
    "count": ("订单数", "Orders", "number"),
    "revenue_fen": ("金额 (分)", "Revenue (fen)", "number"),
    "average_fen": ("客单价 (分)", "Average order (fen)", "number"),
    "max_fen": ("最大一单 (分)", "Largest order (fen)", "number"),
    "item_count": ("件数", "Items", "number"),
    "days_since_last": ("距最近一次的天数", "Days since the last", "days"),
    "days_since_first": ("距首次的天数", "Days since the first", "days"),
}
EVENT_MEASURES: dict[str, tuple[str, str, Kind]] = {
    "count": ("次数", "Count", "number"),
    "days": ("发生过的天数", "Days on which it happened", "number"),
    "sum": ("属性之和", "Sum of a property", "number"),
    "distinct": ("属性的不同值个数", "Distinct values of a property", "number"),
    "days_since_last": ("距最近一次的天数", "Days since the last", "days"),
    "days_since_first": ("距首次的天数", "Days since the first", "days"),
}
TOUCH_MEASURES: dict[str, tuple[str, str, Kind]] = {
    "count": ("触达次数", "Touches", "number"),
    "days_since_last": ("距最近一次触达的天数", "Days since the last touch", "days"),
}
OF_PROPERTY = frozenset({"sum", "distinct"})
NEVER_MISSING = frozenset({"count", "days", "sum", "distinct", "revenue_fen", "item_count"})
LINE_PROPERTIES = ("sku", "product", "category")
ORDER_PROPERTIES: dict[str, tuple[str, str, Kind]] = {
    "sku": ("商品编码", "SKU", "text"),
    "product": ("商品名", "Product", "text"),
    "category": ("品类", "Category", "text"),
    "platform": ("下单平台", "Platform", "text"),
    "source": ("订单来源", "Source", "text"),
    "shop": ("店铺", "Shop", "text"),
    "amount_fen": ("单笔金额 (分)", "Amount of the order (fen)", "number"),
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
    "not_in": "∉",
    "gt": ">",
    "gte": "≥",
    "lt": "<",
    "lte": "≤",
    "between": "介于",
    "contains": "包含",
    "not_contains": "不包含",
    "starts_with": "开头是",
    "ends_with": "结尾是",
    "matches": "匹配",
    "exists": "有值",
}
_custom: Callable[[], Mapping[str, Field]] = dict
GroupNames = Callable[[Actor], Sequence[tuple[int, str]]]
_group_names: list[GroupNames] = []


def set_custom_fields(
    load: Callable[[], Mapping[str, Field]],
) -> Callable[[], Mapping[str, Field]]:
    """Name the source of custom fields: `custom.<key>` → field. Returns the one before."""
    global _custom
    before, _custom = _custom, load
    return before


def custom_fields() -> Mapping[str, Field]:
    """The custom fields that may be used."""
    return _custom()


def set_group_names(load: GroupNames | None) -> GroupNames | None:
    """Name who tells the customer groups somebody may see: (id, name). Returns the one before."""
    before = next(iter(_group_names), None)
    _group_names[:] = [load] if load else []
    return before


def group_names(actor: Actor) -> Sequence[tuple[int, str]]:
    """The customer groups that may be named, newest first; none while nobody tells."""
    return [row for load in _group_names for row in load(actor)]


def find_field(name: str) -> Field | None:
    """The field of a name, of the customer or custom; None when there is none."""
    if name.startswith(CUSTOM):
        return _custom().get(name)
    return TRAITS.get(name)
