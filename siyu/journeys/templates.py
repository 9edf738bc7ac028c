"""Journeys to start from; the console offers them and the demo plays the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

WELCOME_TEXT: Final = (
    "{{ name | default: '您' }}好，欢迎加入！回复“口味”告诉我您喜欢什么，我按您的口味推荐。"
)
COUPON_TEXT: Final = "新朋友首单立减 20 元，券已放进您的账户，三天内有效，下单自动抵扣。"
"""The same words for everybody: a mass message is one task to confirm per guide and text, so a
name in it would make a task of every customer."""


@dataclass(frozen=True)
class JourneyTemplate:
    key: str
    zh: str
    en: str
    definition: dict[str, Any]


FIRST_ORDER: Final = JourneyTemplate(
    key="first_order",
    zh="新好友欢迎与首单",
    en="Welcome and first order",
    definition={
        "version": 1,
        "trigger": {"kind": "event", "name": "friend_added"},
        "goal": {"kind": "event", "name": "order_completed"},
        "exits": [{"kind": "event", "name": "friend_lost"}],
        "re_entry": "never",
        "start": "welcome",
        "nodes": [
            {"id": "welcome", "kind": "welcome", "template": WELCOME_TEXT, "next": "tag_source"},
            {
                "id": "tag_source",
                "kind": "tag",
                "group": "来源",
                "from": "source",
                "next": "wait_day",
            },
            {"id": "wait_day", "kind": "wait", "seconds": 86_400, "next": "has_order"},
            {
                "id": "has_order",
                "kind": "split",
                "condition": {
                    "version": 1,
                    "root": {"op": "order", "measure": "count", "cmp": "gte", "value": 1},
                },
                "yes": "done",
                "no": "coupon",
            },
            {
                "id": "coupon",
                "kind": "send",
                "channel": "best",
                "purpose": "marketing",
                "template": COUPON_TEXT,
                "next": "wait_order",
            },
            {"id": "wait_order", "kind": "wait", "seconds": 3 * 86_400, "next": "done"},
            {"id": "done", "kind": "exit", "reason": "completed"},
        ],
    },
)

TEMPLATES: Final = (FIRST_ORDER,)
