"""What people do in a mini program and its store: sign in, agree, ask, order, pay, return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.wechat.sandbox.books import Fault
from siyu.wechat.sandbox.front import Operation, People

WROTE = (48 * 3600, 5)
ENTERED = (60, 2)


def log_in(hands: People, *, unionid: str, name: str = "") -> dict[str, str]:
    """Somebody opens the mini program: the code that wx.login gives it."""
    person = hands.books.person(hands.app, unionid, name)
    code = hands.books.issue_code(hands.app, person.openid, "login")
    return {"openid": person.openid, "code": code}


def share_phone(hands: People, *, openid: str, phone: str) -> dict[str, str]:
    """The person presses the phone button and agrees: the button's code."""
    hands.books.known(hands.app, openid)
    phones: dict[str, str] = hands.app.store.setdefault("phones", {})
    phones[openid] = phone
    return {"code": hands.books.issue_code(hands.app, openid, "phone")}


def enter_chat(hands: People, *, openid: str, entry: str = "wxapp") -> dict[str, str]:
    person = hands.books.known(hands.app, openid)
    hands.books.open_window(person, *ENTERED)
    hands.event(openid, "user_enter_tempsession", SessionFrom=entry)
    return {}


def write(hands: People, *, openid: str, text: str) -> dict[str, int]:
    person = hands.books.known(hands.app, openid)
    hands.books.open_window(person, *WROTE)
    number = hands.books.next_id("message")
    hands.app.counts["received"] += 1
    hands.emit(openid, MsgType="text", Content=text, MsgId=number)
    return {"msg_id": number}


def answer_popup(
    hands: People, *, openid: str, template: str, is_accepted: bool = True
) -> dict[str, int]:
    """wx.requestSubscribeMessage: an acceptance allows one more message."""
    person = hands.books.known(hands.app, openid)
    if is_accepted:
        hands.books.grant(person, template)
    word = "accept" if is_accepted else "reject"
    item = {"TemplateId": template, "SubscribeStatusString": word, "PopupScene": "0"}
    hands.event(openid, "subscribe_msg_popup_event", **_listed(hands, "Popup", item))
    return {"left": person.permits[template]}


def withdraw_permit(hands: People, *, openid: str, template: str) -> dict[str, str]:
    hands.books.known(hands.app, openid).permits[template] = 0
    item = {"TemplateId": template, "SubscribeStatusString": "reject"}
    hands.event(openid, "subscribe_msg_change_event", **_listed(hands, "Change", item))
    return {}


def add_notice(
    hands: People,
    *,
    template: str,
    title: str,
    content: str,
    type: int = 2,  # noqa: A002
) -> dict[str, str]:
    forms: dict[str, Any] = hands.app.store.setdefault("notices", {})
    forms[template] = {"title": title, "content": content, "type": type}
    return {}


def order(
    hands: People, *, openid: str, items: Sequence[Mapping[str, Any]], order_id: str = ""
) -> dict[str, str]:
    """Somebody orders in the store."""
    hands.books.known(hands.app, openid)
    number = order_id or str(3_700_000_000_000_000_000 + hands.books.next_id("order"))
    now = int(hands.books.now().timestamp())
    goods = [{"sku_cnt": 1, "finish_aftersale_sku_cnt": 0, **item} for item in items]
    price = sum(int(item["sale_price"]) * int(item["sku_cnt"]) for item in goods)
    _orders(hands)[number] = {
        "order_id": number,
        "openid": openid,
        "status": 10,
        "create_time": now,
        "update_time": now,
        "order_detail": {
            "product_infos": goods,
            "price_info": {"order_price": price, "freight": 0},
            "pay_info": {},
        },
    }
    hands.app.counts["orders"] += 1
    _tell(hands, number, "new")
    return {"order_id": number}


def pay(hands: People, *, order_id: str) -> dict[str, str]:
    found = _order(hands, order_id)
    now = int(hands.books.now().timestamp())
    transaction = f"42000{hands.books.next_id('transaction')}"
    found["status"] = 20
    found["order_detail"]["pay_info"] = {"pay_time": now, "transaction_id": transaction}
    hands.app.counts["paid_orders"] += 1
    hands.app.counts["paid_fen"] += found["order_detail"]["price_info"]["order_price"]
    _tell(hands, order_id, "pay", pay_time=now)
    return {"transaction_id": transaction}


def ship(hands: People, *, order_id: str) -> dict[str, str]:
    _order(hands, order_id)["status"] = 30
    _tell(hands, order_id, "deliver", finish_delivery=1)
    return {}


def confirm(hands: People, *, order_id: str) -> dict[str, str]:
    _order(hands, order_id)["status"] = 100
    _tell(hands, order_id, "confirm", confirm_type=1)
    return {}


def cancel(hands: People, *, order_id: str) -> dict[str, str]:
    _order(hands, order_id)["status"] = 250
    _tell(hands, order_id, "cancel", cancel_type=1)
    return {}


def return_goods(hands: People, *, order_id: str, count: int | None = None) -> dict[str, str]:
    """Some pieces of the first line go back, or everything."""
    found = _order(hands, order_id)
    if count is None:
        found["status"] = 200
    else:
        found["order_detail"]["product_infos"][0]["finish_aftersale_sku_cnt"] += count
    found["update_time"] = int(hands.books.now().timestamp())
    body = {"status": "MERCHANT_REFUND_SUCCESS", "order_id": order_id, "after_sale_order_id": "1"}
    hands.event(
        found["openid"], "channels_ec_aftersale_update", finder_shop_aftersale_status_update=body
    )
    return {}


def join_club(hands: People, *, openid: str, grade: int = 1) -> dict[str, str]:
    person = hands.books.known(hands.app, openid)
    info = {"openid": openid, "unionid": person.unionid, "grade": grade, "score": 0}
    hands.event(openid, "channels_ec_vip_join", user_info=info)
    return {}


OPERATIONS: dict[str, Operation] = {
    "log_in": log_in,
    "share_phone": share_phone,
    "enter_chat": enter_chat,
    "write": write,
    "answer_popup": answer_popup,
    "withdraw_permit": withdraw_permit,
    "add_notice": add_notice,
    "order": order,
    "pay": pay,
    "ship": ship,
    "confirm": confirm,
    "cancel": cancel,
    "return_goods": return_goods,
    "join_club": join_club,
}


def _listed(hands: People, kind: str, item: Mapping[str, str]) -> dict[str, Any]:
    """XML wraps the list once more than JSON, which writes an object now and then."""
    if hands.app.body_format == "json":
        is_alone = hands.world.chance.random() < 0.3
        return {"List": dict(item) if is_alone else [dict(item)]}
    return {f"SubscribeMsg{kind}Event": {"List": dict(item)}}


def _orders(hands: People) -> dict[str, dict[str, Any]]:
    orders: dict[str, dict[str, Any]] = hands.app.store.setdefault("orders", {})
    return orders


def _order(hands: People, order_id: str) -> dict[str, Any]:
    found = _orders(hands).get(order_id)
    if found is None:
        raise Fault(100001, "order not exist")
    return found


def _tell(hands: People, order_id: str, change: str, **more: int) -> None:
    """The number comes as a number or as text."""
    found = _order(hands, order_id)
    found["update_time"] = int(hands.books.now().timestamp())
    is_number = hands.world.chance.random() < 0.5 and hands.app.body_format == "json"
    number: int | str = int(order_id) if is_number and order_id.isdigit() else order_id
    info = {"order_id": number, **more}
    hands.event(found["openid"], f"channels_ec_order_{change}", order_info=info)
