"""Shapes of the mini program's and the store's answers. Unknown fields pass."""

from __future__ import annotations

import msgspec


class Session(msgspec.Struct, frozen=True):
    """Of jscode2session. The session_key is not read: nobody here needs it."""

    openid: str
    unionid: str = ""


class PhoneInfo(msgspec.Struct, frozen=True):
    """country comes as text or number."""

    number: str = msgspec.field(name="purePhoneNumber", default="")
    country: int | str = msgspec.field(name="countryCode", default="86")


class PhoneAnswer(msgspec.Struct, frozen=True):
    phone_info: PhoneInfo


class SentMessage(msgspec.Struct, frozen=True):
    msgid: int | str = ""


class UrlLink(msgspec.Struct, frozen=True):
    url_link: str


class Scheme(msgspec.Struct, frozen=True):
    openlink: str


class ShortLink(msgspec.Struct, frozen=True):
    link: str


class NoticeTemplate(msgspec.Struct, frozen=True):
    """type: 2 one-time, 3 long-term."""

    template: str = msgspec.field(name="priTmplId")
    title: str = ""
    content: str = ""
    type: int = 2


class NoticeTemplateList(msgspec.Struct, frozen=True):
    data: list[NoticeTemplate] = []


class Product(msgspec.Struct, frozen=True):
    product_id: int | str = ""
    sku_id: int | str = ""
    title: str = ""
    sku_cnt: int = 1
    sale_price: int = 0
    finish_aftersale_sku_cnt: int = 0


class Price(msgspec.Struct, frozen=True):
    """Fen. order_price: what the buyer paid, freight included."""

    order_price: int = 0
    freight: int = 0


class Pay(msgspec.Struct, frozen=True):
    pay_time: int = 0
    transaction_id: str = ""


class Detail(msgspec.Struct, frozen=True):
    product_infos: list[Product] = []
    price_info: Price = Price()
    pay_info: Pay = Pay()


class Order(msgspec.Struct, frozen=True):
    """status: 10 unpaid, 20 to ship, 21 partly shipped, 30 shipped, 100 done, 190/200/250 cancelled
    (200: all of it went back after the sale)."""

    order_id: int | str
    openid: str = ""
    unionid: str = ""
    status: int = 0
    create_time: int = 0
    update_time: int = 0
    order_detail: Detail = Detail()


class OrderAnswer(msgspec.Struct, frozen=True):
    order: Order


class OrderList(msgspec.Struct, frozen=True):
    order_id_list: list[int | str] = []
    next_key: str = ""
    has_more: bool = False
