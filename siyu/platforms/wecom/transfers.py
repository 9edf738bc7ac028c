"""Take-over of customers and groups, of staff who left and of staff still at work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.errors import BOOK
from siyu.platforms.wecom.staff_calls import StaffCalls
from siyu.platforms.wecom.transport import Transport
from siyu.ports.transfers import MoveResult, MoveRules, MoveState, Orphan, Refusal

MAX_MESSAGE = 200
_STATES = {
    1: MoveState.DONE,
    2: MoveState.WAITING,
    3: MoveState.REFUSED,
    4: MoveState.FULL,
    5: MoveState.UNKNOWN,
}


class Transfers:
    """The `CustomerMover` of a corp."""

    def __init__(self, transport: Transport) -> None:
        self._calls = StaffCalls(transport)
        limit = self._calls.limit
        self.rules = MoveRules(
            batch=limit("transfer_batch"),
            group_batch=limit("transfer_group_batch"),
            days_between=limit("transfer_days"),
            times=limit("transfer_times"),
            settle_hours=limit("transfer_settle_hours"),
            groups_a_day=limit("transfer_groups_a_day"),
        )

    def move_customers(
        self, giver: str, taker: str, customers: Sequence[str], *, has_left: bool, message: str
    ) -> list[Refusal]:
        """See `CustomerMover.move_customers`; a repeat of an accepted move is refused as under
        way, never done twice."""
        _check_size(customers, self.rules.batch)
        if len(message) > MAX_MESSAGE:
            raise Refused("wecom.message", f"接替提示最多 {MAX_MESSAGE} 个字", field="message")
        answer = self._calls.transfer_customer(
            (giver, taker), customers, has_left=has_left, message=message
        )
        return [
            _refusal(one.external_userid, one.errcode) for one in answer.customer if one.errcode
        ]

    def list_results(
        self, giver: str, taker: str, cursor: str, *, has_left: bool
    ) -> tuple[list[MoveResult], str]:
        """See `CustomerMover.list_results`."""
        page = self._calls.transfer_result((giver, taker), cursor, has_left=has_left)
        found = [
            MoveResult(
                one.external_userid,
                _STATES.get(one.status, MoveState.UNKNOWN),
                _time(one.takeover_time),
            )
            for one in page.customer
        ]
        return found, "" if page.next_cursor == cursor else page.next_cursor

    def list_orphans(self, cursor: str) -> tuple[list[Orphan], str]:
        """See `CustomerMover.list_orphans`; of staff who left within a year."""
        page = self._calls.get_unassigned_list(cursor)
        found = [
            Orphan(
                one.handover_userid,
                one.external_userid,
                datetime.fromtimestamp(one.dimission_time, UTC),
            )
            for one in page.info
        ]
        is_last = page.is_last or page.next_cursor == cursor
        return found, "" if is_last else page.next_cursor

    def move_groups(self, taker: str, groups: Sequence[str], *, has_left: bool) -> list[Refusal]:
        """See `CustomerMover.move_groups`."""
        _check_size(groups, self.rules.group_batch)
        answer = self._calls.transfer_groups(groups, taker, has_left=has_left)
        return [_refusal(one.chat_id, one.errcode) for one in answer.failed_chat_list]


def _check_size(ids: Sequence[str], most: int) -> None:
    if not 1 <= len(ids) <= most:
        raise Refused("wecom.batch", f"一次最多 {most} 个", field="customers")


def _refusal(remote_id: str, code: int) -> Refusal:
    rule = BOOK.rule_of(code)
    return Refusal(remote_id, f"wecom.{rule.name}", f"{rule.sentence} (企业微信 {code})")


def _time(second: int) -> datetime | None:
    return datetime.fromtimestamp(second, UTC) if second else None
