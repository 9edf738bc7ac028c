"""The mini program's calls, for the conformance suite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from siyu.ports.app_links import LinkKind
from siyu.ports.orders import Parcel, Shipment
from siyu.ports.testing.kit import Call, CallList
from siyu.wechat.testing import OPENID, error, outgoing

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
OK = {"errcode": 0, "errmsg": "ok"}
FORM = "template: T1\nthing1: 明前龙井"
SHIPMENT = Shipment("4200001", OPENID, "pick_up", (Parcel("明前龙井"),))


def sends(channel: str, path: str, text: str, answer: dict[str, Any]) -> Call:
    """The sending of a text to one person by a channel."""
    return Call(
        f"{channel}.send",
        f"POST /cgi-bin/message/{path}",
        (outgoing(text),),
        answer,
        is_safe=False,
    )


def makes_link(kind: LinkKind, path: str, answer: dict[str, str]) -> Call:
    return Call(
        "app_links.create_link",
        f"POST /wxa/{path}",
        (kind, "pages/index", ""),
        answer,
        named={"expires_at": None},
    )


CALLS = CallList(
    (
        sends("wechat_mini.custom", "custom/send", "你好", OK),
        sends("wechat_mini.subscribe", "subscribe/send", FORM, {**OK, "msgid": 1}),
        Call("templates.list_templates", "GET /wxaapi/newtmpl/gettemplate", (), {"data": []}, []),
        Call(
            "app_login.fetch_visitor",
            "GET /sns/jscode2session",
            ("code",),
            {"openid": OPENID, "session_key": "secret"},
            is_safe=False,
            has_token=False,
        ),
        Call(
            "app_login.fetch_phone",
            "POST /wxa/business/getuserphonenumber",
            ("code",),
            {"phone_info": {"purePhoneNumber": "13912345678", "countryCode": "86"}},
            "+8613912345678",
            is_safe=False,
        ),
        makes_link(LinkKind.URL, "generate_urllink", {"url_link": "https://wxaurl.cn/1"}),
        makes_link(LinkKind.SCHEME, "generatescheme", {"openlink": "weixin://dl/business/?t=1"}),
        makes_link(LinkKind.SHORT, "genwxashortlink", {"link": "#小程序://茶/1"}),
        Call(
            "orders.fetch_order",
            "POST /channels/ec/order/get",
            ("1",),
            {"order": {"order_id": "1", "openid": OPENID, "status": 10}},
            [],
        ),
        Call("orders.fetch_order", "POST /channels/ec/order/get", ("1",), error(100001), []),
        Call(
            "orders.list_orders",
            "POST /channels/ec/order/list/get",
            (NOW - timedelta(days=1), NOW, ""),
            {"order_id_list": [], "has_more": False},
            ([], ""),
        ),
        Call(
            "shipping.upload_shipment",
            "POST /wxa/sec/order/upload_shipping_info",
            (SHIPMENT, NOW),
            OK,
        ),
    ),
    quiet=frozenset(
        f"wechat_mini.{channel}.{method}"
        for channel in ("custom", "subscribe")
        for method in ("poll", "find_sent")
    ),
)
