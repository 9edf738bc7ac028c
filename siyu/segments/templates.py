"""Segments to start from: each answers a question an operator asks every week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class SegmentTemplate:
    """why_*: what one does with these people."""

    key: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    definition: dict[str, Any]


def _all(*children: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": {"op": "and", "children": list(children)}}


_REACHABLE = {"op": "reachable", "channel": "any"}
_BOUGHT = {"op": "order", "measure": "count", "cmp": "gte", "value": 1}


def _event(name: str, cmp: str, value: int, days: int) -> dict[str, Any]:
    return {
        "op": "event",
        "name": name,
        "measure": "count",
        "cmp": cmp,
        "value": value,
        "within_days": days,
    }


TEMPLATES: Final = (
    SegmentTemplate(
        key="new_without_order",
        zh="新客未购",
        en="New, not bought",
        why_zh="入池 7 天内、还能触达、一单未下的人: 趁热发首单券。",
        why_en="In the pool for a week, reachable, no order yet: offer the first coupon while warm.",
        definition=_all(
            {"op": "trait", "field": "days_since_created", "cmp": "lte", "value": 7},
            {"op": "order", "measure": "count", "cmp": "eq", "value": 0},
            _REACHABLE,
        ),
    ),
    SegmentTemplate(
        key="added_without_reply",
        zh="加粉未回复",
        en="Added, never replied",
        why_zh="加好友后 3 天没说过一句话: 换个话题再打一次招呼。",
        why_en="Silent for 3 days after becoming a friend: greet once more, about something else.",
        definition=_all(
            {
                "op": "sequence",
                "steps": [
                    {"name": "friend_added"},
                    {"name": "message_received", "absent": True, "within": {"days": 3}},
                ],
                "within_days": 30,
            },
            _REACHABLE,
        ),
    ),
    SegmentTemplate(
        key="viewed_without_order",
        zh="看了没买",
        en="Viewed, not bought",
        why_zh="近 14 天看过商品、看后 2 天内没有下单: 由导购问一句还差什么。",
        why_en="Viewed a product in 14 days and did not order within 2: let the guide ask what is missing.",
        definition=_all(
            {
                "op": "sequence",
                "steps": [
                    {"name": "product_viewed"},
                    {"name": "order_completed", "absent": True, "within": {"days": 2}},
                ],
                "within_days": 14,
            },
            _REACHABLE,
        ),
    ),
    SegmentTemplate(
        key="second_order",
        zh="首购待复购",
        en="Due for a second order",
        why_zh="只买过 1 次、距今 15 到 45 天: 复购最容易发生的一段。",
        why_en="Bought once, 15 to 45 days ago: when a second order comes easiest.",
        definition=_all(
            {"op": "order", "measure": "count", "cmp": "eq", "value": 1},
            {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 15},
            {"op": "order", "measure": "days_since_last", "cmp": "lte", "value": 45},
        ),
    ),
    SegmentTemplate(
        key="sleeping",
        zh="沉睡 30 天",
        en="Asleep for 30 days",
        why_zh="买过、30 天没再买也没来过、还能触达: 少而准地唤醒。",
        why_en="Bought before, neither bought nor seen for 30 days, reachable: wake them, sparingly.",
        definition=_all(
            _BOUGHT,
            {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 30},
            {"op": "trait", "field": "days_since_seen", "cmp": "gte", "value": 30},
            _REACHABLE,
        ),
    ),
    SegmentTemplate(
        key="high_value",
        zh="高价值",
        en="High value",
        why_zh="最近买过、买得多、花得多 (RFM 各 4、5 分): 专人照看, 少发广告。",
        why_en="Bought lately, often and much (RFM 4 and 5): look after them in person, advertise little.",
        definition=_all({"op": "rfm", "r": [4, 5], "f": [4, 5], "m": [4, 5]}),
    ),
    SegmentTemplate(
        key="refunded",
        zh="退款待安抚",
        en="Refunded lately",
        why_zh="近 14 天退过款: 先由客服问清原因, 不要再发促销。",
        why_en="A refund in the last 14 days: ask why first, send no promotion.",
        definition=_all(_event("order_refunded", "gte", 1, 14)),
    ),
    SegmentTemplate(
        key="lost_buyers",
        zh="失联买家",
        en="Buyers out of reach",
        why_zh="买过但现在没有任何渠道能触达: 用包裹卡、短信请回来。",
        why_en="Bought, but no channel reaches them now: bring them back by parcel card or SMS.",
        definition=_all(_BOUGHT, {"op": "not", "children": [_REACHABLE]}),
    ),
)
