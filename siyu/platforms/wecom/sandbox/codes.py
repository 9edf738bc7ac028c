"""Calls about contact ways 联系我, and whom the platform gives to a customer who scans one.

Of several staff the platform takes one by chance; a code that is exclusive gives a customer who
has a member of staff the same one again. Errors 41037–41045 as far as their meaning is known.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import segno

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import ContactWay, Corp, Fault
from siyu.platforms.wecom.sandbox.paging import page
from siyu.platforms.wecom.sandbox.people import Answer, Call
from siyu.ports.sandbox import WireAnswer, World

MAX_STAFF = 100
MAX_STATE = 30
PICTURES = "/wwpic/"
_HOST = "https://wework.qpic.cn"
_LIFE, _LONGEST = 7 * 86_400, 14 * 86_400
_EDITABLE = {"remark", "skip_verify", "state", "user", "party", "is_exclusive", "conclusions"}


def add_contact_way(call: Call) -> Answer:
    kind, scene = call.body.get("type"), call.body.get("scene")
    if kind not in {1, 2}:
        raise Fault(41038, "invalid type")
    if scene not in {1, 2}:
        raise Fault(41039, "invalid scene")
    if scene == 1 and call.body.get("style", 1) not in {1, 2, 3}:
        raise Fault(41040, "invalid style")
    if len(call.corp.ways) >= call.corp.knobs.max_ways:
        raise Fault(41042, "contact way count exceed limit")
    way = ContactWay(call.corp.next_id(""), "", [], "", skip_verify=True, created_at=call.second)
    way.kind, way.scene = int(kind), int(scene)
    _make_temporary(call, way)
    _fill(call, way)
    _require_receivers(way)
    call.corp.ways[way.config_id] = way
    answer = {"config_id": way.config_id}
    return {**answer, "qr_code": _picture(call, way)} if way.scene == 2 else answer


def get_contact_way(call: Call) -> Answer:
    way = _way(call)
    shown = {
        "config_id": way.config_id,
        "type": way.kind,
        "scene": way.scene,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
        "state": way.state,
        "qr_code": _picture(call, way),
        "user": way.users,
        "party": way.departments,
        "is_temp": way.is_temporary,
        "is_exclusive": way.is_exclusive,
        **({"conclusions": way.conclusions} if way.conclusions else {}),
    }
    return {"contact_way": shown}


def update_contact_way(call: Call) -> Answer:
    way = _way(call)
    if not _EDITABLE & call.body.keys():
        raise Fault(40058, "at least one field is needed")
    _fill(call, way)
    _require_receivers(way)
    way.updates += 1
    return {}


def del_contact_way(call: Call) -> Answer:
    del call.corp.ways[_way(call).config_id]
    return {}


def list_contact_way(call: Call) -> Answer:
    start, end = call.body.get("start_time", 0), call.body.get("end_time", call.second)
    found = [
        {"config_id": way.config_id}
        for way in call.corp.ways.values()
        if start <= way.created_at <= end and not way.is_temporary
    ]
    shown, cursor = page(found, call.cursor, call.limit(1000, 100), mark=f"ways/{start}/{end}")
    return {"contact_way": shown, "next_cursor": cursor}


def close_temp_chat(call: Call) -> Answer:
    call.relation()
    return {}


def receiver_of(world: World, corp: Corp, way: ContactWay, external_userid: str) -> str:
    """Which member of staff a scan leads to."""
    if way.ends_at and world.clock.now().timestamp() > way.ends_at:
        raise Refused("sandbox.way", "this temporary code has ended", field="config_id")
    staff = receivers(corp, way.users, way.departments)
    if not staff:
        raise Refused("sandbox.way", "nobody of this code is left", field="config_id")
    friends = [relation.userid for relation in corp.friends_of(external_userid)]
    kept = [one for one in friends if way.is_exclusive or one in staff]
    return kept[0] if kept else staff[world.chance.randrange(len(staff))]


def receivers(corp: Corp, users: list[str], departments: list[int]) -> list[str]:
    """Members of staff behind a code, those of its departments as they are now."""
    members = [who for who in corp.staff if set(corp.member(who).department) & set(departments)]
    return list(dict.fromkeys([*(who for who in users if who in corp.staff), *members]))


def answer_picture(path: str) -> WireAnswer:
    """The picture of a code: what it holds is an address of the platform."""
    name = path.removeprefix(PICTURES).removesuffix(".png")
    out = io.BytesIO()
    code = segno.make(f"https://work.weixin.qq.com/ca/{name}", error="m", micro=False)
    code.save(out, kind="png", scale=6, border=3)
    return WireAnswer(body=out.getvalue(), content_type="image/png")


def _make_temporary(call: Call, way: ContactWay) -> None:
    if not call.body.get("is_temp"):
        return
    life = call.body.get("expires_in", _LIFE)
    if way.kind != 1 or not isinstance(life, int) or not 0 < life <= _LONGEST:
        raise Fault(41043, "invalid temporary contact way")
    way.is_temporary, way.unionid = True, str(call.body.get("unionid", ""))
    way.ends_at = int((call.now + timedelta(seconds=life)).timestamp())


def _fill(call: Call, way: ContactWay) -> None:
    """Take the fields that are given."""
    if "state" in call.body:
        way.state = str(call.body["state"])
        if len(way.state) > MAX_STATE:
            raise Fault(40058, "state exceed max length 30")
    if "user" in call.body:
        way.users = visible_users(call.corp, call.body["user"], MAX_STAFF)
    if "party" in call.body:
        way.departments = known_departments(call.corp, call.body["party"])
    way.remark = str(call.body.get("remark", way.remark))[:30]
    way.skip_verify = bool(call.body.get("skip_verify", way.skip_verify))
    way.is_exclusive = bool(call.body.get("is_exclusive", way.is_exclusive))
    way.conclusions = dict(call.body.get("conclusions") or way.conclusions)


def _require_receivers(way: ContactWay) -> None:
    if not way.users and not way.departments:
        raise Fault(40058, "user and party are empty")
    if way.kind == 1 and (len(way.users) != 1 or way.departments):
        raise Fault(40058, "type 1 needs exactly one user")


def visible_users(corp: Corp, users: Any, most: int) -> list[str]:
    """Known and visible members of staff, at most so many."""
    if not isinstance(users, list) or not all(isinstance(one, str) for one in users):
        raise Fault(40058, "user must be a list of string")
    if len(users) > most:
        raise Fault(41041, f"exceed {most} users")
    for userid in users:
        if not corp.is_visible(userid):
            raise Fault(40098, f"userid {userid} is not activated or not visible")
    return list(users)


def known_departments(corp: Corp, departments: Any) -> list[int]:
    """Known departments."""
    if not isinstance(departments, list):
        raise Fault(40058, "party must be a list of integer")
    if unknown := [one for one in departments if one not in corp.departments]:
        raise Fault(60003, f"department {unknown[0]} not found")
    return list(departments)


def _way(call: Call) -> ContactWay:
    found = call.corp.ways.get(str(call.body.get("config_id", "")))
    if found is None:
        raise Fault(41037, "invalid config_id")
    return found


def _picture(call: Call, way: ContactWay) -> str:
    return f"{call.host or _HOST}{PICTURES}{way.config_id}.png"


CALLS: dict[str, tuple[str, Callable[[Call], Answer]]] = {
    "add_contact_way": ("POST", add_contact_way),
    "get_contact_way": ("POST", get_contact_way),
    "update_contact_way": ("POST", update_contact_way),
    "del_contact_way": ("POST", del_contact_way),
    "list_contact_way": ("POST", list_contact_way),
    "close_temp_chat": ("POST", close_temp_chat),
}
