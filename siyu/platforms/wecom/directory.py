"""The corp's directory 通讯录, as far as the app may see it.

Sources: path/90208 (department/list), path/96260 (user/list, 2024-07-24): an app gets names,
departments, position and status; no avatar, phone or e-mail since 2022-06-20.
"""

from __future__ import annotations

import msgspec

from siyu.platforms.wecom.client import Client
from siyu.ports.directory import Employment, RemoteDepartment, RemoteStaff

_EMPLOYMENTS = {
    1: Employment.ACTIVE,
    2: Employment.DISABLED,
    4: Employment.NOT_ACTIVATED,
    5: Employment.LEFT,
}


class _Department(msgspec.Struct, frozen=True):
    id: int
    name: str = ""
    parentid: int = 0
    order: int = 0


class _Departments(msgspec.Struct, frozen=True):
    department: list[_Department] = []


class _User(msgspec.Struct, frozen=True):
    userid: str
    name: str = ""
    department: list[int] = []
    position: str = ""
    status: int = 1


class _Users(msgspec.Struct, frozen=True):
    userlist: list[_User] = []


class Directory:
    """The `StaffDirectory` of a corp."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list_departments(self) -> list[RemoteDepartment]:
        """See `StaffDirectory.list_departments`."""
        found = self._client.read("GET", "/cgi-bin/department/list", _Departments)
        return [
            RemoteDepartment(
                remote_id=str(one.id),
                name=one.name,
                parent_id=str(one.parentid) if one.parentid else "",
                order=one.order,
            )
            for one in found.department
        ]

    def list_people(self, department: str) -> list[RemoteStaff]:
        """See `StaffDirectory.list_people`; without a name the id stands for it."""
        found = self._client.read(
            "GET", "/cgi-bin/user/list", _Users, params={"department_id": department}
        )
        return [
            RemoteStaff(
                remote_id=one.userid,
                name=one.name or one.userid,
                departments=tuple(str(number) for number in one.department),
                position=one.position,
                employment=_EMPLOYMENTS.get(one.status, Employment.ACTIVE),
            )
            for one in found.userlist
        ]
