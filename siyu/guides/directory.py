"""The staff directory of an account: departments, names, positions, who still works there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.core.accounts import connector
from siyu.guides.models import Department, Staff
from siyu.guides.pulling import Part, Plan, Pull, PullPage
from siyu.ports.directory import Employment, RemoteDepartment, RemoteStaff, StaffDirectory

_DEPARTMENTS = "departments"
_FIELDS = ("name", "position", "departments", "employment")


class DirectorySource:
    """Pulls departments first, then the members of each: one call a department."""

    name = "directory"
    is_essential = False

    def is_offered(self, account: str) -> bool:
        """See `PullSource.is_offered`."""
        return connector(account).directory is not None

    def plan(self, pull: Pull) -> Plan:
        """See `PullSource.plan`; the departments are written down on the way."""
        found = _directory(pull).list_departments()
        keep_departments(pull.account, found, pull.started_at)
        return Plan([[_DEPARTMENTS, one.remote_id] for one in found])

    def read(self, pull: Pull, part: Part) -> PullPage:
        """See `PullSource.read`."""
        people = _directory(pull).list_people(part[1])
        changed = _changed(pull.account, people)
        return PullPage(
            found=len(people),
            changed=len(changed),
            keep=lambda: keep_people(pull.account, changed, pull.started_at),
        )

    def finish(self, pull: Pull, now: datetime) -> PullPage:  # noqa: ARG002 - as every source
        """See `PullSource.finish`: departments not met are gone."""
        gone = Department.objects.filter(account=pull.account, seen_at__lt=pull.started_at)
        return PullPage(gone=gone.count(), keep=lambda: _delete(pull))


def keep_departments(account: str, found: Sequence[RemoteDepartment], now: datetime) -> None:
    """Write departments down as the platform has them."""
    Department.objects.bulk_create(
        [
            Department(
                account=account,
                remote_id=one.remote_id,
                name=one.name[:128],
                parent_id=one.parent_id,
                position=one.order,
                seen_at=now,
            )
            for one in found
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["name", "parent_id", "position", "seen_at"],
    )


def keep_people(account: str, people: Sequence[RemoteStaff], now: datetime) -> None:
    """Write members of staff down; whether they may have customers is told elsewhere."""
    Staff.objects.bulk_create(
        [
            Staff(
                account=account,
                staff=one.remote_id,
                is_active=False,
                first_seen_at=now,
                seen_at=now,
                **_values(one),
            )
            for one in people
        ],
        update_conflicts=True,
        unique_fields=["account", "staff"],
        update_fields=_FIELDS,
    )


def _changed(account: str, people: Sequence[RemoteStaff]) -> list[RemoteStaff]:
    """Those of whom the directory says something new."""
    ids = [one.remote_id for one in people]
    known = {
        row["staff"]: row
        for row in Staff.objects.filter(account=account, staff__in=ids).values("staff", *_FIELDS)
    }
    return [
        one
        for one in {one.remote_id: one for one in people}.values()
        if known.get(one.remote_id) != {"staff": one.remote_id, **_values(one)}
    ]


def _values(one: RemoteStaff) -> dict[str, object]:
    return {
        "name": one.name[:64],
        "position": one.position[:128],
        "departments": list(one.departments),
        "employment": Employment(one.employment).value,
    }


def _delete(pull: Pull) -> None:
    Department.objects.filter(account=pull.account, seen_at__lt=pull.started_at).delete()


def _directory(pull: Pull) -> StaffDirectory:
    directory = connector(pull.account).directory
    assert directory is not None, "only asked where it is offered"
    return directory
