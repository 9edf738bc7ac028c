"""The mini program's and the store's calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.wechat.sandbox.books import Fault
from siyu.wechat.sandbox.front import Call, Handler
from siyu.wechat.sandbox.messages import list_notices, send_custom, send_notice

MAX_LIFE = timedelta(days=30)
OK = {"errcode": 0, "errmsg": "ok"}


def code_to_session(call: Call) -> dict[str, Any]:
    if call.query.get("appid") != call.app.appid:
        raise Fault(40013, "invalid appid")
    if call.query.get("secret") != call.app.secret:
        raise Fault(40125, "invalid appsecret")
    person = call.books.spend_code(call.app, call.query.get("js_code", ""), "login")
    call.app.counts["logins"] += 1
    answer = {"openid": person.openid, "session_key": "c2FuZGJveC1zZXNzaW9uLWtleQ=="}
    return {**answer, **_unionid(call, person.unionid)}


def phone_number(call: Call) -> dict[str, Any]:
    person = call.books.spend_code(call.app, call.text("code"), "phone")
    phone = call.app.store.get("phones", {}).get(person.openid, "")
    told = {
        "phoneNumber": phone,
        "purePhoneNumber": phone,
        "countryCode": 86 if call.world.chance.random() < 0.5 else "86",
        "watermark": {"timestamp": int(call.books.now().timestamp()), "appid": call.app.appid},
    }
    return {**OK, "phone_info": told}


def url_link(call: Call) -> dict[str, Any]:
    _check_link(call, call.body, call.body)
    return {**OK, "url_link": f"https://wxaurl.cn/s{call.books.next_id('link')}"}


def scheme(call: Call) -> dict[str, Any]:
    _check_link(call, call.body, call.body.get("jump_wxa") or {})
    return {**OK, "openlink": f"weixin://dl/business/?t=S{call.books.next_id('link')}"}


def short_link(call: Call) -> dict[str, Any]:
    if not call.text("page_url"):
        raise Fault(40165, "invalid page")
    call.app.counts["links"] += 1
    return {**OK, "link": f"#小程序://沙箱/{call.books.next_id('link')}"}


def upload_shipping(call: Call) -> dict[str, Any]:
    """Known by the transaction; the payer must be who paid."""
    number = str(call.body["order_key"].get("transaction_id", ""))
    found = next(
        (
            order
            for order in call.app.store.get("orders", {}).values()
            if order["order_detail"]["pay_info"].get("transaction_id") == number
        ),
        None,
    )
    if found is None or found["openid"] != call.body["payer"]["openid"]:
        raise Fault(10060001, "支付单不存在")
    if not 1 <= len(call.body["shipping_list"]) <= 10:
        raise Fault(40097, "invalid shipping_list")
    if found["status"] == 30:
        raise Fault(10060012, "发货信息未改变")
    found["status"] = 30
    found["update_time"] = int(call.books.now().timestamp())
    call.app.counts["shipped"] += 1
    return OK


def order_get(call: Call) -> dict[str, Any]:
    found = call.app.store.get("orders", {}).get(call.text("order_id"))
    if found is None:
        raise Fault(100001, "order not exist")
    unionid = call.app.people[found["openid"]].unionid
    return {**OK, "order": {**found, **_unionid(call, unionid)}}


def order_list(call: Call) -> dict[str, Any]:
    span = call.body["update_time_range"]
    if int(span["end_time"]) - int(span["start_time"]) > 7 * 86_400:
        raise Fault(40097, "time range too long")
    found = [
        number
        for number, order in call.app.store.get("orders", {}).items()
        if int(span["start_time"]) <= order["update_time"] <= int(span["end_time"])
    ]
    start = int(call.body.get("next_key") or 0)
    size = min(100, int(call.body.get("page_size", 100)))
    page = found[start : start + size]
    is_more = start + size < len(found)
    return {
        **OK,
        "order_id_list": page,
        "has_more": is_more,
        "next_key": str(start + size) if is_more else "",
    }


CALLS: dict[str, tuple[str, Handler]] = {
    "/wxa/business/getuserphonenumber": ("POST", phone_number),
    "/cgi-bin/message/custom/send": ("POST", send_custom),
    "/cgi-bin/message/subscribe/send": ("POST", send_notice),
    "/wxaapi/newtmpl/gettemplate": ("GET", list_notices),
    "/wxa/generate_urllink": ("POST", url_link),
    "/wxa/generatescheme": ("POST", scheme),
    "/wxa/genwxashortlink": ("POST", short_link),
    "/wxa/sec/order/upload_shipping_info": ("POST", upload_shipping),
    "/channels/ec/order/get": ("POST", order_get),
    "/channels/ec/order/list/get": ("POST", order_list),
}
OPEN_CALLS: dict[str, Handler] = {"/sns/jscode2session": code_to_session}


def _unionid(call: Call, unionid: str) -> dict[str, str]:
    return {"unionid": unionid} if call.app.knobs.is_union_bound else {}


def _check_link(call: Call, expiry: Any, jump: Any) -> None:
    if not str(jump.get("path", "")):
        raise Fault(40165, "invalid page path")
    if len(str(jump.get("query", ""))) > 1024:
        raise Fault(40212, "invalid query")
    now = call.books.now()
    if expiry.get("expire_type") == 1:
        is_good = 1 <= int(expiry.get("expire_interval", 0)) <= MAX_LIFE.days
    else:
        ends_at = int(expiry.get("expire_time", 0))
        is_good = now.timestamp() < ends_at <= (now + MAX_LIFE).timestamp()
    if not is_good:
        raise Fault(40097, "invalid expire time")
    call.app.counts["links"] += 1
