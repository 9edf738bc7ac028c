"""What people do: customers scan, add, leave; staff tap, remark, chat; testers turn knobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import (
    WELCOME_LIFE,
    ContactWay,
    Corp,
    Person,
    Relation,
    WelcomeCode,
)
from siyu.platforms.wecom.sandbox.codes import receiver_of
from siyu.platforms.wecom.sandbox.events import emit, url_check
from siyu.platforms.wecom.sandbox.reach import confirm, pending, send_by_hand
from siyu.ports.sandbox import World

_SCAN, _SEARCH = 1, 2
Arguments = Mapping[str, Any]


class People:
    """Control operations on one corp at one moment. Each returns a JSON value."""

    def __init__(self, world: World, corp: Corp) -> None:
        self.world = world
        self.corp = corp

    @property
    def _now(self) -> datetime:
        return self.world.clock.now()

    def add_staff(self, staff: list[Mapping[str, Any]]) -> Any:
        """New members of staff; known ones keep their customers."""
        for member in staff:
            self.corp.staff[member["userid"]] = member.get("name", member["userid"])
            entry = self.corp.member(member["userid"])
            entry.department = list(member.get("department", entry.department))
            entry.position = member.get("position", entry.position)
        return {"staff": len(self.corp.staff)}

    def scan(
        self,
        *,
        unionid: str,
        name: str,
        state: str = "",
        config_id: str = "",
        gender: int = 0,
        avatar: str = "",
    ) -> Any:
        """A customer scans a contact way, found by its id or state; WeCom chooses of its staff."""
        way = self._find_way(state, config_id)
        external = self.corp.external_id(unionid)
        userid = receiver_of(self.world, self.corp, way, external)
        person = Person(external, unionid, name, gender, avatar)
        return self.befriend(person, userid, state=way.state, add_way=_SCAN)

    def add_friend(
        self,
        *,
        userid: str,
        unionid: str,
        name: str,
        state: str = "",
        remark_mobiles: list[str] | None = None,
        gender: int = 0,
    ) -> Any:
        """A customer and a member of staff become friends without a code."""
        if userid not in self.corp.staff:
            raise Refused("sandbox.staff", f"no such staff {userid!r}", field="userid")
        person = Person(self.corp.external_id(unionid), unionid, name, gender)
        done = self.befriend(person, userid, state=state, add_way=_SEARCH)
        if remark_mobiles:
            relation = self.corp.relations[userid][person.external_userid]
            relation.remark_mobiles = list(remark_mobiles)
        return done

    def delete_friend(self, *, external_userid: str, userid: str, by: str) -> Any:
        """Either side ends the friendship."""
        relation = self._relation(userid, external_userid)
        relation.is_friend, relation.is_left = False, by == "customer"
        kind = "del_follow_user" if by == "customer" else "del_external_contact"
        self._emit(kind, relation)
        return {}

    def set_remark_mobile(self, *, external_userid: str, userid: str, mobile: str) -> Any:
        """Staff write the customer's phone into the remark, in the client."""
        relation = self._relation(userid, external_userid)
        relation.remark_mobiles = [mobile]
        self._emit("edit_external_contact", relation)
        return {}

    def chat(self, *, external_userid: str, userid: str) -> Any:
        """They talk: no callback exists for it, but a welcome is no longer possible."""
        self._relation(userid, external_userid).has_chatted = True
        return {}

    def contact_ways(self) -> Any:
        return [
            {
                "config_id": w.config_id,
                "state": w.state,
                "user": w.users,
                "party": w.departments,
                "remark": w.remark,
                "skip_verify": w.skip_verify,
                "is_exclusive": w.is_exclusive,
                "updates": w.updates,
            }
            for w in self.corp.ways.values()
        ]

    def pending_sends(self) -> Any:
        """Mass messages that wait for a tap."""
        return [
            {"msgid": task.msgid, "userid": who, "recipients": len(task.recipients[who])}
            for task, who in pending(self.corp)
        ]

    def confirm_sends(self, userid: str = "", msgid: str = "") -> Any:
        """Staff tap all (or only these) pending mass messages."""
        waiting = pending(self.corp, userid, msgid)
        got = [
            message for task, who in waiting for message in confirm(self.corp, task, who, self._now)
        ]
        return {"confirmed": len(waiting), "delivered": [asdict(message) for message in got]}

    def reminded(self) -> Any:
        """How often each member of staff was reminded of mass messages."""
        return dict(self.corp.reminded)

    def send_by_hand(self, userid: str, customers: list[str], text: str = "新品到店") -> Any:
        """Staff send a mass message of their own, made in the client; it uses up the quota."""
        return {"msgid": send_by_hand(self.corp, userid, customers, text, self._now)}

    def delivered(self, since: int = 0) -> Any:
        """Messages on customers' phones after number `since`."""
        items = [
            {("n" if key == "number" else key): value for key, value in asdict(message).items()}
            for message in self.corp.received[since:]
        ]
        return {"items": items, "next": len(self.corp.received)}

    def knobs(self, **values: Any) -> Any:
        """Turn knobs: `month_quota`, `per_minute`, `has_empty_pages`, `is_developer_bound`,
        `blocked_ip`, `shows_left`, `visible` (userids or null)."""
        knobs = self.corp.knobs
        for name, value in values.items():
            if not hasattr(knobs, name):
                raise Refused("sandbox.knob", f"no such knob {name!r}", field=name)
            is_set = name == "visible" and value is not None
            setattr(knobs, name, set(value) if is_set else value)
        return {**asdict(knobs), "visible": sorted(knobs.visible) if knobs.visible else None}

    def expire_token(self) -> Any:
        """The present token ends now."""
        self.corp.token_ends_at = self._now
        return {}

    def callback_check(self) -> Any:
        """The query of the GET that checks the callback URL, and the plain text it `expects`."""
        return {"url": self.corp.app.callback_url, **url_check(self.world, self.corp)}

    def calls(self) -> Any:
        """How often each path was called."""
        return dict(self.corp.calls)

    def state(self) -> Any:
        """The books in numbers."""
        return counts(self.corp)

    def befriend(self, person: Person, userid: str, *, state: str, add_way: int) -> Any:
        """They become friends, told by a callback with a welcome code; not when they are."""
        external = person.external_userid
        answer = {"external_userid": external, "userid": userid}
        self.corp.people.setdefault(external, person)
        if self.corp.find_relation(userid, external) is not None:
            return {**answer, "is_new": False}
        second = int(self._now.timestamp())
        relation = Relation(userid, external, second, add_way, state)
        self.corp.relations.setdefault(userid, {})[external] = relation
        code = self.corp.next_id("WC")
        self.corp.welcomes[code] = WelcomeCode(userid, external, self._now + WELCOME_LIFE)
        more = {"State": state} if state else {}
        self._emit("add_external_contact", relation, **more, WelcomeCode=code)
        return {**answer, "is_new": True}

    def _emit(self, kind: str, relation: Relation, **more: str) -> None:
        fields = {
            "Event": "change_external_contact",
            "ChangeType": kind,
            "UserID": relation.userid,
            "ExternalUserID": relation.external_userid,
            **more,
        }
        emit(self.world, self.corp, fields)

    def _find_way(self, state: str, config_id: str) -> ContactWay:
        for way in self.corp.ways.values():
            if way.config_id == config_id or (not config_id and way.state == state):
                return way
        raise Refused("sandbox.way", f"no contact way {config_id or state!r}", field="state")

    def _relation(self, userid: str, external_userid: str) -> Relation:
        found = self.corp.find_relation(userid, external_userid)
        if found is None:
            raise Refused("sandbox.relation", "they are not friends", field="external_userid")
        return found


def counts(corp: Corp) -> dict[str, int]:
    """The books of a corp in numbers; `duplicates` must stay 0."""
    kinds = [message.kind for message in corp.received]
    return {
        "calls": sum(corp.calls.values()),
        "staff": len(corp.staff),
        "people": len(corp.people),
        "relations": sum(
            relation.is_friend for by in corp.relations.values() for relation in by.values()
        ),
        "codes": len(corp.ways),
        "messages": len(kinds),
        "welcomes": kinds.count("welcome"),
        "mass_sends": kinds.count("mass_send"),
        "group_sends": kinds.count("group_send"),
        "tasks": len(corp.tasks),
        "pending": len(pending(corp)),
        "duplicates": corp.counts["duplicates"],
        "duplicate_tasks": corp.counts["duplicate_tasks"],
        "not_friend": corp.counts["result_2"],
        "over_quota": corp.counts["result_3"],
        "callbacks": corp.counts["events"],
        "tokens": corp.counts["tokens"],
        "rate_limited": corp.counts["rate_limited"],
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(People, name)
    for name in (
        "add_staff",
        "scan",
        "add_friend",
        "delete_friend",
        "set_remark_mobile",
        "chat",
        "contact_ways",
        "pending_sends",
        "confirm_sends",
        "send_by_hand",
        "reminded",
        "delivered",
        "knobs",
        "expire_token",
        "callback_check",
        "calls",
        "state",
    )
}
