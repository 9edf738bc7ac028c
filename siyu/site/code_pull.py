"""The codes of an account as a pull reads them; growth keeps what they mean."""

from __future__ import annotations

from datetime import datetime

from siyu.core.accounts import connector
from siyu.growth import code_lists
from siyu.growth.duty import recheck_gone
from siyu.guides.pulling import Part, Plan, Pull, PullPage
from siyu.kernel.errors import Refused
from siyu.ports.code_lists import CodeLister

UNLISTED_AT_ONCE = 50


class CodePull:
    """Lists ids, reads those that are not ours, and asks for ours that are listed no more."""

    name = "codes"
    is_essential = False

    def is_offered(self, account: str) -> bool:
        """See `PullSource.is_offered`."""
        return connector(account).code_list is not None

    def plan(self, pull: Pull) -> Plan:  # noqa: ARG002 - as every source
        """See `PullSource.plan`: one part."""
        return Plan([[""]])

    def read(self, pull: Pull, part: Part) -> PullPage:  # noqa: ARG002 - as every source
        """See `PullSource.read`."""
        lister = _lister(pull.account)
        ids, cursor = lister.list_codes(pull.cursor, pull.started_at)
        wanted = code_lists.ids_to_read(pull.account, ids, pull.started_at)
        read = [found for one in wanted if (found := lister.read_code(one)) is not None]
        return PullPage(
            found=len(ids),
            changed=len(read),
            cursor=cursor,
            keep=lambda: code_lists.keep_listed(pull.account, ids, read, pull.started_at),
        )

    def finish(self, pull: Pull, now: datetime) -> PullPage:
        """See `PullSource.finish`: the platform itself says of each of ours whether it is gone."""
        account, since = pull.account, pull.started_at
        ids = code_lists.unlisted_codes(account, since, UNLISTED_AT_ONCE)
        if not ids:
            return PullPage(
                gone=code_lists.count_vanished(account, since),
                keep=lambda: _end(account, since, now),
            )
        lister = _lister(account)
        lost = [one for one in ids if lister.read_code(one) is None]
        there = [one for one in ids if one not in lost]
        return PullPage(
            gone=len(lost),
            cursor=ids[-1],
            keep=lambda: code_lists.keep_unlisted(account, lost, there, since),
        )


def _end(account: str, since: datetime, now: datetime) -> None:
    """The list is whole, and the directory was read before it."""
    code_lists.drop_vanished(account, since)
    recheck_gone(account, now)


def _lister(account: str) -> CodeLister:
    lister = connector(account).code_list
    if lister is None:
        raise Refused("sync.codes", "这个平台没有活码")
    return lister
