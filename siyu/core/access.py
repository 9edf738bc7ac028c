"""Who may do what: five roles, named permissions, and the actor that every write names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from siyu.kernel.errors import Forbidden


class Role(StrEnum):
    OWNER = "owner"
    OPERATOR = "operator"
    GUIDE = "guide"
    ANALYST = "analyst"
    AUDITOR = "auditor"


READ = frozenset({"overview:read", "customer:read", "segment:read", "journey:read", "touch:read"})
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: READ
    | {
        "customer:write",
        "customer:merge",
        "customer:rules",
        "customer:reveal",
        "customer:erase",
        "customer:export",
        "field:write",
        "tag:write",
        "segment:write",
        "journey:write",
        "touch:write",
        "talk:read",
        "talk:write",
        "code:read",
        "code:write",
        "group:read",
        "group:write",
        "guide:read",
        "account:read",
        "account:write",
        "key:write",
        "user:write",
        "audit:read",
        "query:run",
        "doctor:read",
        "order:import",
    },
    Role.OPERATOR: READ
    | {
        "customer:write",
        "customer:merge",
        "customer:export",
        "field:write",
        "tag:write",
        "segment:write",
        "journey:write",
        "touch:write",
        "talk:read",
        "talk:write",
        "code:read",
        "code:write",
        "group:read",
        "group:write",
        "guide:read",
        "account:read",
        "doctor:read",
        "order:import",
    },
    Role.GUIDE: frozenset(
        {
            "customer:read",
            "customer:write",
            "touch:read",
            "talk:read",
            "talk:write",
            "code:read",
            "group:read",
        }
    ),
    Role.ANALYST: READ | {"query:run", "guide:read", "code:read", "group:read"},
    Role.AUDITOR: READ | {"audit:read", "account:read", "doctor:read"},
}


@dataclass(frozen=True)
class Actor:
    """Who acts. A guide sees only customers of `staff_id`."""

    name: str
    role: Role
    staff_id: str = ""

    def may(self, permission: str) -> bool:
        return permission in PERMISSIONS[self.role]

    @property
    def sees_phones(self) -> bool:
        """Whether full phone numbers may be asked for one by one; lists are always masked."""
        return self.may("customer:reveal")


SYSTEM = Actor("system", Role.OWNER)
"""The worker and the command line."""


def require(actor: Actor, permission: str) -> None:
    """Forbidden unless the actor's role has the permission."""
    if not actor.may(permission):
        raise Forbidden("access.denied", f"您的角色没有权限: {permission}")
