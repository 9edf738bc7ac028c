"""Who works for us, as a platform's directory says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Employment(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    NOT_ACTIVATED = "not_activated"
    LEFT = "left"


@dataclass(frozen=True, kw_only=True)
class RemoteDepartment:
    """A department. parent_id: "" at the top. order: the larger one is shown first."""

    remote_id: str
    name: str
    parent_id: str = ""
    order: int = 0


@dataclass(frozen=True, kw_only=True)
class RemoteStaff:
    """A member of staff. The name is personal: it stays in the state store."""

    remote_id: str
    name: str
    departments: tuple[str, ...] = ()
    position: str = ""
    employment: Employment = Employment.ACTIVE


class StaffDirectory(Protocol):
    """Raises the PlatformError family; only what our app may see is listed."""

    def list_departments(self) -> list[RemoteDepartment]: ...

    def list_people(self, department: str) -> list[RemoteStaff]:
        """Members of one department, those of its sub-departments not among them."""
        ...
