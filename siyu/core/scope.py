"""Whose staff an actor sees: the one place that turns a scope into members of staff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from siyu.core.access import Actor


@dataclass(frozen=True)
class StaffScope:
    """Members of staff by account; the account "" stands for every account."""

    by_account: Mapping[str, frozenset[str]]

    def __len__(self) -> int:
        return sum(len(staff) for staff in self.by_account.values())

    def __contains__(self, who: tuple[str, str]) -> bool:
        account, staff = who
        return any(staff in self.by_account.get(key, ()) for key in ("", account))

    def matches(self, staff: str = "staff", account: str = "account") -> Q:
        """Rows whose columns of these names belong to it; nothing when empty."""
        found = Q(pk__in=())
        for key, people in sorted(self.by_account.items()):
            own = Q(**{f"{staff}__in": sorted(people)})
            found |= own & Q(**{account: key}) if key else own
        return found


Read = Callable[[Actor], StaffScope]
_reader: list[Read] = []


def set_scope_reader(read: Read) -> None:
    """Tell who the staff of an actor are; core may not know stores itself."""
    _reader[:] = [read]


def scope_of(*pairs: tuple[str, str]) -> StaffScope:
    """The scope of these (account, staff)."""
    return gather(pairs)


def gather(pairs: Iterable[tuple[str, str]]) -> StaffScope:
    """The scope of many (account, staff)."""
    by_account: dict[str, set[str]] = {}
    for account, staff in pairs:
        by_account.setdefault(account, set()).add(staff)
    return StaffScope({account: frozenset(staff) for account, staff in by_account.items()})


def staff_scope(actor: Actor) -> StaffScope | None:
    """The staff whose customers an actor sees; None when he sees everything.

    Somebody who is no member of staff sees nobody.
    """
    if actor.sees_all:
        return None
    if not actor.staff_id:
        return StaffScope({})
    own = (actor.staff_account, actor.staff_id)
    if not _reader:
        return scope_of(own)
    return _reader[0](actor)
