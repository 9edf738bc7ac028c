"""One thin method for each remote call about tasks of mass messages and about moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from siyu.platforms.wecom import wire, wire_reach
from siyu.platforms.wecom.transport import EXTERNAL, Transport
from siyu.wechat.calling import Head

Shape = TypeVar("Shape")
SENT_PAGE = 100
TASK_PAGE = 1_000
CUSTOMER_PAGE = 1_000
REACHED_PAGE = 5_000
MOMENT_PAGE = 20


class ReachCalls:
    """Calls over the transport of one corp and app."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def now(self) -> datetime:
        return self._transport.now()

    @property
    def corp_id(self) -> str:
        return self._transport.account.remote_id

    @property
    def account(self) -> str:
        return self._transport.account.key

    def get_groupmsg_list(
        self, chat_type: str, start: datetime, end: datetime, cursor: str
    ) -> wire.SentGroupPage:
        """Mass messages of the corp and of its staff, at most a month apart."""
        body = {
            "chat_type": chat_type,
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "filter_type": 2,
            "limit": SENT_PAGE,
            "cursor": cursor,
        }
        return self._read("get_groupmsg_list_v2", body, wire.SentGroupPage)

    def get_groupmsg_task(self, msgid: str, cursor: str) -> wire.SendTaskPage:
        body = {"msgid": msgid, "limit": TASK_PAGE, "cursor": cursor}
        return self._read("get_groupmsg_task", body, wire.SendTaskPage)

    def remind_groupmsg_send(self, msgid: str) -> None:
        self._write("remind_groupmsg_send", {"msgid": msgid}, Head)

    def cancel_groupmsg_send(self, msgid: str) -> None:
        self._write("cancel_groupmsg_send", {"msgid": msgid}, Head, is_safe=True)

    def add_moment_task(self, body: Mapping[str, Any]) -> wire_reach.MomentJobMade:
        return self._write("add_moment_task", body, wire_reach.MomentJobMade)

    def get_moment_task_result(self, jobid: str) -> wire_reach.MomentJobResult:
        return self._transport.read(
            "GET",
            f"{EXTERNAL}/get_moment_task_result",
            wire_reach.MomentJobResult,
            params={"jobid": jobid},
        )

    def cancel_moment_task(self, moment_id: str) -> None:
        self._write("cancel_moment_task", {"moment_id": moment_id}, Head, is_safe=True)

    def get_moment_list(self, start: datetime, end: datetime, cursor: str) -> wire_reach.MomentPage:
        body = {
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "filter_type": 2,
            "limit": MOMENT_PAGE,
            "cursor": cursor,
        }
        return self._read("get_moment_list", body, wire_reach.MomentPage)

    def get_moment_task(self, moment_id: str, cursor: str) -> wire_reach.MomentTaskPage:
        body = {"moment_id": moment_id, "limit": TASK_PAGE, "cursor": cursor}
        return self._read("get_moment_task", body, wire_reach.MomentTaskPage)

    def get_moment_customer_list(
        self, moment_id: str, userid: str, cursor: str
    ) -> wire_reach.MomentCustomerPage:
        """Whom one member of staff's moment is meant for."""
        body = {
            "moment_id": moment_id,
            "userid": userid,
            "limit": CUSTOMER_PAGE,
            "cursor": cursor,
        }
        return self._read("get_moment_customer_list", body, wire_reach.MomentCustomerPage)

    def get_moment_send_result(
        self, moment_id: str, userid: str, cursor: str
    ) -> wire_reach.MomentCustomerPage:
        """To whom one member of staff's moment was delivered."""
        body = {"moment_id": moment_id, "userid": userid, "limit": REACHED_PAGE, "cursor": cursor}
        return self._read("get_moment_send_result", body, wire_reach.MomentCustomerPage)

    def get_moment_comments(self, moment_id: str, userid: str) -> wire_reach.MomentComments:
        body = {"moment_id": moment_id, "userid": userid}
        return self._read("get_moment_comments", body, wire_reach.MomentComments)

    def _read(self, name: str, body: Mapping[str, Any], shape: type[Shape]) -> Shape:
        return self._transport.read("POST", f"{EXTERNAL}/{name}", shape, json=body)

    def _write(
        self, name: str, body: Mapping[str, Any], shape: type[Shape], *, is_safe: bool = False
    ) -> Shape:
        return self._transport.write(f"{EXTERNAL}/{name}", body, shape, is_safe=is_safe)
