"""One thin method for each remote call of a mini program and its store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siyu.platforms.wechat_mini import wire
from siyu.wechat.calling import Head
from siyu.wechat.client import WechatClient


class MiniClient(WechatClient):
    """The server API of one mini program or store. Raises the PlatformError family."""

    def fetch_session(self, code: str) -> wire.Session:
        """GET sns/jscode2session: a login code works once, for five minutes."""
        params = {
            "appid": self.account.remote_id,
            "secret": self.account.fields.get("secret", ""),
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self.ask("/sns/jscode2session", params, wire.Session)

    def get_phone(self, code: str) -> wire.PhoneAnswer:
        """POST wxa/business/getuserphonenumber: paid by the call; the code works once."""
        return self.write("/wxa/business/getuserphonenumber", {"code": code}, wire.PhoneAnswer)

    def send_custom(self, body: Mapping[str, Any]) -> None:
        self.write("/cgi-bin/message/custom/send", body, Head)

    def send_notice(self, body: Mapping[str, Any]) -> wire.SentMessage:
        """POST message/subscribe/send: one send for each consent."""
        return self.write("/cgi-bin/message/subscribe/send", body, wire.SentMessage)

    def list_notice_templates(self) -> wire.NoticeTemplateList:
        return self.read("GET", "/wxaapi/newtmpl/gettemplate", wire.NoticeTemplateList)

    def create_url_link(self, body: Mapping[str, Any]) -> wire.UrlLink:
        return self.write("/wxa/generate_urllink", body, wire.UrlLink, is_safe=True)

    def create_scheme(self, body: Mapping[str, Any]) -> wire.Scheme:
        return self.write("/wxa/generatescheme", body, wire.Scheme, is_safe=True)

    def create_short_link(self, body: Mapping[str, Any]) -> wire.ShortLink:
        return self.write("/wxa/genwxashortlink", body, wire.ShortLink, is_safe=True)

    def upload_shipping(self, body: Mapping[str, Any]) -> None:
        """POST wxa/sec/order/upload_shipping_info: repeating it changes nothing more."""
        self.write("/wxa/sec/order/upload_shipping_info", body, Head, is_safe=True)

    def get_order(self, order_id: str) -> wire.OrderAnswer:
        body = {"order_id": order_id}
        return self.read("POST", "/channels/ec/order/get", wire.OrderAnswer, json=body)

    def list_orders(self, body: Mapping[str, Any]) -> wire.OrderList:
        return self.read("POST", "/channels/ec/order/list/get", wire.OrderList, json=body)
