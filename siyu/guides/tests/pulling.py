"""What a pull meets: callbacks of new friends and pages of the platform."""

from __future__ import annotations

from typing import Any

from siyu.core.pipeline import run_stages
from siyu.guides import actions
from siyu.kernel.clock import to_ms
from siyu.kernel.identity import Identity
from siyu.pool.actions import resolve
from siyu.ports import facts
from siyu.ports.facts import Fact

ACCOUNT = "wecom:ww1234567890abcdef"
EXTERNAL = "/cgi-bin/externalcontact"
GET = f"GET {EXTERNAL}/get"
STAFF = f"GET {EXTERNAL}/get_follow_user_list"
BATCH = f"POST {EXTERNAL}/batch/get_by_user"
GROUPS = f"POST {EXTERNAL}/groupchat/list"
CODES = f"POST {EXTERNAL}/list_contact_way"
TAGS = f"POST {EXTERNAL}/get_corp_tag_list"
OK = {"errcode": 0, "errmsg": "ok"}
TOKEN = {**OK, "access_token": "t1", "expires_in": 7200}


def added(clock, number: int, staff: str = "mei") -> Fact:
    at = to_ms(clock.now())
    return Fact(
        name=facts.FRIEND_ADDED,
        at=at,
        received_at=at,
        source=ACCOUNT,
        message_id=f"add:{number}:{at}",
        platform="wecom",
        account=ACCOUNT,
        staff=staff,
        identities=(Identity("wecom_external_userid", "ww1234567890abcdef", f"wm{number}"),),
    )


def contact(number: int) -> dict[str, Any]:
    return {
        "external_userid": f"wm{number}",
        "name": f"客户{number}",
        "type": 1,
        "gender": 0,
        "unionid": f"oUnion{number}",
    }


def follow(staff: str = "mei") -> dict[str, Any]:
    return {"userid": staff, "createtime": 1793000000, "add_way": 1, "state": ""}


def detail(number: int) -> dict[str, Any]:
    return {**OK, "external_contact": contact(number), "follow_user": [follow()]}


def page(numbers: list[int], cursor: str = "") -> dict[str, Any]:
    found = [{"external_contact": contact(n), "follow_info": follow()} for n in numbers]
    return {**OK, "external_contact_list": found, "next_cursor": cursor}


def hear(clock, *batch: Fact) -> None:
    run_stages(batch, (resolve, actions.hear), clock.now())
