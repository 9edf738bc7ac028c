"""The menu for everybody, and menus for some fans that need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from siyu.wechat.sandbox.books import Fault, Person
from siyu.wechat.sandbox.front import Call, Handler, Operation, People

OK = {"errcode": 0, "errmsg": "ok"}
MAX_DOMAINS = 3
PRIVATE = ("sex", "country", "province", "city", "language")


def menu_get(call: Call) -> dict[str, Any]:
    if "menu" not in call.app.store:
        raise Fault(46003, "menu no exist")
    found = _conditional(call)
    return {"menu": call.app.store["menu"], **({"conditionalmenu": found} if found else {})}


def menu_create(call: Call) -> dict[str, Any]:
    buttons = call.body["button"]
    _check_buttons(buttons)
    call.app.store["menu"] = {"button": buttons}
    return OK


def menu_conditional(call: Call) -> dict[str, Any]:
    """Sex, place and language tell too much of a person and are refused."""
    if "menu" not in call.app.store:
        raise Fault(65303, "must use default menu before conditional menu")
    buttons, rule = call.body["button"], call.body.get("matchrule") or {}
    _check_buttons(buttons)
    if any(rule.get(name) for name in PRIVATE):
        raise Fault(65320, "matchrule contains private information")
    if not rule.get("tag_id") and not rule.get("client_platform_type"):
        raise Fault(65304, "matchrule is empty")
    known = [one["button"] for one in _conditional(call)]
    if len({host for menu in [*known, buttons] for host in _hosts(menu)}) > MAX_DOMAINS:
        raise Fault(65316, "too many domains")
    menu_id = str(call.books.next_id("menu"))
    _conditional(call).append({"button": buttons, "matchrule": rule, "menuid": menu_id})
    return {"menuid": menu_id}


def menu_delconditional(call: Call) -> dict[str, Any]:
    menu_id, found = call.text("menuid"), _conditional(call)
    if menu_id not in {one["menuid"] for one in found}:
        raise Fault(65301, "no this conditional menu")
    found[:] = [one for one in found if one["menuid"] != menu_id]
    return OK


def menu_trymatch(call: Call) -> dict[str, Any]:
    """The newest menu that fits a fan, else the one for everybody."""
    person = call.app.people.get(call.text("user_id"))
    if person is None or person.followed_at is None:
        raise Fault(65302, "no this user")
    if "menu" not in call.app.store:
        raise Fault(46003, "menu no exist")
    for one in reversed(_conditional(call)):
        if _fits(one["matchrule"], person, call.app.store.get("clients", {})):
            return {"button": one["button"]}
    return {"button": call.app.store["menu"]["button"]}


def menu_delete(call: Call) -> dict[str, Any]:
    _conditional(call).clear()
    if call.app.store.pop("menu", None) is None:
        raise Fault(46003, "menu no exist")
    return OK


def use_client(hands: People, *, openid: str, client: int) -> dict[str, str]:
    """A fan uses another phone: 1 iOS, 2 Android, 3 something else."""
    hands.books.known(hands.app, openid)
    hands.app.store.setdefault("clients", {})[openid] = client
    return {}


def _fits(rule: Mapping[str, Any], person: Person, clients: Mapping[str, int]) -> bool:
    tag, client = rule.get("tag_id"), rule.get("client_platform_type")
    has_tag = not tag or int(tag) in person.tags
    return has_tag and (not client or int(client) == clients.get(person.openid, 2))


def _conditional(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call.app.store.setdefault("conditional", [])
    return found


def _hosts(buttons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for button in buttons:
        if button.get("url"):
            yield urlsplit(str(button["url"])).hostname or ""
        yield from _hosts(button.get("sub_button") or [])


def _check_buttons(buttons: Sequence[Any]) -> None:
    if not 1 <= len(buttons) <= 3:
        raise Fault(40016, "invalid button size")
    for button in buttons:
        if not button.get("name") or len(str(button["name"]).encode()) > 60:
            raise Fault(40018, "invalid button name size")
        if len(button.get("sub_button") or []) > 5:
            raise Fault(40023, "invalid sub button size")


MENU_CALLS: dict[str, tuple[str, Handler]] = {
    "/cgi-bin/menu/get": ("GET", menu_get),
    "/cgi-bin/menu/create": ("POST", menu_create),
    "/cgi-bin/menu/addconditional": ("POST", menu_conditional),
    "/cgi-bin/menu/delconditional": ("POST", menu_delconditional),
    "/cgi-bin/menu/trymatch": ("POST", menu_trymatch),
    "/cgi-bin/menu/delete": ("GET", menu_delete),
}
OPERATIONS: dict[str, Operation] = {"use_client": use_client}
