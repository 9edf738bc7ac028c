"""Calls about staff, customers, relations and tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siyu.platforms.wecom.sandbox.books import Corp, Fault, Person, Relation, TagGroup
from siyu.platforms.wecom.sandbox.paging import page

FOLLOWERS_PER_PAGE = 500
MAX_TAGS = 10_000
Answer = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of an app: its corp, query and JSON body."""

    corp: Corp
    query: Mapping[str, str]
    body: Mapping[str, Any]
    now: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""

    @property
    def host(self) -> str:
        """Where this sandbox is reached, as the caller named it; "" when he did not."""
        host = self.headers.get("host", "")
        return f"http://{host}/wecom" if host else ""

    @property
    def second(self) -> int:
        return int(self.now.timestamp())

    def text(self, name: str, *, most: int = 0) -> str:
        """A required text of the body."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value or (most and len(value) > most):
            raise Fault(40058, f"{name} is invalid")
        return value

    def texts(self, name: str, *, most: int) -> list[str]:
        """A list of texts of the body; [] when absent."""
        value = self.body.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Fault(40058, f"{name} must be a list of string")
        if len(value) > most:
            raise Fault(40058, f"{name} exceed max size {most}")
        return value

    def limit(self, most: int, default: int) -> int:
        value = self.body.get("limit", default)
        if not isinstance(value, int) or not 1 <= value <= most:
            raise Fault(40058, f"limit should be between 1 and {most}")
        return value

    @property
    def cursor(self) -> str:
        return str(self.body.get("cursor") or "")

    def relation(self) -> Relation:
        """The relation named by `userid` and `external_userid`."""
        found = self.corp.find_relation(self.text("userid"), self.text("external_userid"))
        if found is None or not self.corp.is_visible(found.userid):
            raise Fault(84061, "not external contact")
        return found


def get_follow_user_list(call: Call) -> Answer:
    return {"follow_user": [who for who in call.corp.staff if call.corp.is_visible(who)]}


def list_contacts(call: Call) -> Answer:
    userid = call.query.get("userid", "")
    if not call.corp.is_visible(userid):
        raise Fault(60111, "userid not found")
    found = [
        relation.external_userid
        for relation in call.corp.relations.get(userid, {}).values()
        if call.corp.is_listed(relation)
    ]
    if not found:
        raise Fault(84061, "not external contact")
    return {"external_userid": found}


def get_contact(call: Call) -> Answer:
    external = call.query.get("external_userid", "")
    if len(external) > 64 or not external:
        raise Fault(40096, "invalid external userid")
    person = call.corp.people.get(external)
    relations = [r for r in call.corp.listed_of(external) if call.corp.is_visible(r.userid)]
    if person is None or not relations:
        raise Fault(84061, "not external contact")
    shown, cursor = page(
        relations, call.query.get("cursor", ""), FOLLOWERS_PER_PAGE, mark=f"get/{external}"
    )
    names = call.corp.tag_names()
    follow = [{**_follow(r), "tags": _tags(r, names)} for r in shown]
    return {
        "external_contact": _contact(person, call.corp),
        "follow_user": follow,
        "next_cursor": cursor,
    }


def batch_get_by_user(call: Call) -> Answer:
    staff = call.texts("userid_list", most=100)
    if not staff:
        raise Fault(40058, "userid_list is empty")
    visible = [who for who in dict.fromkeys(staff) if call.corp.is_visible(who)]
    if not visible:
        raise Fault(60111, "userid not found")
    relations = [
        relation
        for who in visible
        for relation in call.corp.relations.get(who, {}).values()
        if call.corp.is_listed(relation)
    ]
    shown, cursor = page(
        relations,
        call.cursor,
        call.limit(100, 50),
        mark="batch/" + ",".join(visible),
        has_empty=call.corp.knobs.has_empty_pages,
    )
    listed = [
        {
            "external_contact": _contact(call.corp.people[relation.external_userid], call.corp),
            "follow_info": {**_follow(relation), "tag_id": list(relation.tag_ids)},
        }
        for relation in shown
    ]
    return {"external_contact_list": listed, "next_cursor": cursor}


def remark(call: Call) -> Answer:
    relation = call.relation()
    names = ("remark", "description", "remark_company", "remark_mobiles")
    if not any(name in call.body for name in names):
        raise Fault(40058, "at least one field is needed")
    relation.remark = str(call.body.get("remark", relation.remark))[:20]
    relation.description = str(call.body.get("description", relation.description))[:150]
    relation.remark_company = str(call.body.get("remark_company", relation.remark_company))[:20]
    if "remark_mobiles" in call.body:
        relation.remark_mobiles = [m for m in call.texts("remark_mobiles", most=5) if m]
    return {}


def get_corp_tag_list(call: Call) -> Answer:
    tag_ids = set(call.texts("tag_id", most=1000))
    group_ids = set(call.texts("group_id", most=1000))
    groups = [
        group
        for group in call.corp.groups.values()
        if (not group_ids or group.group_id in group_ids)
        and (group_ids or not tag_ids or tag_ids & set(group.tags))
    ]
    return {"tag_group": [_group(group) for group in groups]}


def add_corp_tag(call: Call) -> Answer:
    wanted = call.body.get("tag")
    if not isinstance(wanted, list) or not wanted:
        raise Fault(40058, "tag is invalid")
    names = [str(tag.get("name", "")) if isinstance(tag, dict) else "" for tag in wanted]
    if not all(1 <= len(name) <= 30 for name in names):
        raise Fault(40058, "tag.name is invalid")
    group = _group_for(call)
    if len(set(names)) < len(names) or set(names) & set(group.tags.values()):
        raise Fault(40071, "tag name already exists")
    if len(call.corp.tag_names()) + len(names) > MAX_TAGS:
        raise Fault(40058, "too many tags")
    added = {call.corp.next_id("et"): name for name in names}
    group.tags.update(added)
    group.by_app.update(added)
    call.corp.groups[group.group_id] = group
    shown = TagGroup(group.group_id, group.name, group.created_at, added)
    return {"tag_group": _group(shown)}


def _group_for(call: Call) -> TagGroup:
    group_id = call.body.get("group_id")
    if group_id:
        found = call.corp.groups.get(str(group_id))
        if found is None:
            raise Fault(40068, "invalid tag group")
        return found
    name = call.text("group_name", most=30)
    for group in call.corp.groups.values():
        if group.name == name:
            return group
    group_id = call.corp.next_id("et")
    return TagGroup(group_id, name, call.second, by_app={group_id})


def edit_corp_tag(call: Call) -> Answer:
    remote_id, name = call.text("id"), call.text("name", most=30)
    groups = call.corp.groups
    group = groups.get(remote_id) or next(
        (one for one in groups.values() if remote_id in one.tags), None
    )
    if group is None:
        raise Fault(40068, "invalid tag id")
    if remote_id not in group.by_app:
        raise Fault(81011, "no permission to edit this tag")
    if remote_id == group.group_id:
        names = {one.name for one in groups.values() if one is not group}
    else:
        names = {one for tag_id, one in group.tags.items() if tag_id != remote_id}
    if name in names:
        raise Fault(40071, "tag name already exists")
    if remote_id == group.group_id:
        group.name = name
    else:
        group.tags[remote_id] = name
    return {}


def del_corp_tag(call: Call) -> Answer:
    for group_id in call.texts("group_id", most=1000):
        call.corp.groups.pop(group_id, None)
    gone = set(call.texts("tag_id", most=1000))
    for group in list(call.corp.groups.values()):
        group.tags = {tag_id: name for tag_id, name in group.tags.items() if tag_id not in gone}
        if not group.tags:
            del call.corp.groups[group.group_id]
    call.corp.drop_unknown_tags()
    return {}


def mark_tag(call: Call) -> Answer:
    relation = call.relation()
    known = call.corp.tag_names()
    add, remove = call.texts("add_tag", most=3000), call.texts("remove_tag", most=3000)
    if not add and not remove:
        raise Fault(40058, "add_tag and remove_tag are empty")
    if not set(add) <= set(known):
        raise Fault(40068, "invalid tag id")
    kept = [tag_id for tag_id in relation.tag_ids if tag_id not in remove]
    relation.tag_ids = list(dict.fromkeys([*kept, *add]))
    return {}


def _contact(person: Person, corp: Corp) -> Answer:
    shown = {
        "external_userid": person.external_userid,
        "name": person.name,
        "avatar": person.avatar,
        "type": 1,
        "gender": person.gender,
    }
    return {**shown, "unionid": person.unionid} if corp.knobs.is_developer_bound else shown


def _follow(relation: Relation) -> Answer:
    return {
        "userid": relation.userid,
        "remark": relation.remark,
        "description": relation.description,
        "createtime": relation.created_at,
        "remark_mobiles": list(relation.remark_mobiles),
        "remark_corp_name": relation.remark_company,
        "add_way": relation.add_way,
        "oper_userid": relation.external_userid,
        **({"state": relation.state} if relation.state else {}),
    }


def _tags(relation: Relation, names: Mapping[str, tuple[str, str]]) -> list[Answer]:
    return [
        {"group_name": names[tag_id][0], "tag_name": names[tag_id][1], "tag_id": tag_id, "type": 1}
        for tag_id in relation.tag_ids
        if tag_id in names
    ]


def _group(group: TagGroup) -> Answer:
    tags = [
        {"id": tag_id, "name": name, "create_time": group.created_at, "order": 0}
        for tag_id, name in group.tags.items()
    ]
    return {
        "group_id": group.group_id,
        "group_name": group.name,
        "create_time": group.created_at,
        "order": 0,
        "tag": tags,
    }


CALLS: dict[str, tuple[str, Callable[[Call], Answer]]] = {
    "get_follow_user_list": ("GET", get_follow_user_list),
    "list": ("GET", list_contacts),
    "get": ("GET", get_contact),
    "batch/get_by_user": ("POST", batch_get_by_user),
    "remark": ("POST", remark),
    "get_corp_tag_list": ("POST", get_corp_tag_list),
    "add_corp_tag": ("POST", add_corp_tag),
    "edit_corp_tag": ("POST", edit_corp_tag),
    "del_corp_tag": ("POST", del_corp_tag),
    "mark_tag": ("POST", mark_tag),
}
