"""Mass messages, their preview, and the draft box they take articles from."""

from __future__ import annotations

from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.wechat.sandbox import events
from siyu.wechat.sandbox.books import Fault, Person
from siyu.wechat.sandbox.front import Call, Handler, Operation, People
from siyu.wechat.sandbox.media import check_media

PER_MONTH = 4
"""Mass messages a fan of a service account gets in a natural month, whatever is handed over."""
PER_DAY = 1
"""Mass messages of a subscription account."""
MAX_KEY = 64
PREVIEWS_PER_DAY = 100
HELPER = "mphelper"
"""Who the platform names as the sender of an event about no fan."""


def send_mass(call: Call) -> dict[str, Any]:
    """A key seen before is refused; what an account may send depends on its kind."""
    wanted = call.body["touser"]
    if not 2 <= len(wanted) <= 10_000:
        raise Fault(40130, "invalid openid list size, at least two openid")
    known: dict[str, int] = call.app.store.setdefault("mass_keys", {})
    key = str(call.body.get("clientmsgid", ""))
    if len(key.encode()) > MAX_KEY:
        raise Fault(45067, "clientmsgid size out of limit")
    if key and key in known:
        raise Fault(45065, "clientmsgid exist")
    words = _words(call)
    _spend_day(call)
    number = call.books.next_id("mass")
    known[key or str(number)] = number
    people = [call.app.people.get(openid) for openid in dict.fromkeys(wanted)]
    fans = [one for one in people if one is not None and one.followed_at is not None]
    sent = sum(_hear(call, fan, words) for fan in fans)
    _tell(call, number, len(people), sent)
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": number}


def preview_mass(call: Call) -> dict[str, Any]:
    """To one fan; a hundred a day."""
    person = call.books.known(call.app, call.text("touser"))
    if person.followed_at is None:
        raise Fault(43004, "require subscribe")
    words = _words(call)
    today = call.books.now().astimezone(SHANGHAI).date().isoformat()
    used = call.app.store.setdefault("previews", {})
    if used.get(today, 0) >= PREVIEWS_PER_DAY:
        raise Fault(45009, "reach max api daily quota limit")
    used[today] = used.get(today, 0) + 1
    call.books.say(call.app, person, "preview", words)
    return {"errcode": 0, "errmsg": "preview success"}


def draft_batchget(call: Call) -> dict[str, Any]:
    """The drafts from an offset on, the newest first."""
    passed, count = int(call.body["offset"]), int(call.body["count"])
    if passed < 0 or not 1 <= count <= 20:
        raise Fault(40097, "invalid args: offset or count")
    drafts: dict[str, Any] = call.app.store.get("drafts", {})
    page = list(reversed(drafts.items()))[passed : passed + count]
    items = [
        {"media_id": key, "content": {"news_item": one["parts"]}, "update_time": one["at"]}
        for key, one in page
    ]
    return {"total_count": len(drafts), "item_count": len(items), "item": items}


def add_draft(hands: People, *, title: str, digest: str = "") -> dict[str, str]:
    """An editor writes an article in the draft box."""
    key = f"DRAFT{hands.books.next_id('draft')}"
    part = {"title": title, "digest": digest, "url": f"https://mp.weixin.qq.com/s/{key}"}
    at = int(hands.books.now().timestamp())
    hands.app.store.setdefault("drafts", {})[key] = {"parts": [part], "at": at}
    return {"media_id": key}


def _words(call: Call) -> str:
    kind = call.text("msgtype")
    if kind == "text":
        return str(call.body["text"]["content"])
    if kind == "image":
        given = call.body.get("images") or {"media_ids": [call.body["image"]["media_id"]]}
        for media_id in given["media_ids"]:
            check_media(call, media_id)
        return f"[image {','.join(given['media_ids'])}]"
    if kind == "mpnews":
        draft = call.app.store.get("drafts", {}).get(call.body["mpnews"]["media_id"])
        if draft is None:
            raise Fault(40007, "invalid media_id")
        return str(draft["parts"][0]["title"])
    raise Fault(40008, "invalid message type")


def _spend_day(call: Call) -> None:
    """A subscription account speaks to the many once a day."""
    if call.app.kind != "subscription":
        return
    today = call.books.now().astimezone(SHANGHAI).date().isoformat()
    used: dict[str, int] = call.app.store.setdefault("mass_days", {})
    if used.get(today, 0) >= PER_DAY:
        raise Fault(45028, "has no masssend quota")
    used[today] = used.get(today, 0) + 1


def _hear(call: Call, fan: Person, words: str) -> bool:
    month = call.books.now().astimezone(SHANGHAI).strftime("%Y-%m")
    if call.app.kind == "service" and fan.mass[month] >= PER_MONTH:
        call.app.counts["over_quota"] += 1
        return False
    fan.mass[month] += 1
    call.books.say(call.app, fan, "mass", words)
    return True


def _tell(call: Call, number: int, total: int, sent: int) -> None:
    """The event that ends a mass message: numbers, and nothing about one person."""
    fields = {
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": number,
        "Status": "send success",
        "TotalCount": total,
        "FilterCount": sent,
        "SentCount": sent,
        "ErrorCount": 0,
    }
    events.emit(call.world, call.app, HELPER, fields)


MASS_CALLS: dict[str, tuple[str, Handler]] = {
    "/cgi-bin/message/mass/send": ("POST", send_mass),
    "/cgi-bin/message/mass/preview": ("POST", preview_mass),
    "/cgi-bin/draft/batchget": ("POST", draft_batchget),
}
OPERATIONS: dict[str, Operation] = {"add_draft": add_draft}
