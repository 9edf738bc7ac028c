"""Messages and events of a mini program and a Channels store → facts; orders → facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.platforms.wechat_mini import wire
from siyu.ports import facts
from siyu.ports.capabilities import AccountConfig
from siyu.ports.facts import Fact
from siyu.wechat.bodies import many
from siyu.wechat.callbacks import required
from siyu.wechat.origin import Origin, person, seconds_ms
from siyu.wechat.permits import permit_change

NAMESPACE = "wechat_mini_openid"
SUBSCRIBE = "wechat_mini.subscribe"
EVIDENCE = "视频号小店订单里同时有 OpenID 与 UnionID"
STORE = "视频号小店"
ORDER_EVENT, MEMBER_EVENT = "channels_ec_order_", "channels_ec_vip_"
PAID = frozenset({20, 21, 30, 100, 200})
ALL_RETURNED = 200
_WORDS = {"text": "Content", "miniprogrampage": "Title"}
_Read = Callable[[Mapping[str, Any], Origin], list[Fact]]


def event_facts(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    """The facts of a message; [] for events we do not know. Refused when malformed."""
    kind = required(fields, "MsgType")
    if kind != "event":
        return [_message(fields, origin, kind)]
    event = str(fields.get("Event", ""))
    if event.startswith(ORDER_EVENT):
        return _order_changed(fields, origin, event)
    if event.startswith(MEMBER_EVENT):
        return _member(fields, origin, event)
    read = _EVENTS.get(event.lower())
    return read(fields, origin) if read else []


def order_facts(order: wire.Order, account: AccountConfig, received_at: int) -> list[Fact]:
    """A paid order, and what went back of it; [] before it is paid. received_at: ms."""
    if order.status not in PAID or not order.openid:
        return []
    number = str(order.order_id)
    origin = Origin(account, received_at, f"order:{number}:paid")
    detail = order.order_detail
    paid_at = (detail.pay_info.pay_time or order.create_time) * 1000
    who = {
        "identities": person(account, NAMESPACE, order.openid, order.unionid),
        "evidence": EVIDENCE if order.unionid else "",
    }
    found = [
        origin.fact(
            facts.ORDER_COMPLETED,
            paid_at or received_at,
            properties={
                "order_id": number,
                "total_fen": detail.price_info.order_price,
                "shop": STORE,
                "products": [_product(product) for product in detail.product_infos],
            },
            private={"transaction_id": detail.pay_info.transaction_id},
            **who,
        )
    ]
    returned = sum(p.sale_price * p.finish_aftersale_sku_cnt for p in detail.product_infos)
    if order.status == ALL_RETURNED or returned:
        is_all = order.status == ALL_RETURNED
        amount = detail.price_info.order_price if is_all else returned
        found.append(
            origin.fact(
                facts.ORDER_REFUNDED,
                (order.update_time * 1000) or received_at,
                message_id=f"order:{number}:returned:{amount}",
                properties={
                    "order_id": number,
                    "refund_id": f"{number}:{amount}",
                    "total_fen": amount,
                },
                **who,
            )
        )
    return found


def _product(product: wire.Product) -> dict[str, Any]:
    return {
        "sku": str(product.sku_id or product.product_id),
        "name": product.title,
        "quantity": product.sku_cnt,
        "price": f"{product.sale_price // 100}.{product.sale_price % 100:02d}",
    }


def _message(fields: Mapping[str, Any], origin: Origin, kind: str) -> Fact:
    return _fact(
        fields,
        origin,
        facts.MESSAGE_RECEIVED,
        properties={"message_type": kind},
        private={
            "text": str(fields.get(_WORDS.get(kind, ""), "") or ""),
            "server_message_id": str(fields.get("MsgId", "")),
        },
    )


def _entered(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    entry = str(fields.get("SessionFrom") or "")[:200]
    return [_fact(fields, origin, facts.CHAT_ENTERED, properties={"entry": entry or "session"})]


def _permits(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    """In JSON `List` may be an object or an array: one fact for each template."""
    is_popup = str(fields["Event"]).lower() == "subscribe_msg_popup_event"
    found = []
    for number, item in enumerate(_items(fields, is_popup=is_popup)):
        properties = {
            "template": required(item, "TemplateId"),
            "channel": SUBSCRIBE,
            "change": permit_change(item, is_popup=is_popup),
        }
        message_id = f"{origin.message_id}:{number}"
        found.append(
            _fact(
                fields, origin, facts.PERMIT_CHANGED, properties=properties, message_id=message_id
            )
        )
    return found


def _items(fields: Mapping[str, Any], *, is_popup: bool) -> list[Mapping[str, Any]]:
    body = fields.get("SubscribeMsgPopupEvent" if is_popup else "SubscribeMsgChangeEvent", fields)
    return many(body.get("List") if isinstance(body, Mapping) else body)


def _notice_sent(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    body = fields.get("SubscribeMsgSentEvent", fields)
    found = []
    for number, item in enumerate(many(body.get("List") if isinstance(body, Mapping) else body)):
        is_sent = str(item.get("ErrorCode", "0")) == "0"
        failure = "" if is_sent else str(item.get("ErrorStatus") or item.get("ErrorCode"))
        found.append(
            _fact(
                fields,
                origin,
                facts.SEND_FINISHED,
                properties={"remote_id": str(item.get("MsgID", "")), "failure": failure[:40]},
                message_id=f"{origin.message_id}:{number}",
            )
        )
    return found


def _order_changed(fields: Mapping[str, Any], origin: Origin, event: str) -> list[Fact]:
    """What happened to a store order; its whole is fetched afterwards."""
    info = fields.get("order_info")
    body = info if isinstance(info, Mapping) else {}
    properties = {
        "order_id": required(body, "order_id"),
        "change": event.removeprefix(ORDER_EVENT),
    }
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    return [origin.fact(facts.ORDER_CHANGED, at, properties=properties)]


def _after_sale(fields: Mapping[str, Any], origin: Origin) -> list[Fact]:
    info = fields.get("finder_shop_aftersale_status_update")
    body = info if isinstance(info, Mapping) else {}
    properties = {
        "order_id": required(body, "order_id"),
        "change": f"aftersale_{body.get('status', '')}".lower(),
    }
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    return [origin.fact(facts.ORDER_CHANGED, at, properties=properties)]


def _member(fields: Mapping[str, Any], origin: Origin, event: str) -> list[Fact]:
    """A store member joined, left, or changed grade or points."""
    info = fields.get("user_info") or fields.get("exchange_info")
    body = info if isinstance(info, Mapping) else {}
    properties = {
        "change": event.removeprefix(MEMBER_EVENT),
        **{name: body[name] for name in ("grade", "score") if isinstance(body.get(name), int)},
    }
    identities = person(
        origin.account,
        NAMESPACE,
        str(body.get("openid") or required(fields, "FromUserName")),
        str(body.get("unionid") or ""),
    )
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    return [
        origin.fact(facts.STORE_MEMBER_CHANGED, at, identities=identities, properties=properties)
    ]


_EVENTS: dict[str, _Read] = {
    "user_enter_tempsession": _entered,
    "subscribe_msg_popup_event": _permits,
    "subscribe_msg_change_event": _permits,
    "subscribe_msg_sent_event": _notice_sent,
    "channels_ec_aftersale_update": _after_sale,
}


def _fact(fields: Mapping[str, Any], origin: Origin, name: str, **more: Any) -> Fact:
    openid = required(fields, "FromUserName")
    at = seconds_ms(required(fields, "CreateTime"), "CreateTime")
    return origin.fact(name, at, identities=person(origin.account, NAMESPACE, openid), **more)
