"""Segment's HTTP tracking calls → facts.

https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from siyu.core.intake import privacy
from siyu.core.intake.names import fact_name
from siyu.core.intake.people import People, note_text
from siyu.core.intake.strict import check_caps
from siyu.core.intake.times import LATE_MS, read_time, settle_time
from siyu.core.intake.types import Arrival
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.kernel.ids import new_id
from siyu.kernel.money import to_fen
from siyu.ports.facts import IDENTIFIED, MERGED_BY_ALIAS, ORDER_COMPLETED, ORDER_REFUNDED, Fact

TYPES = frozenset({"identify", "track", "page", "screen", "group", "alias"})
VOLATILE = frozenset({"sentAt", "writeKey", "receivedAt", "_metadata"})
"""Fields that change when the same message is sent again."""
MAX_MESSAGE_ID = 255
_NAMES = {
    "identify": IDENTIFIED,
    "page": "page_viewed",
    "screen": "screen_viewed",
    "group": "group_joined",
    "alias": MERGED_BY_ALIAS,
}
_AMOUNTS = ("revenue", "total", "value", "refund", "tax", "shipping", "discount")


@dataclass(slots=True)
class _Call:
    kind: str
    item: dict[str, Any]
    context: dict[str, Any]
    traits: dict[str, Any]
    arrival: Arrival
    notes: list[str] = field(default_factory=list)


def read_segment(item: dict[str, Any], canonical: bytes, arrival: Arrival, people: People) -> Fact:
    """The fact of one call; Refused with code and field when it cannot be one."""
    kind = item.get("type") or arrival.default_type
    if kind not in TYPES:
        raise Refused(
            "event.type", "type 须为 identify/track/page/screen/group/alias", field="type"
        )
    call = _Call(kind, item, _dict(item, "context"), _dict(item, "traits"), arrival)
    if arrival.context:
        call.context = {**arrival.context, **call.context}
    at = _time(item, arrival)
    identities = _identities(call, people)
    properties, private = _properties(call, canonical)
    check_caps(call.traits, "traits", len(canonical))
    check_caps(properties, "properties", len(canonical))
    if call.notes:
        private["notes"] = note_text(call.notes)
    return Fact(
        name=_NAMES.get(kind) or _track_name(item, properties),
        at=at,
        received_at=arrival.received_at,
        source=arrival.source,
        message_id=_message_id(item),
        platform=arrival.platform,
        identities=tuple(identities),
        evidence=f"segment.{kind}",
        properties=properties,
        traits=call.traits if kind == "identify" else {},
        private=private,
        is_late=at < arrival.received_at - LATE_MS,
    )


def _time(item: dict[str, Any], arrival: Arrival) -> int:
    at = read_time(item.get("timestamp") or item.get("originalTimestamp"), "timestamp")
    sent_at = read_time(item["sentAt"], "sentAt") if "sentAt" in item else arrival.sent_at
    return settle_time(at, sent_at, arrival.received_at)


def _identities(call: _Call, people: People) -> list[Identity]:
    found: list[Identity] = []
    item, context, notes, source = call.item, call.context, call.notes, call.arrival.source
    people.add(found, notes, "user_id", item.get("userId"), source)
    if "externalIds" in context:
        people.add_external(found, notes, context["externalIds"])
    if call.kind == "identify":
        people.add_contacts(found, notes, call.traits)
    if "traits" in context and isinstance(context["traits"], dict):
        people.add_contacts(found, notes, context["traits"])
    people.add(found, notes, "anonymous_id", item.get("anonymousId"), source)
    if call.kind == "alias":
        people.add(found, notes, "anonymous_id", item.get("previousId"), source)
        if len(found) < 2:
            raise Refused("event.alias", "alias 需要 userId 和 previousId", field="previousId")
    if not found and not notes:
        raise Refused("event.no_identity", "缺少 userId 或 anonymousId", field="userId")
    return found


def _properties(call: _Call, canonical: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    kind, item, context = call.kind, call.item, call.context
    values = _dict(item, "properties")
    if kind == "group":
        values = {"group_id": item.get("groupId")}
    elif kind in {"page", "screen"}:
        values = {key: value for key, value in values.items() if key not in {"name", "title"}}
        for key in ("name", "category"):
            if isinstance(item.get(key), str):
                values[f"page_{key}"] = item[key]
    properties, private = privacy.split(values, canonical) if values else ({}, {})
    if kind == "group" and "traits" in item:
        private["group_traits"] = item["traits"]
    campaign = context.get("campaign")
    if isinstance(campaign, dict):
        for key, value in campaign.items():
            if isinstance(value, str) and not privacy.looks_personal(value):
                properties.setdefault(f"campaign_{privacy.fold_key(key)}", value)
    return properties, private


def _track_name(item: dict[str, Any], properties: dict[str, Any]) -> str:
    event = item.get("event")
    if type(event) is not str:
        raise Refused("event.name", "track 需要 event", field="event")
    name = fact_name(event)
    if name in {ORDER_COMPLETED, ORDER_REFUNDED}:
        _check_order(properties)
    return name


def _check_order(properties: dict[str, Any]) -> None:
    order_id = properties.get("order_id")
    if not isinstance(order_id, str | int) or order_id in {"", True, False}:
        raise Refused("order.id", "订单事件需要 order_id", field="properties.order_id")
    for key in _AMOUNTS:
        amount = properties.get(key)
        if amount is None:
            continue
        if isinstance(amount, bool) or not isinstance(amount, str | int | float):
            raise Refused("money.invalid", "金额须为数字", field=f"properties.{key}")
        fen = to_fen(amount, field=f"properties.{key}", exact=isinstance(amount, str))
        if fen < 0 and key != "discount":
            raise Refused("money.negative", "金额不能为负", field=f"properties.{key}")


def _message_id(item: dict[str, Any]) -> str:
    message_id = item.get("messageId")
    if message_id is None or message_id == "":
        return new_id()
    if type(message_id) is int:
        return str(message_id)
    if type(message_id) is not str or len(message_id) > MAX_MESSAGE_ID:
        raise Refused("event.message_id", "messageId 须为 255 字以内的文本", field="messageId")
    return message_id


def _dict(item: dict[str, Any], key: str) -> dict[str, Any]:
    value = item.get(key)
    if value is None:
        return {}
    if type(value) is not dict:
        raise Refused("event.type", f"{key} 须为对象", field=key)
    return value
