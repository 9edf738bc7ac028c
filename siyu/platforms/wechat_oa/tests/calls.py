"""The official account's calls, for the conformance suite."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from siyu.ports.media import MediaFile
from siyu.ports.menus import MenuButton, MenuRule
from siyu.ports.testing.kit import Call, CallList
from siyu.wechat.testing import OPENID, error, outgoing

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
OK = {"errcode": 0, "errmsg": "ok"}
TAGS = "GET /cgi-bin/tags/get"
TEMPLATES = "GET /cgi-bin/template/get_all_private_template"
NOTICES = "GET /wxaapi/newtmpl/gettemplate"
PAGE_TOKEN = "GET /sns/oauth2/access_token"
VISITOR = {"access_token": "p1", "openid": OPENID}
MENU = (MenuButton(name="新品", kind="click", value="NEW"),)
FORM = "template: T1\nthing1: 明前龙井"
MASS = outgoing("你好", recipients=(OPENID, "oOPENID2"))


def sends(channel: str, path: str, text: str, answer: dict[str, Any]) -> Call:
    """The sending of a text to one fan by a channel."""
    return Call(
        f"{channel}.send",
        f"POST /cgi-bin/message/{path}",
        (outgoing(text),),
        answer,
        is_safe=False,
    )


CALLS = CallList(
    (
        Call(
            "contacts.fetch_contacts",
            "GET /cgi-bin/user/get",
            ([""], ""),
            {"total": 0, "count": 0, "next_openid": ""},
            ([], ""),
        ),
        Call(
            "contacts.fetch_contact",
            "GET /cgi-bin/user/info",
            (OPENID,),
            {"openid": OPENID, "subscribe": 0},
            [],
        ),
        Call("tags.list_tags", TAGS, (), {"tags": []}, []),
        Call(
            "tags.create_tags",
            "POST /cgi-bin/tags/create",
            ("", ["茶"]),
            error(45157),
            [],
            others={TAGS: {"tags": []}},
            is_safe=False,
        ),
        Call(
            "tags.create_tags",
            "POST /cgi-bin/tags/create",
            ("", ["茶"]),
            {"tag": {"id": 101, "name": "茶"}},
            others={TAGS: {"tags": []}},
            is_safe=False,
        ),
        Call("tags.mark", "POST /cgi-bin/tags/members/batchtagging", ("", OPENID, ["101"], []), OK),
        Call(
            "tags.mark", "POST /cgi-bin/tags/members/batchuntagging", ("", OPENID, [], ["101"]), OK
        ),
        Call(
            "follow_codes.create_follow_code",
            "POST /cgi-bin/qrcode/create",
            ("store12",),
            {"ticket": "t1", "url": "http://weixin.qq.com/q/1"},
            named={"seconds": 0},
        ),
        Call("menus.fetch_menu", "GET /cgi-bin/menu/get", (), error(46003), ()),
        Call("menus.fetch_menu", "GET /cgi-bin/menu/get", (), {"menu": {"button": []}}, ()),
        Call("menus.publish_menu", "POST /cgi-bin/menu/create", (MENU,), OK),
        Call(
            "menus.publish_menu",
            "POST /cgi-bin/menu/addconditional",
            (MENU, MenuRule(tag_id="101")),
            {"menuid": "1"},
            is_safe=False,
        ),
        Call(
            "menus.list_conditional",
            "GET /cgi-bin/menu/get",
            (),
            {"menu": {"button": []}, "conditionalmenu": []},
            [],
        ),
        Call("menus.list_conditional", "GET /cgi-bin/menu/get", (), error(46003), []),
        Call("menus.delete_conditional", "POST /cgi-bin/menu/delconditional", ("1",), OK),
        Call("menus.delete_conditional", "POST /cgi-bin/menu/delconditional", ("1",), error(65301)),
        Call("menus.match_menu", "POST /cgi-bin/menu/trymatch", (OPENID,), {"button": []}, ()),
        Call("menus.delete_menu", "GET /cgi-bin/menu/delete", (), OK),
        Call(
            "templates.list_templates",
            TEMPLATES,
            (),
            {"template_list": []},
            [],
            others={NOTICES: {"data": []}},
        ),
        Call(
            "templates.list_templates",
            NOTICES,
            (),
            {"data": []},
            [],
            others={TEMPLATES: {"template_list": []}},
        ),
        Call(
            "page_login.fetch_visitor",
            PAGE_TOKEN,
            ("code",),
            {**VISITOR, "scope": "snsapi_base"},
            is_safe=False,
            has_token=False,
        ),
        Call(
            "page_login.fetch_visitor",
            "GET /sns/userinfo",
            ("code",),
            {"openid": OPENID, "nickname": "小王"},
            others={PAGE_TOKEN: {**VISITOR, "scope": "snsapi_userinfo"}},
            has_token=False,
        ),
        sends("wechat_oa.custom", "custom/send", "你好", OK),
        sends("wechat_oa.template", "template/send", FORM, {**OK, "msgid": 1}),
        sends("wechat_oa.subscribe", "subscribe/bizsend", FORM, {**OK, "msgid": 1}),
        Call(
            "trials.send_trial",
            "POST /cgi-bin/message/mass/preview",
            (OPENID, "你好", ()),
            OK,
            is_safe=False,
        ),
        Call(
            "articles.list_articles",
            "POST /cgi-bin/draft/batchget",
            ("",),
            {"total_count": 0, "item_count": 0, "item": []},
            ([], ""),
        ),
        Call(
            "media.upload",
            "POST /cgi-bin/media/upload",
            (MediaFile(kind="image", name="a.png", content=b"\x89PNG-picture"),),
            {"type": "image", "media_id": "M1", "created_at": 1794362400},
        ),
        *(
            Call(
                f"wechat_oa.mass.{method}",
                "POST /cgi-bin/message/mass/send",
                args,
                {**OK, "msg_id": 1},
                is_safe=False,
            )
            for method, args in (("send", (MASS,)), ("find_sent", (MASS, NOW)))
        ),
    ),
    quiet=frozenset(
        {
            "contacts.list_staff",
            "contacts.end_relation",
            "replies.seal",
            "page_login.authorize_url",
            "wechat_oa.mass.poll",
            *(
                f"wechat_oa.{channel}.{method}"
                for channel in ("custom", "template", "subscribe")
                for method in ("poll", "find_sent")
            ),
        }
    ),
)
