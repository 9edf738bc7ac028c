"""The corp's directory: departments and members, the calls that read it, people who change it.

Unlike customers, the directory is only told by callbacks when its own receiver is set up; the
sandbox sends them to the same address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import Corp, Department, Fault, Person, Relation
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.events import emit
from siyu.platforms.wecom.sandbox.people import Answer, Call

LEFT = 5
POPULATED_AT = 1_700_000_000
_NO_IDS = {"people", "received", "name", "remark", "description", "text", "state"}
"""Fields of the books that hold words or customers, which an id of staff may equal by chance."""


def getcallbackip(call: Call) -> Answer:  # noqa: ARG001 - as every call
    return {"ip_list": ["127.0.0.1"]}


def list_departments(call: Call) -> Answer:
    shown = call.corp.departments.values()
    return {
        "department": [
            {"id": one.id, "name": one.name, "parentid": one.parentid, "order": one.order}
            for one in shown
        ]
    }


def list_users(call: Call) -> Answer:
    number = call.query.get("department_id", "")
    if not number.isdigit() or int(number) not in call.corp.departments:
        raise Fault(60003, "department not found")
    found = [
        (userid, name)
        for userid, name in call.corp.staff.items()
        if call.corp.is_visible(userid) and int(number) in call.corp.member(userid).department
    ]
    return {"userlist": [_user(call.corp, userid, name) for userid, name in found]}


def _user(corp: Corp, userid: str, name: str) -> Answer:
    member = corp.member(userid)
    return {
        "userid": userid,
        "name": name,
        "department": member.department,
        "position": member.position,
        "status": member.status,
        "main_department": member.department[0],
    }


def add_department(people: People, *, id: int, name: str, parentid: int = 1, order: int = 0) -> Any:  # noqa: A002 - the platform's word
    """A new department, told by a callback."""
    people.corp.departments[id] = Department(id, name, parentid, order)
    _tell(people, "create_party", Id=str(id), Name=name, ParentId=str(parentid))
    return {"departments": len(people.corp.departments)}


def update_staff(
    people: People,
    *,
    userid: str,
    name: str = "",
    department: list[int] | None = None,
    position: str | None = None,
    status: int = 0,
) -> Any:
    """An administrator changes a member; status 5 = he left and sees no customers any more."""
    if userid not in people.corp.staff:
        raise Refused("sandbox.staff", f"no such staff {userid!r}", field="userid")
    member = people.corp.member(userid)
    people.corp.staff[userid] = name or people.corp.staff[userid]
    member.department = department or member.department
    member.position = member.position if position is None else position
    member.status = status or member.status
    if status == LEFT:
        del people.corp.staff[userid]
        _tell(people, "delete_user", UserID=userid)
    else:
        departments = ",".join(str(one) for one in member.department)
        _tell(people, "update_user", UserID=userid, Department=departments)
    return {}


def rename_staff(people: People, *, userid: str, new_userid: str) -> Any:
    """An administrator gives a member another id: all that was his is his under it."""
    corp = people.corp
    if userid not in corp.staff or new_userid in corp.members or not new_userid:
        raise Refused("sandbox.staff", f"{userid!r} cannot become {new_userid!r}", field="userid")
    _rename(corp, userid, new_userid)
    _tell(people, "update_user", UserID=userid, NewUserID=new_userid)
    return {}


def _rename(value: Any, before: str, after: str) -> Any:
    """The value with the new id wherever the books have the old one."""
    if isinstance(value, str):
        return after if value == before else value
    if isinstance(value, dict):
        kept = [
            (_rename(key, before, after), _rename(one, before, after)) for key, one in value.items()
        ]
        value.clear()
        value.update(dict(kept))
        return value
    if isinstance(value, list | tuple | set):
        return type(value)(_rename(one, before, after) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        for name in {one.name for one in fields(value)} - _NO_IDS:
            object.__setattr__(value, name, _rename(getattr(value, name), before, after))
    return value


def populate(
    people: People, *, customers: int, staff: int, departments: int = 1, mark: str = "p"
) -> Any:
    """Many at once and without callbacks, as a corp that lived before we came.

    Customers go round the staff; customer n has unionid `<mark>-union-n`.
    """
    corp = people.corp
    for number in range(1, departments + 1):
        corp.departments.setdefault(number, Department(number, f"门店{number}", min(number, 1)))
    names = [f"{mark}staff{number}" for number in range(staff)]
    for number, userid in enumerate(names):
        corp.staff[userid] = f"导购{number}"
        corp.member(userid).department = [1 + number % departments]
        corp.relations.setdefault(userid, {})
    for number in range(customers):
        unionid, userid = f"{mark}-union-{number}", names[number % staff]
        external = corp.external_id(unionid)
        corp.people[external] = Person(external, unionid, f"客户{number}")
        corp.relations[userid][external] = Relation(userid, external, POPULATED_AT + number, 1)
    return {"people": len(corp.people), "staff": len(corp.staff)}


def _tell(people: People, kind: str, **fields: str) -> None:
    emit(people.world, people.corp, {"Event": "change_contact", "ChangeType": kind, **fields})


CALLS: Mapping[str, tuple[str, Callable[[Call], Answer]]] = {
    "getcallbackip": ("GET", getcallbackip),
    "department/list": ("GET", list_departments),
    "user/list": ("GET", list_users),
}
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "add_department": add_department,
    "update_staff": update_staff,
    "rename_staff": rename_staff,
    "populate": populate,
}
