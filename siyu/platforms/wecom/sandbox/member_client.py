"""A member's own client: what he is told, how he signs in to a page, and what the page may do.

A real client shows a page in its chat toolbar and gives it a script; here an ordinary browser
loads the same script from `/client/jssdk.js`; the control operation `open_toolbar` says whose
client it is and gives what to put behind "#" of the page's address.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from siyu.kernel.clock import SHANGHAI
from siyu.platforms.wecom.sandbox.books import Corp, Fault, Received
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.people import Answer, Call
from siyu.platforms.wecom.sandbox.staff_books import CODE_LIFE, TICKET_LIFE
from siyu.ports.sandbox import WireAnswer, WireRequest

PAGES = "/client/"
AUTHORIZE = "/connect/oauth2/authorize"
SCRIPT = Path(__file__).with_name("jssdk.js")
MAX_DAYS, HISTORY = 30, timedelta(days=180)
SAME = timedelta(hours=4)
_FILES = ("image", "video", "file")


def get_jsapi_ticket(call: Call) -> Answer:
    return _ticket(call, "corp")


def get_agent_ticket(call: Call) -> Answer:
    if call.query.get("type") != "agent_config":
        raise Fault(91040, "invalid ticket type")
    return _ticket(call, "agent")


def _ticket(call: Call, kind: str) -> Answer:
    """The same ticket until it ends."""
    ticket, ends_at = call.corp.work.tickets.get(kind, ("", call.now))
    if ends_at <= call.now:
        ticket = call.corp.next_id(f"{kind}ticket")
        ends_at = call.now + timedelta(seconds=TICKET_LIFE)
        call.corp.work.tickets[kind] = (ticket, ends_at)
        call.corp.counts["tickets"] += 1
    return {"ticket": ticket, "expires_in": int((ends_at - call.now).total_seconds())}


def getuserinfo(call: Call) -> Answer:
    """A code works once and for five minutes."""
    userid, ends_at = call.corp.work.codes.pop(call.query.get("code", ""), ("", call.now))
    if ends_at <= call.now:
        raise Fault(40029, "invalid code")
    return {"userid": userid} if userid in call.corp.staff else {"openid": f"o{userid}"}


def send_message(call: Call) -> Answer:
    """A message of the app to members; a repeat within the interval is dropped in silence."""
    wanted = [one for one in call.text("touser").split("|") if one]
    text = (call.body.get("text") or {}).get("content", "")
    if call.body.get("msgtype") != "text" or not text or len(text.encode()) > 2048:
        raise Fault(40058, "text is invalid")
    if len(wanted) > 1000:
        raise Fault(40058, "touser exceed max size 1000")
    valid = [one for one in wanted if call.corp.is_visible(one)]
    if not valid:
        raise Fault(81013, "user & party & tag all invalid")
    is_checked = bool(call.body.get("enable_duplicate_check"))
    for userid in valid:
        last = call.corp.work.noted_keys.get((userid, text))
        if is_checked and last is not None and call.now - last < SAME:
            call.corp.counts["notices_dropped"] += 1
            continue
        call.corp.work.noted_keys[userid, text] = call.now
        call.corp.work.noted.append({"userid": userid, "text": text, "at": call.second})
    invalid = "|".join(one for one in wanted if one not in valid)
    return {"invaliduser": invalid, "msgid": call.corp.next_id("am")}


def get_user_behavior_data(call: Call) -> Answer:
    """Days of what the books hold, added up over all members named."""
    staff = call.texts("userid", most=100)
    start, end = _day(call, "start_time"), _day(call, "end_time")
    if not staff or not all(one in call.corp.staff for one in staff):
        raise Fault(60111, "userid not found")
    if not timedelta() <= end - start <= timedelta(days=MAX_DAYS):
        raise Fault(40058, "start_time and end_time are at most 30 days apart")
    if call.now.astimezone(SHANGHAI).date() - start > HISTORY:
        raise Fault(40058, "start_time is more than 180 days ago")
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return {"behavior_data": [_behaviour(call.corp, staff, day) for day in days]}


def _behaviour(corp: Corp, staff: list[str], day: date) -> Answer:
    total: Counter[str] = Counter()
    for one in staff:
        total += corp.work.behaviour.get((one, day), Counter())
    row: Answer = {
        "stat_time": int(datetime.combine(day, time(), SHANGHAI).timestamp()),
        "chat_cnt": total["chats"],
        "message_cnt": total["messages"],
        "negative_feedback_cnt": total["negative"],
        "new_apply_cnt": total["applies"],
        "new_contact_cnt": total["added"],
    }
    if total["chats"]:
        row["reply_percentage"] = round(100 * total["replied"] / total["chats"], 2)
        row["avg_reply_time"] = total["reply_seconds"] // 60 // max(1, total["replied"])
    return row


def _day(call: Call, name: str) -> date:
    value = call.body.get(name)
    if not isinstance(value, int):
        raise Fault(40058, f"{name} is invalid")
    return datetime.fromtimestamp(value, UTC).astimezone(SHANGHAI).date()


# what happens in the client


def behave(people: People, *, rows: list[Mapping[str, Any]]) -> Any:
    """A day's work with customers: {userid, day?, chats, messages, replied, reply_seconds, …}."""
    today = people.world.clock.now().astimezone(SHANGHAI).date()
    for row in rows:
        values = {**row}
        userid, day = values.pop("userid"), values.pop("day", None)
        key = (userid, date.fromisoformat(day) if day else today)
        people.corp.work.behaviour.setdefault(key, Counter()).update(values)
    return {"rows": len(rows)}


def noted(people: People, since: int = 0) -> Any:
    """Messages of the app on members' phones."""
    return {"items": people.corp.work.noted[since:], "next": len(people.corp.work.noted)}


def client_code(people: People, *, userid: str) -> Any:
    """A login code as the client would get for this member."""
    corp = people.corp
    code = corp.next_id("code")
    corp.work.codes[code] = (userid, people.world.clock.now() + timedelta(seconds=CODE_LIFE))
    return {"code": code}


def open_toolbar(people: People, *, userid: str, external_userid: str) -> Any:
    """A member opens the toolbar beside a chat; `fragment` goes behind "#" of the page."""
    people.corp.work.here = userid
    fragment = urlencode({"member": userid, "customer": external_userid})
    return {"fragment": fragment}


def chat_sends(people: People) -> Any:
    """What members sent from pages into chats."""
    return people.corp.work.chat_sends


def answer_client(request: WireRequest, corps: Mapping[str, Corp], now: datetime) -> WireAnswer:
    """The client's own addresses: its script, the toolbar, the login page, a page's wishes."""
    if request.path == "/client/jssdk.js":
        return WireAnswer(body=SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
    if request.path == AUTHORIZE:
        return _authorize(request, corps, now)
    try:
        wish = msgspec.json.decode(request.body, type=dict[str, Any])
        corp = corps[wish["corp"]]
        answer = _WISHES[request.path.removeprefix(PAGES)](corp, wish, now)
    except (msgspec.MsgspecError, KeyError, TypeError):
        return WireAnswer(status=400, body=b"bad request", content_type="text/plain")
    except Fault as fault:
        answer = {"errcode": fault.code, "errmsg": fault.text}
    return WireAnswer(
        body=msgspec.json.encode(answer), headers={"access-control-allow-origin": "*"}
    )


def _authorize(request: WireRequest, corps: Mapping[str, Corp], now: datetime) -> WireAnswer:
    """Sends the browser back with a code of the member whose toolbar was opened last."""
    corp = corps.get(request.query.get("appid", ""))
    back = request.query.get("redirect_uri", "")
    if corp is None or urlsplit(back).scheme not in {"http", "https"}:
        return WireAnswer(status=400, body=b"bad redirect_uri", content_type="text/plain")
    member = request.query.get("member") or corp.work.here
    code = corp.next_id("code")
    corp.work.codes[code] = (member, now + timedelta(seconds=CODE_LIFE))
    query = [*parse_qsl(urlsplit(back).query), ("code", code)]
    query.append(("state", request.query.get("state", "")))
    target = f"{back.partition('?')[0]}?{urlencode(query)}"
    head = '<!doctype html><link rel="icon" href="data:,"><meta http-equiv="refresh"'
    page = f'{head} content="0;url={quote(target, safe=_URL)}">'
    return WireAnswer(body=page.encode(), content_type="text/html; charset=utf-8")


_URL = ":/?&=%#+-_.~"


def _register(corp: Corp, wish: Mapping[str, Any], now: datetime) -> Answer:
    """What `ww.register` does: both signatures must be right for this page."""
    for kind in ("corp", "agent"):
        ticket, ends_at = corp.work.tickets.get(kind, ("", now))
        signed = wish["signed"][kind]
        text = (
            f"jsapi_ticket={ticket}&noncestr={signed['nonceStr']}"
            f"&timestamp={signed['timestamp']}&url={wish['url'].partition('#')[0]}"
        )
        right = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        if not ticket or signed["signature"] != right:
            raise Fault(40093, "invalid signature")
        if ends_at <= now:
            raise Fault(42012, "ticket expired")
    return {"errcode": 0, "errmsg": "ok"}


def _send(corp: Corp, wish: Mapping[str, Any], now: datetime) -> Answer:
    """`sendChatMessage`: a text, link or uploaded file goes into the chat of the toolbar, from the
    member himself."""
    relation = corp.find_relation(wish["member"], wish["customer"])
    if relation is None:
        raise Fault(84061, "not external contact")
    kind = str(wish.get("msgtype", "text"))
    if kind in _FILES:
        media = corp.media.get(str((wish.get(kind) or {}).get("mediaid", "")))
        is_over = media is not None and media.ends_at < int(now.timestamp())
        if media is None or is_over or media.kind != kind or media.is_for_moments:
            raise Fault(40007, "invalid media_id")
    relation.has_chatted = True
    text = str((wish.get("text") or {}).get("content", ""))
    second = int(now.timestamp())
    corp.received.append(
        Received(
            len(corp.received) + 1,
            relation.external_userid,
            relation.userid,
            "chat",
            "",
            text,
            second,
        )
    )
    corp.work.chat_sends.append(
        {
            "userid": relation.userid,
            "external_userid": relation.external_userid,
            "text": text,
            "kind": kind,
        }
    )
    return {"errcode": 0, "errmsg": "ok"}


_WISHES: Mapping[str, Callable[[Corp, Mapping[str, Any], datetime], Answer]] = {
    "register": _register,
    "send": _send,
}
CALLS: Mapping[str, tuple[str, Callable[[Call], Answer]]] = {
    "get_jsapi_ticket": ("GET", get_jsapi_ticket),
    "ticket/get": ("GET", get_agent_ticket),
    "auth/getuserinfo": ("GET", getuserinfo),
    "message/send": ("POST", send_message),
    "externalcontact/get_user_behavior_data": ("POST", get_user_behavior_data),
}
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "behave": behave,
    "noted": noted,
    "client_code": client_code,
    "chat_sends": chat_sends,
    "open_toolbar": open_toolbar,
}


def client_counts(corp: Corp) -> dict[str, int]:
    """What the members' clients saw."""
    return {
        "moved": corp.counts["moved"],
        "notices": len(corp.work.noted),
        "tickets": corp.counts["tickets"],
        "chat_sends": len(corp.work.chat_sends),
    }
