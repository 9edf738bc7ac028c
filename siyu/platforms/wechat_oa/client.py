"""One thin method for each remote call of an official account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.platforms.wechat_oa import wire
from siyu.wechat.calling import Head
from siyu.wechat.client import WechatClient

FANS_PER_CALL = 100
TAGGED_PER_CALL = 50
DRAFTS_PER_CALL = 20


class OfficialClient(WechatClient):
    """The server API of one official account. Raises the PlatformError family."""

    # fans

    def list_fans(self, next_openid: str) -> wire.FanPage:
        """GET user/get: up to 10,000 openids after one."""
        params = {"next_openid": next_openid} if next_openid else {}
        return self.read("GET", "/cgi-bin/user/get", wire.FanPage, params=params)

    def get_fan(self, openid: str) -> wire.Fan:
        """GET user/info: one fan."""
        params = {"openid": openid, "lang": "zh_CN"}
        return self.read("GET", "/cgi-bin/user/info", wire.Fan, params=params)

    def get_fans(self, openids: Sequence[str]) -> wire.FanList:
        """POST user/info/batchget: up to 100 fans."""
        body = {"user_list": [{"openid": openid, "lang": "zh_CN"} for openid in openids]}
        return self.read("POST", "/cgi-bin/user/info/batchget", wire.FanList, json=body)

    # tags

    def get_tags(self) -> wire.TagList:
        return self.read("GET", "/cgi-bin/tags/get", wire.TagList)

    def create_tag(self, name: str) -> wire.MadeTag:
        return self.write("/cgi-bin/tags/create", {"tag": {"name": name}}, wire.MadeTag)

    def tag_fans(self, tag_id: int, openids: Sequence[str]) -> None:
        """POST tags/members/batchtagging: up to 50 fans."""
        body = {"openid_list": list(openids), "tagid": tag_id}
        self.write("/cgi-bin/tags/members/batchtagging", body, Head, is_safe=True)

    def untag_fans(self, tag_id: int, openids: Sequence[str]) -> None:
        body = {"openid_list": list(openids), "tagid": tag_id}
        self.write("/cgi-bin/tags/members/batchuntagging", body, Head, is_safe=True)

    # codes and menu

    def create_code(self, body: Mapping[str, Any]) -> wire.SceneCode:
        """POST qrcode/create: a scene's code; the same scene again is another picture of it."""
        return self.write("/cgi-bin/qrcode/create", body, wire.SceneCode, is_safe=True)

    def get_menu(self) -> wire.MenuAnswer:
        return self.read("GET", "/cgi-bin/menu/get", wire.MenuAnswer)

    def create_menu(self, body: Mapping[str, Any]) -> None:
        self.write("/cgi-bin/menu/create", body, Head, is_safe=True)

    def add_conditional_menu(self, body: Mapping[str, Any]) -> wire.MadeMenu:
        return self.write("/cgi-bin/menu/addconditional", body, wire.MadeMenu)

    def delete_conditional_menu(self, menu_id: str) -> None:
        body = {"menuid": menu_id}
        self.write("/cgi-bin/menu/delconditional", body, Head, is_safe=True)

    def try_menu(self, openid: str) -> wire.TriedMenu:
        """POST menu/trymatch: what one fan sees."""
        return self.read("POST", "/cgi-bin/menu/trymatch", wire.TriedMenu, json={"user_id": openid})

    def delete_menu(self) -> None:
        self.read("GET", "/cgi-bin/menu/delete", Head)

    # messages

    def send_custom(self, body: Mapping[str, Any]) -> None:
        """POST message/custom/send: a customer-service message, inside its window only."""
        self.write("/cgi-bin/message/custom/send", body, Head)

    def send_template(self, body: Mapping[str, Any]) -> wire.SentMessage:
        return self.write("/cgi-bin/message/template/send", body, wire.SentMessage)

    def send_notice(self, body: Mapping[str, Any]) -> wire.SentMessage:
        """POST message/subscribe/bizsend: one send for each consent."""
        return self.write("/cgi-bin/message/subscribe/bizsend", body, wire.SentMessage)

    def send_mass(self, body: Mapping[str, Any]) -> wire.SentMessage:
        """POST message/mass/send: to 2 … 10,000 openids; repeats are known by `clientmsgid`."""
        return self.write("/cgi-bin/message/mass/send", body, wire.SentMessage)

    def preview_mass(self, body: Mapping[str, Any]) -> None:
        """POST message/mass/preview: to one fan; 100 a day."""
        self.write("/cgi-bin/message/mass/preview", body, Head)

    def list_drafts(self, passed: int) -> wire.DraftPage:
        """POST draft/batchget: up to 20 drafts without their text, the newest first."""
        body = {"offset": passed, "count": DRAFTS_PER_CALL, "no_content": 1}
        return self.read("POST", "/cgi-bin/draft/batchget", wire.DraftPage, json=body)

    def list_templates(self) -> wire.TemplateList:
        return self.read("GET", "/cgi-bin/template/get_all_private_template", wire.TemplateList)

    def list_notice_templates(self) -> wire.NoticeTemplateList:
        return self.read("GET", "/wxaapi/newtmpl/gettemplate", wire.NoticeTemplateList)

    # pages

    def fetch_page_token(self, code: str) -> wire.PageToken:
        """GET sns/oauth2/access_token: the code works once, for five minutes."""
        params = {
            "appid": self.account.remote_id,
            "secret": self.account.fields.get("secret", ""),
            "code": code,
            "grant_type": "authorization_code",
        }
        return self.ask("/sns/oauth2/access_token", params, wire.PageToken)

    def fetch_page_user(self, token: wire.PageToken) -> wire.PageUser:
        """GET sns/userinfo: after the person agreed to show the profile."""
        params = {"access_token": token.access_token, "openid": token.openid, "lang": "zh_CN"}
        return self.ask("/sns/userinfo", params, wire.PageUser, is_safe=True)
