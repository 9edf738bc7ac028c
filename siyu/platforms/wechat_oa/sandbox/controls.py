"""What people do: follow, scan, write, click, agree, leave."""

from __future__ import annotations

from typing import Any

from siyu.wechat.sandbox.front import Operation, People

WROTE = (48 * 3600, 5)
ACTED = (60, 3)


def follow(
    hands: People,
    *,
    unionid: str,
    name: str = "",
    scene: str = "",
    follow_scene: str = "",
) -> dict[str, str]:
    """Somebody follows; with a scene through its code. Who follows already only scans."""
    person = hands.books.person(hands.app, unionid, name)
    if person.followed_at is not None:
        return (
            scan(hands, openid=person.openid, scene=scene) if scene else {"openid": person.openid}
        )
    person.followed_at = hands.books.now()
    person.scene = scene
    person.follow_scene = follow_scene or ("ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH")
    hands.books.open_window(person, *ACTED)
    ticket = {"Ticket": f"TICKET_{scene}"} if scene else {}
    key = f"qrscene_{scene}" if scene else ""
    hands.event(person.openid, "subscribe", EventKey=key, **ticket)
    return {"openid": person.openid}


def unfollow(hands: People, *, openid: str) -> dict[str, str]:
    person = hands.books.known(hands.app, openid)
    person.followed_at = person.window_until = None
    person.tags.clear()
    hands.event(openid, "unsubscribe", EventKey="")
    return {}


def scan(hands: People, *, openid: str, scene: str) -> dict[str, str]:
    person = hands.books.known(hands.app, openid)
    hands.books.open_window(person, *ACTED)
    hands.event(openid, "SCAN", EventKey=scene, Ticket=f"TICKET_{scene}")
    return {"openid": openid}


def write(hands: People, *, openid: str, text: str) -> dict[str, int]:
    person = hands.books.known(hands.app, openid)
    hands.books.open_window(person, *WROTE)
    number = hands.books.next_id("message")
    hands.app.counts["received"] += 1
    hands.emit(openid, MsgType="text", Content=text, MsgId=number)
    return {"msg_id": number}


def click(hands: People, *, openid: str, key: str) -> dict[str, str]:
    person = hands.books.known(hands.app, openid)
    hands.books.open_window(person, *ACTED)
    hands.event(openid, "CLICK", EventKey=key)
    return {}


def view(hands: People, *, openid: str, url: str) -> dict[str, str]:
    hands.books.known(hands.app, openid)
    hands.event(openid, "VIEW", EventKey=url)
    return {}


def locate(hands: People, *, openid: str, latitude: float, longitude: float) -> dict[str, str]:
    hands.books.known(hands.app, openid)
    hands.event(
        openid, "LOCATION", Latitude=str(latitude), Longitude=str(longitude), Precision="30.0"
    )
    return {}


def answer_popup(
    hands: People, *, openid: str, template: str, is_accepted: bool = True
) -> dict[str, int]:
    """The person answers a subscribe pop-up; an acceptance allows one more notice."""
    person = hands.books.known(hands.app, openid)
    if is_accepted:
        hands.books.grant(person, template)
    item = {
        "TemplateId": template,
        "SubscribeStatusString": "accept" if is_accepted else "reject",
        "PopupScene": "2",
    }
    hands.event(openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": item})
    return {"left": person.permits[template]}


def withdraw_permit(hands: People, *, openid: str, template: str) -> dict[str, str]:
    """The person switches a notice off in the settings."""
    hands.books.known(hands.app, openid).permits[template] = 0
    item = {"TemplateId": template, "SubscribeStatusString": "reject"}
    hands.event(openid, "subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": item})
    return {}


def revoke(hands: People, *, openid: str) -> dict[str, str]:
    hands.books.known(hands.app, openid)
    hands.event(
        openid, "user_authorization_revoke", OpenID=openid, AppID=hands.app.appid, RevokeInfo="1"
    )
    return {}


def authorize(
    hands: People, *, unionid: str, name: str = "", scope: str = "snsapi_base"
) -> dict[str, str]:
    """Somebody opens a sign-in page; the code the browser comes back with."""
    person = hands.books.person(hands.app, unionid, name)
    return {"code": hands.books.issue_code(hands.app, person.openid, scope)}


def add_template(hands: People, *, template: str, title: str, content: str) -> dict[str, str]:
    forms: dict[str, Any] = hands.app.store.setdefault("templates", {})
    forms[template] = {"title": title, "content": content}
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


OPERATIONS: dict[str, Operation] = {
    "follow": follow,
    "unfollow": unfollow,
    "scan": scan,
    "write": write,
    "click": click,
    "view": view,
    "locate": locate,
    "answer_popup": answer_popup,
    "withdraw_permit": withdraw_permit,
    "revoke": revoke,
    "authorize": authorize,
    "add_template": add_template,
    "add_notice": add_notice,
}
