"""The groups of an account as a pull reads them: ids by page; the groups room reads each one."""

from __future__ import annotations

from datetime import datetime

from siyu.core.accounts import connector
from siyu.groups import listing
from siyu.guides.pulling import Part, Plan, Pull, PullPage, in_chunks
from siyu.kernel.errors import Refused
from siyu.ports.groups import GroupSource

OWNERS_PER_PART = 100
MAX_STAFF_AT_ONCE = 1000
"""With more visible staff the platform wants owners named (81017)."""


class GroupPull:
    """Lists ids; what became of a group that is listed no more is asked for it alone."""

    name = "groups"
    is_essential = False

    def is_offered(self, account: str) -> bool:
        """See `PullSource.is_offered`."""
        return connector(account).groups is not None

    def plan(self, pull: Pull) -> Plan:
        """See `PullSource.plan`: all at once, or by owners of a big corp."""
        is_big = len(pull.staff) > MAX_STAFF_AT_ONCE
        return Plan(in_chunks(pull.staff, OWNERS_PER_PART) if is_big else [[]])

    def read(self, pull: Pull, part: Part) -> PullPage:
        """See `PullSource.read`."""
        ids, cursor = _groups(pull).list_groups(pull.cursor, part)
        return PullPage(
            found=len(ids),
            changed=len(ids),
            cursor=cursor,
            keep=lambda: _keep(pull, ids),
        )

    def finish(self, pull: Pull, now: datetime) -> PullPage:  # noqa: ARG002 - as every source
        """See `PullSource.finish`."""
        return PullPage(
            gone=listing.count_unlisted(pull.account, pull.started_at),
            keep=lambda: listing.doubt_unlisted(pull.account, pull.started_at),
        )


def _keep(pull: Pull, ids: list[str]) -> None:
    listing.note_listed(pull.account, ids, pull.started_at, pull.started_at)


def _groups(pull: Pull) -> GroupSource:
    groups = connector(pull.account).groups
    if groups is None:
        raise Refused("sync.groups", "这个平台没有社群")
    return groups
