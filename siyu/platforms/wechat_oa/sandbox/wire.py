"""The official account's calls."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from siyu.platforms.wechat_oa.sandbox.mass import MASS_CALLS
from siyu.platforms.wechat_oa.sandbox.menus import MENU_CALLS
from siyu.ports.sandbox import WireAnswer
from siyu.wechat.sandbox import events
from siyu.wechat.sandbox.books import Fault, Person
from siyu.wechat.sandbox.front import Call, Handler
from siyu.wechat.sandbox.media import upload_media
from siyu.wechat.sandbox.messages import list_notices, read_data, send_custom, send_notice

OK = {"errcode": 0, "errmsg": "ok"}
PAGE = 10_000
FIRST_TAG = 100


def user_get(call: Call) -> dict[str, Any]:
    fans = [one.openid for one in _fans(call)]
    after = call.query.get("next_openid", "")
    if after and after not in fans:
        raise Fault(40003, "invalid openid")
    start = fans.index(after) + 1 if after else 0
    page = fans[start : start + PAGE]
    answer: dict[str, Any] = {"total": len(fans), "count": len(page)}
    if page:
        answer["data"] = {"openid": page}
    return {**answer, "next_openid": page[-1] if page else ""}


def user_info(call: Call) -> dict[str, Any]:
    return _profile(call, call.books.known(call.app, call.query.get("openid", "")))


def user_batchget(call: Call) -> dict[str, Any]:
    wanted = call.body["user_list"]
    if not 1 <= len(wanted) <= 100:
        raise Fault(40097, "invalid args: user_list size")
    people = [call.books.known(call.app, one["openid"]) for one in wanted]
    return {"user_info_list": [_profile(call, person) for person in people]}


def tags_get(call: Call) -> dict[str, Any]:
    tags: dict[int, str] = _tags(call)
    people = call.app.people.values()
    return {
        "tags": [
            {"id": key, "name": name, "count": sum(key in one.tags for one in people)}
            for key, name in tags.items()
        ]
    }


def tags_create(call: Call) -> dict[str, Any]:
    name, tags = str(call.body["tag"]["name"]), _tags(call)
    if len(name.encode()) > 30:
        raise Fault(45158, "tag name too long")
    if name in tags.values():
        raise Fault(45157, "tag name exist")
    if len(tags) >= 100:
        raise Fault(45056, "out of tag count limit")
    key = FIRST_TAG + len(tags)
    tags[key] = name
    return {"tag": {"id": key, "name": name}}


def batch_tag(call: Call) -> dict[str, Any]:
    tag, people = _tagging(call)
    for person in people:
        if tag not in person.tags and len(person.tags) >= 20:
            raise Fault(45059, "too many tags of this fan")
    for person in people:
        if tag not in person.tags:
            person.tags.append(tag)
    return OK


def batch_untag(call: Call) -> dict[str, Any]:
    tag, people = _tagging(call)
    for person in people:
        if tag in person.tags:
            person.tags.remove(tag)
    return OK


def qrcode_create(call: Call) -> dict[str, Any]:
    action = call.text("action_name")
    scene = call.body["action_info"]["scene"]
    value = str(scene.get("scene_str") or scene.get("scene_id") or "")
    if not value or len(value) > 64:
        raise Fault(40097, "invalid scene")
    call.app.counts["codes"] += 1
    answer = {"ticket": f"gQ{value}", "url": f"http://weixin.qq.com/q/{value}"}
    if action in {"QR_SCENE", "QR_STR_SCENE"}:
        seconds = int(call.body.get("expire_seconds", 60))
        if not 1 <= seconds <= 2_592_000:
            raise Fault(40097, "invalid expire_seconds")
        return {**answer, "expire_seconds": seconds}
    if action not in {"QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}:
        raise Fault(40053, "invalid action info")
    return answer


def send_template(call: Call) -> dict[str, Any]:
    if call.app.kind != "service":
        raise Fault(48001, "api unauthorized")
    person = _fan(call, call.text("touser"))
    forms = call.app.store.get("templates", {})
    template = call.text("template_id")
    if template not in forms:
        raise Fault(40037, "invalid template_id")
    words = read_data(call.body, forms[template]["content"])
    number = call.books.next_id("message")
    if not person.refuses:
        call.books.say(call.app, person, "template", words)
    status = "failed:user block" if person.refuses else "success"
    end = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": status}
    events.emit(call.world, call.app, person.openid, end)
    return {**OK, "msgid": number}


def list_templates(call: Call) -> dict[str, Any]:
    if call.app.kind != "service":
        raise Fault(48001, "api unauthorized")
    forms = call.app.store.get("templates", {})
    return {
        "template_list": [
            {"template_id": key, "title": form["title"], "content": form["content"], "example": ""}
            for key, form in forms.items()
        ]
    }


def authorize_page(call: Call) -> WireAnswer:
    """The sign-in page: the person agrees at once and is sent back with a code."""
    person = call.books.person(call.app, call.query.get("unionid", "sandbox-visitor"))
    person.name = person.name or "沙箱访客"
    code = call.books.issue_code(call.app, person.openid, call.query.get("scope", "snsapi_base"))
    base, _, asked = call.query.get("redirect_uri", "").partition("?")
    query = urlencode([*parse_qsl(asked), ("code", code), ("state", call.query.get("state", ""))])
    target = f"{base}?{query}".replace("&", "&amp;").replace('"', "")
    html = f'<meta http-equiv="refresh" content="0;url={target}"><a href="{target}">继续</a>'
    return WireAnswer(body=html.encode(), content_type="text/html; charset=utf-8")


def page_token(call: Call) -> dict[str, Any]:
    _check_secret(call)
    code = call.query.get("code", "")
    scope = next(
        (kind for known, (_, _, kind) in call.app.codes.items() if known == code), "snsapi_base"
    )
    person = call.books.spend_code(call.app, code, scope)
    token = f"page_{person.openid}"
    answer = {
        "access_token": token,
        "expires_in": 7200,
        "refresh_token": f"r_{token}",
        "openid": person.openid,
        "scope": scope,
    }
    return {**answer, **_unionid(call, person)}


def page_user(call: Call) -> dict[str, Any]:
    person = call.books.known(call.app, call.query.get("openid", ""))
    if call.query.get("access_token") != f"page_{person.openid}":
        raise Fault(40001, "invalid credential")
    return {
        "openid": person.openid,
        "nickname": person.name,
        "headimgurl": "",
        **_unionid(call, person),
    }


CALLS: dict[str, tuple[str, Handler]] = {
    "/cgi-bin/user/get": ("GET", user_get),
    "/cgi-bin/user/info": ("GET", user_info),
    "/cgi-bin/user/info/batchget": ("POST", user_batchget),
    "/cgi-bin/tags/get": ("GET", tags_get),
    "/cgi-bin/tags/create": ("POST", tags_create),
    "/cgi-bin/tags/members/batchtagging": ("POST", batch_tag),
    "/cgi-bin/tags/members/batchuntagging": ("POST", batch_untag),
    "/cgi-bin/qrcode/create": ("POST", qrcode_create),
    **MENU_CALLS,
    "/cgi-bin/message/custom/send": ("POST", send_custom),
    "/cgi-bin/message/template/send": ("POST", send_template),
    "/cgi-bin/message/subscribe/bizsend": ("POST", send_notice),
    **MASS_CALLS,
    "/cgi-bin/media/upload": ("POST", upload_media),
    "/cgi-bin/template/get_all_private_template": ("GET", list_templates),
    "/wxaapi/newtmpl/gettemplate": ("GET", list_notices),
}
OPEN_CALLS: dict[str, Handler] = {
    "/connect/oauth2/authorize": authorize_page,
    "/sns/oauth2/access_token": page_token,
    "/sns/userinfo": page_user,
}


def _fans(call: Call) -> list[Person]:
    return [person for person in call.app.people.values() if person.followed_at is not None]


def _fan(call: Call, openid: str) -> Person:
    person = call.books.known(call.app, openid)
    if person.followed_at is None:
        raise Fault(43004, "require subscribe")
    return person


def _tags(call: Call) -> dict[int, str]:
    tags: dict[int, str] = call.app.store.setdefault("tags", {})
    return tags


def _tagging(call: Call) -> tuple[int, list[Person]]:
    tag, openids = int(call.body["tagid"]), call.body["openid_list"]
    if tag not in _tags(call):
        raise Fault(45159, "invalid tag")
    if not 1 <= len(openids) <= 50:
        raise Fault(40032, "invalid openid list size")
    return tag, [_fan(call, openid) for openid in openids]


def _profile(call: Call, person: Person) -> dict[str, Any]:
    if person.followed_at is None:
        return {"subscribe": 0, "openid": person.openid}
    return {
        "subscribe": 1,
        "openid": person.openid,
        "language": "zh_CN",
        "subscribe_time": int(person.followed_at.timestamp()),
        "remark": "",
        "groupid": 0,
        "tagid_list": list(person.tags),
        "subscribe_scene": person.follow_scene,
        "qr_scene": 0,
        "qr_scene_str": person.scene,
        **_unionid(call, person),
    }


def _unionid(call: Call, person: Person) -> dict[str, str]:
    return {"unionid": person.unionid} if call.app.knobs.is_union_bound else {}


def _check_secret(call: Call) -> None:
    if call.query.get("secret") != call.app.secret:
        raise Fault(40125, "invalid appsecret")
