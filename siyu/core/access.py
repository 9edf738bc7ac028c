"""Who may do what: roles, named permissions, data scope, and the actor that every write names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from siyu.kernel.errors import Forbidden


class Role(StrEnum):
    OWNER = "owner"
    OPERATOR = "operator"
    MANAGER = "manager"
    """Leads a store or a region."""
    GUIDE = "guide"
    ANALYST = "analyst"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """Whose customers, guides and figures a person sees."""

    SELF = "self"
    STORE = "store"
    """The stores he works in."""
    REGION = "region"
    """The regions he leads with all below them; the stores he works in when he leads none."""
    ALL = "all"


READ = frozenset(
    {
        "overview:read",
        "customer:read",
        "segment:read",
        "journey:read",
        "touch:read",
        "broadcast:read",
    }
)
_OWN_CUSTOMERS = frozenset(
    {
        "customer:read",
        "customer:write",
        "touch:read",
        "talk:read",
        "talk:write",
        "code:read",
        "material:read",
        "group:read",
        "script:read",
    }
)
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: READ
    | {
        "customer:write",
        "customer:merge",
        "customer:rules",
        "customer:reveal",
        "customer:erase",
        "customer:export",
        "customer:export_own",
        "field:write",
        "tag:write",
        "segment:write",
        "journey:write",
        "touch:write",
        "broadcast:write",
        "broadcast:approve",
        "talk:read",
        "talk:write",
        "code:read",
        "code:write",
        "material:read",
        "material:write",
        "group:read",
        "group:write",
        "guide:read",
        "org:write",
        "transfer:write",
        "script:read",
        "script:write",
        "account:read",
        "account:write",
        "key:write",
        "user:write",
        "audit:read",
        "query:run",
        "doctor:read",
        "order:import",
        "reward:read",
        "reward:write",
        "reward:approve",
        "sandbox:control",
    },
    Role.OPERATOR: READ
    | {
        "customer:write",
        "customer:merge",
        "customer:export",
        "customer:export_own",
        "field:write",
        "tag:write",
        "segment:write",
        "journey:write",
        "touch:write",
        "broadcast:write",
        "broadcast:approve",
        "talk:read",
        "talk:write",
        "code:read",
        "code:write",
        "material:read",
        "material:write",
        "group:read",
        "group:write",
        "guide:read",
        "org:write",
        "transfer:write",
        "script:read",
        "script:write",
        "account:read",
        "doctor:read",
        "order:import",
        "reward:read",
        "reward:write",
        "reward:approve",
        "sandbox:control",
    },
    Role.MANAGER: frozenset(
        {
            *_OWN_CUSTOMERS,
            "customer:export_own",
            "guide:read",
            "transfer:write",
        }
    ),
    Role.GUIDE: _OWN_CUSTOMERS,
    Role.ANALYST: READ | {"query:run", "guide:read", "code:read", "group:read"},
    Role.AUDITOR: READ | {"audit:read", "account:read", "doctor:read", "reward:read"},
}


SCOPED = PERMISSIONS[Role.MANAGER] | {"customer:reveal"}
"""What somebody may do who does not see everything: all that is answered customer by customer.

What counts, lists or changes the brand as a whole (overview, segments, SQL, rules, files) needs
the scope `all`, so that it cannot tell of others' customers.
"""
DEFAULT_SCOPES = {Role.GUIDE: Scope.SELF, Role.MANAGER: Scope.STORE}


@dataclass(frozen=True)
class Actor:
    """Who acts. Below the scope `all` he sees only customers of the staff in his scope.

    staff_id: his id as a member of staff, of `staff_account` or, with "", of any account.
    scope: None for what his role has by itself.
    """

    name: str
    role: Role
    staff_id: str = ""
    scope: Scope | None = None
    staff_account: str = ""

    def may(self, permission: str) -> bool:
        if permission not in PERMISSIONS[self.role]:
            return False
        return self.sees_all or permission in SCOPED

    @property
    def reach(self) -> Scope:
        """The scope in force."""
        return self.scope or DEFAULT_SCOPES.get(self.role, Scope.ALL)

    @property
    def sees_all(self) -> bool:
        return self.reach is Scope.ALL

    @property
    def permissions(self) -> frozenset[str]:
        """What he may do, after role and scope."""
        mine = PERMISSIONS[self.role]
        return mine if self.sees_all else mine & SCOPED

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
