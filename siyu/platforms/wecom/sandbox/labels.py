"""What people do with tags in the client and the admin console; each is told by a callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import Corp, TagGroup
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.events import emit


def make_tags(people: People, *, group: str, names: list[str]) -> Any:
    """An administrator adds tags to a group, made when there is none of that name."""
    corp = people.corp
    found = _find_group(corp, group)
    if found is None:
        second = int(people.world.clock.now().timestamp())
        found = TagGroup(corp.next_id("et"), group, second)
        corp.groups[found.group_id] = found
        _tell(people, "create", found.group_id, "tag_group")
    made = {corp.next_id("et"): name for name in names if name not in found.tags.values()}
    found.tags.update(made)
    for tag_id in made:
        _tell(people, "create", tag_id, "tag")
    return {"group_id": found.group_id, "tags": found.tags}


def rename_tag(people: People, *, group: str, name: str, to: str) -> Any:
    """An administrator renames a tag."""
    found, tag_id = _find_tag(people.corp, group, name)
    found.tags[tag_id] = to
    _tell(people, "update", tag_id, "tag")
    return {}


def rename_tag_group(people: People, *, group: str, to: str) -> Any:
    """An administrator renames a tag group."""
    found = _find_group(people.corp, group)
    if found is None:
        raise Refused("sandbox.tag", f"no tag group {group}", field="group")
    found.name = to
    _tell(people, "update", found.group_id, "tag_group")
    return {}


def delete_tag(people: People, *, group: str, name: str) -> Any:
    """An administrator deletes a tag; the group goes with its last one."""
    found, tag_id = _find_tag(people.corp, group, name)
    del found.tags[tag_id]
    people.corp.drop_unknown_tags()
    _tell(people, "delete", tag_id, "tag")
    if not found.tags:
        del people.corp.groups[found.group_id]
        _tell(people, "delete", found.group_id, "tag_group")
    return {}


def mark_tags(
    people: People,
    *,
    external_userid: str,
    userid: str = "",
    add: list[str] | None = None,
    remove: list[str] | None = None,
) -> Any:
    """A member of staff, or the first friend, marks tags (`group/name`) in the client."""
    friends = people.corp.friends_of(external_userid)
    if not userid and not friends:
        return {"is_marked": False}
    userid = userid or friends[0].userid
    relation = people.corp.find_relation(userid, external_userid)
    if relation is None:
        raise Refused("sandbox.relation", "they are not friends", field="external_userid")
    on = [_tag_id(people.corp, name) for name in add or []]
    off = {_tag_id(people.corp, name) for name in remove or []}
    kept = [tag_id for tag_id in relation.tag_ids if tag_id not in off]
    relation.tag_ids = list(dict.fromkeys([*kept, *on]))
    fields = {"UserID": userid, "ExternalUserID": external_userid}
    kind = {"Event": "change_external_contact", "ChangeType": "edit_external_contact"}
    emit(people.world, people.corp, {**kind, **fields})
    return {"is_marked": True}


def _tag_id(corp: Corp, path: str) -> str:
    group, _, name = path.partition("/")
    return _find_tag(corp, group, name)[1]


def _find_tag(corp: Corp, group: str, name: str) -> tuple[TagGroup, str]:
    found = _find_group(corp, group)
    ids = [tag_id for tag_id, one in found.tags.items() if one == name] if found else []
    if found is None or not ids:
        raise Refused("sandbox.tag", f"no tag {group}/{name}", field="name")
    return found, ids[0]


def _find_group(corp: Corp, name: str) -> TagGroup | None:
    return next((one for one in corp.groups.values() if one.name == name), None)


def _tell(people: People, change: str, remote_id: str, kind: str) -> None:
    fields = {"ChangeType": change, "Id": remote_id, "TagType": kind}
    emit(people.world, people.corp, {"Event": "change_external_tag", **fields})


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "make_tags": make_tags,
    "rename_tag": rename_tag,
    "rename_tag_group": rename_tag_group,
    "delete_tag": delete_tag,
    "mark_tags": mark_tags,
}
