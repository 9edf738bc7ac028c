"""Tasks of mass messages: listed (also those of others), reminded, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.kernel.clock import from_ms
from siyu.platforms.wecom.paging import pages
from siyu.platforms.wecom.reach_calls import ReachCalls
from siyu.ports.staff_tasks import RemoteTask, StaffState

MAX_SPAN = timedelta(days=31)
_CONFIRMED = 2
CHAT_TYPES = {"wecom.mass_send": "single", "wecom.group_send": "group"}


class GroupMessageTasks:
    """The calls around `get_groupmsg_task`."""

    def __init__(self, calls: ReachCalls) -> None:
        self._calls = calls

    def list_tasks(self, channel: str, since: datetime, until: datetime) -> Iterator[RemoteTask]:
        """Newest month only: WeCom lists 31 days at a time."""
        start, kind = max(since, until - MAX_SPAN), CHAT_TYPES[channel]
        for page in pages(lambda at: self._calls.get_groupmsg_list(kind, start, until, at)):
            for sent in page.group_msg_list:
                yield RemoteTask(sent.msgid, from_ms(int(sent.create_time) * 1000))

    def list_staff(self, remote_id: str) -> Iterator[StaffState]:
        for page in pages(lambda at: self._calls.get_groupmsg_task(remote_id, at)):
            for task in page.task_list:
                at = from_ms(task.send_time * 1000) if task.send_time else None
                yield StaffState(task.userid, task.status == _CONFIRMED, at)

    def remind(self, remote_id: str) -> None:
        """At most three times in 24 hours for one task (path/97610)."""
        self._calls.remind_groupmsg_send(remote_id)

    def cancel(self, remote_id: str) -> None:
        self._calls.cancel_groupmsg_send(remote_id)
