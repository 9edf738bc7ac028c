"""Acquisition links 获客助手: the calls, customers who open one, and what each costs.

A unit of the balance is spent when a customer whom a link brought speaks for the first time;
with none left, links bring nobody. Codes of refusals are unconfirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import Fault, Link, LinkCustomer, Person
from siyu.platforms.wecom.sandbox.codes import known_departments, receivers, visible_users
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.events import emit
from siyu.platforms.wecom.sandbox.paging import page
from siyu.platforms.wecom.sandbox.people import Answer, Call

MAX_STAFF = 500
MAX_CHANNEL = 64
LOW = 20
BY_LINK = 16
_ADDRESS = "https://work.weixin.qq.com/ca/"


def create_link(call: Call) -> Answer:
    link = Link(f"ca{call.corp.next_id('')}", "", [], [], skip_verify=True, created_at=call.second)
    _fill(call, link)
    call.corp.links[link.link_id] = link
    return {"link": _shown(link)}


def update_link(call: Call) -> Answer:
    _fill(call, _link(call))
    return {}


def delete_link(call: Call) -> Answer:
    del call.corp.links[_link(call).link_id]
    return {}


def get_link(call: Call) -> Answer:
    link = _link(call)
    staff = {"user_list": link.users, "department_list": link.departments}
    return {"link": _shown(link), "range": staff, "priority_option": link.priority}


def list_link(call: Call) -> Answer:
    shown, cursor = page(list(call.corp.links), call.cursor, call.limit(100, 100), mark="links")
    return {"link_id_list": shown, "next_cursor": cursor}


def link_customers(call: Call) -> Answer:
    link = _link(call)
    rows = [
        {
            "external_userid": external,
            "userid": userid,
            "chat_status": int(customer.has_spoken),
            "state": customer.state,
        }
        for (external, userid), customer in link.customers.items()
    ]
    mark = f"link/{link.link_id}"
    shown, cursor = page(rows, call.cursor, call.limit(1000, 1000), mark=mark)
    return {"customer_list": shown, "next_cursor": cursor}


def quota(call: Call) -> Answer:
    ends = (call.now + timedelta(days=30)).astimezone(SHANGHAI)
    midnight = int(ends.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
    parts = [{"expire_date": midnight, "balance": call.corp.link_balance}]
    return {
        "total": call.corp.link_used,
        "balance": call.corp.link_balance,
        "quota_list": parts if call.corp.link_balance else [],
    }


def statistic(call: Call) -> Answer:
    link, start, end = _link(call), call.body.get("start_time"), call.body.get("end_time")
    if not isinstance(start, int) or not isinstance(end, int) or start > end:
        raise Fault(40058, "start_time or end_time is invalid")
    if start < call.second - 181 * 86_400:
        raise Fault(40058, "start_time is more than 180 days ago")
    first, last = _day(start), _day(end)
    return {
        "click_link_customer_cnt": sum(first <= _day(at) <= last for at in link.clicks),
        "new_customer_cnt": sum(
            first <= _day(one.added_at) <= last for one in link.customers.values()
        ),
    }


def open_link(people: People, *, url: str, unionid: str, name: str, gender: int = 0) -> Any:
    """A customer opens a link and adds; its `customer_channel` becomes the state."""
    corp = people.corp
    parts = urlsplit(url)
    link = corp.links.get(parts.path.removeprefix("/ca/"))
    if link is None:
        raise Refused("sandbox.link", f"no such link {url!r}", field="url")
    link.clicks.append(int(people.world.clock.now().timestamp()))
    if corp.link_balance <= 0:
        raise Refused("sandbox.balance", "the balance is exhausted", field="url")
    channel = dict(parse_qsl(parts.query)).get("customer_channel", "")
    state = channel.encode()[:MAX_CHANNEL].decode(errors="ignore")
    staff = receivers(corp, link.users, link.departments)
    if not staff:
        raise Refused("sandbox.link", "nobody of this link is left", field="url")
    external = corp.external_id(unionid)
    friends = [one.userid for one in corp.friends_of(external) if one.userid in staff]
    userid = friends[0] if friends else staff[people.world.chance.randrange(len(staff))]
    _tell(people, "friend_request", LinkId=link.link_id, State=state)
    person = Person(external, unionid, name, gender)
    done = people.befriend(person, userid, state=state, add_way=BY_LINK)
    if done["is_new"]:
        at = int(people.world.clock.now().timestamp())
        link.customers[external, userid] = LinkCustomer(state, at)
    return done


def speak(people: People, *, external_userid: str, userid: str) -> Any:
    """A customer of a link speaks for the first time: one unit of the balance is spent."""
    people.chat(external_userid=external_userid, userid=userid)
    corp = people.corp
    for link in corp.links.values():
        customer = link.customers.get((external_userid, userid))
        if customer is None or customer.has_spoken:
            continue
        customer.has_spoken = True
        corp.link_used, corp.link_balance = corp.link_used + 1, corp.link_balance - 1
        who = {"UserID": userid, "ExternalUserID": external_userid, "LinkId": link.link_id}
        _tell(people, "customer_start_chat", **who)
        if corp.link_balance in {0, LOW - 1}:
            _tell(people, "balance_exhausted" if corp.link_balance == 0 else "balance_low")
    return {"balance": corp.link_balance}


def buy_links(people: People, *, units: int) -> Any:
    """The corp buys more, or (below zero) loses some."""
    before = people.corp.link_balance
    people.corp.link_balance = max(0, before + units)
    if not before and people.corp.link_balance:
        _tell(people, "balance_increased")
    return {"balance": people.corp.link_balance}


def break_link(people: People, *, link_id: str) -> Any:
    """The platform finds a link unavailable."""
    _tell(people, "link_unavailable", LinkId=link_id)
    return {}


def _tell(people: People, kind: str, **fields: str) -> None:
    emit(people.world, people.corp, {"Event": "customer_acquisition", "ChangeType": kind, **fields})


def _fill(call: Call, link: Link) -> None:
    if "link_name" in call.body or not link.name:
        link.name = call.text("link_name", most=30)
    staff = call.body.get("range")
    if isinstance(staff, Mapping):
        link.users = visible_users(call.corp, staff.get("user_list") or [], MAX_STAFF)
        link.departments = known_departments(call.corp, staff.get("department_list") or [])
    if not link.users and not link.departments:
        raise Fault(40058, "range is empty")
    link.skip_verify = bool(call.body.get("skip_verify", link.skip_verify))
    link.priority = dict(call.body.get("priority_option") or link.priority)


def _shown(link: Link) -> Answer:
    return {
        "link_id": link.link_id,
        "link_name": link.name,
        "url": _ADDRESS + link.link_id,
        "create_time": link.created_at,
        "skip_verify": link.skip_verify,
    }


def _link(call: Call) -> Link:
    found = call.corp.links.get(str(call.body.get("link_id", "")))
    if found is None:
        raise Fault(40058, "invalid link_id")
    return found


def _day(second: int) -> int:
    """The day in Shanghai."""
    return (second + 8 * 3600) // 86_400


_UNDER = "externalcontact/customer_acquisition"
CALLS: dict[str, tuple[str, Callable[[Call], Answer]]] = {
    f"{_UNDER}/create_link": ("POST", create_link),
    f"{_UNDER}/update_link": ("POST", update_link),
    f"{_UNDER}/delete_link": ("POST", delete_link),
    f"{_UNDER}/get": ("POST", get_link),
    f"{_UNDER}/list_link": ("POST", list_link),
    f"{_UNDER}/customer": ("POST", link_customers),
    f"{_UNDER}/statistic": ("POST", statistic),
    f"{_UNDER}_quota": ("GET", quota),
}
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "open_link": open_link,
    "speak": speak,
    "buy_links": buy_links,
    "break_link": break_link,
}
