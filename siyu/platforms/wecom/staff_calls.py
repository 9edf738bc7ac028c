"""One thin method for each remote call about our own staff; see `transport.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.platforms.wecom import wire_staff as wire
from siyu.platforms.wecom.transport import EXTERNAL, Transport
from siyu.ports.manifest import load_manifest

PAGE = 1000
RESIGNED = f"{EXTERNAL}/resigned"


class StaffCalls:
    """WeCom's calls on take-over, behaviour, pages and messages to staff."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def limit(self, name: str) -> int:
        """A number the platform sets, as the manifest has it for today."""
        day = self.transport.now().date().isoformat()
        return load_manifest("wecom").ceiling(name, day)

    def transfer_customer(
        self, pair: tuple[str, str], customers: Sequence[str], *, has_left: bool, message: str
    ) -> wire.MovedCustomers:
        body: dict[str, Any] = {
            "handover_userid": pair[0],
            "takeover_userid": pair[1],
            "external_userid": list(customers),
        }
        if message and not has_left:
            body["transfer_success_msg"] = message
        path = f"{RESIGNED if has_left else EXTERNAL}/transfer_customer"
        return self.transport.write(path, body, wire.MovedCustomers, is_safe=True)

    def transfer_result(
        self, pair: tuple[str, str], cursor: str, *, has_left: bool
    ) -> wire.MovedCustomers:
        body = {"handover_userid": pair[0], "takeover_userid": pair[1], "cursor": cursor}
        path = f"{RESIGNED if has_left else EXTERNAL}/transfer_result"
        return self.transport.read("POST", path, wire.MovedCustomers, json=body)

    def get_unassigned_list(self, cursor: str) -> wire.UnassignedPage:
        body = {"cursor": cursor, "page_size": PAGE}
        path = f"{EXTERNAL}/get_unassigned_list"
        return self.transport.read("POST", path, wire.UnassignedPage, json=body)

    def transfer_groups(
        self, chat_ids: Sequence[str], new_owner: str, *, has_left: bool
    ) -> wire.FailedChats:
        body = {"chat_id_list": list(chat_ids), "new_owner": new_owner}
        name = "transfer" if has_left else "onjob_transfer"
        path = f"{EXTERNAL}/groupchat/{name}"
        return self.transport.write(path, body, wire.FailedChats, is_safe=True)

    def get_user_behavior_data(
        self, staff: Sequence[str], start: int, end: int
    ) -> wire.BehaviourRows:
        """Days added up over all named; seconds, at most 30 days apart."""
        body = {"userid": list(staff), "start_time": start, "end_time": end}
        path = f"{EXTERNAL}/get_user_behavior_data"
        return self.transport.read("POST", path, wire.BehaviourRows, json=body)

    def get_jsapi_ticket(self) -> wire.Ticket:
        return self.transport.read("GET", "/cgi-bin/get_jsapi_ticket", wire.Ticket)

    def get_agent_ticket(self) -> wire.Ticket:
        params = {"type": "agent_config"}
        return self.transport.read("GET", "/cgi-bin/ticket/get", wire.Ticket, params=params)

    def getuserinfo(self, code: str) -> wire.UserInfo:
        params = {"code": code}
        return self.transport.read("GET", "/cgi-bin/auth/getuserinfo", wire.UserInfo, params=params)

    def send_message(self, body: Mapping[str, Any]) -> wire.SentToStaff:
        return self.transport.write("/cgi-bin/message/send", body, wire.SentToStaff)
