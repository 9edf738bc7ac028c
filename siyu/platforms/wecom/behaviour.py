"""What WeCom counts of the staff's work, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused
from siyu.platforms.wecom import wire_staff as wire
from siyu.platforms.wecom.staff_calls import StaffCalls
from siyu.platforms.wecom.transport import Transport
from siyu.ports.behaviour import BehaviourDay

MAX_STAFF = 100


class Behaviour:
    """The `BehaviourSource` of a corp."""

    def __init__(self, transport: Transport) -> None:
        self._calls = StaffCalls(transport)
        self.max_days = self._calls.limit("behaviour_days")
        self.history_days = self._calls.limit("behaviour_history_days")

    def fetch_days(self, staff: str, start: date, end: date) -> list[BehaviourDay]:
        """See `BehaviourSource.fetch_days`."""
        return [_day(staff, row) for row in self._fetch([staff], start, end)]

    def fetch_sum(self, staff: Sequence[str], start: date, end: date) -> list[BehaviourDay]:
        """See `BehaviourSource.fetch_sum`."""
        return [_day("", row) for row in self._fetch(staff, start, end)]

    def _fetch(self, staff: Sequence[str], start: date, end: date) -> list[wire.BehaviourRow]:
        if not 1 <= len(staff) <= MAX_STAFF:
            raise Refused("wecom.staff", f"一次最多 {MAX_STAFF} 名员工", field="staff")
        if not timedelta() <= end - start < timedelta(days=self.max_days):
            raise Refused("wecom.days", f"一次最多 {self.max_days} 天", field="end")
        answer = self._calls.get_user_behavior_data(staff, _midnight(start), _midnight(end))
        return answer.behavior_data


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), SHANGHAI).timestamp())


def _day(staff: str, row: wire.BehaviourRow) -> BehaviourDay:
    return BehaviourDay(
        staff=staff,
        day=datetime.fromtimestamp(row.stat_time, UTC).astimezone(SHANGHAI).date(),
        applies=row.new_apply_cnt,
        added=row.new_contact_cnt,
        chats=row.chat_cnt,
        messages=row.message_cnt,
        reply_percent=row.reply_percentage,
        first_reply_minutes=row.avg_reply_time,
        negative=row.negative_feedback_cnt,
    )
