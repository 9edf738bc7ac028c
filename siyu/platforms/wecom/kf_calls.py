"""One thin method for each remote call about service desks; see `transport.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.platforms.wecom import wire_kf as wire
from siyu.platforms.wecom.transport import Transport
from siyu.wechat.calling import Head

KF = "/cgi-bin/kf"
PAGE = 1000
ACCOUNTS_PER_PAGE = 100


class KfCalls:
    """WeCom's calls on service desks over the transport of one corp and app."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def list_accounts(self, offset: int) -> wire.AccountList:
        body = {"offset": offset, "limit": ACCOUNTS_PER_PAGE}
        return self.transport.read("POST", f"{KF}/account/list", wire.AccountList, json=body)

    def add_account(self, name: str, media_id: str) -> wire.OpenKfid:
        body = {"name": name, **({"media_id": media_id} if media_id else {})}
        return self.transport.write(f"{KF}/account/add", body, wire.OpenKfid)

    def update_account(self, open_kfid: str, name: str) -> None:
        body = {"open_kfid": open_kfid, "name": name}
        self.transport.write(f"{KF}/account/update", body, Head, is_safe=True)

    def del_account(self, open_kfid: str) -> None:
        self.transport.write(f"{KF}/account/del", {"open_kfid": open_kfid}, Head, is_safe=True)

    def list_servicers(self, open_kfid: str) -> wire.ServicerList:
        params = {"open_kfid": open_kfid}
        return self.transport.read("GET", f"{KF}/servicer/list", wire.ServicerList, params=params)

    def change_servicers(
        self, verb: str, open_kfid: str, staff: Sequence[str]
    ) -> wire.ServicerResults:
        """verb: `add` or `del`."""
        body = {"open_kfid": open_kfid, "userid_list": list(staff)}
        path = f"{KF}/servicer/{verb}"
        return self.transport.write(path, body, wire.ServicerResults, is_safe=True)

    def add_contact_way(self, open_kfid: str, scene: str) -> wire.Link:
        body = {"open_kfid": open_kfid, "scene": scene}
        return self.transport.read("POST", f"{KF}/add_contact_way", wire.Link, json=body)

    def sync_msg(self, open_kfid: str, cursor: str, token: str) -> wire.MessagePage:
        """Up to 1000 messages after the cursor."""
        body = {"open_kfid": open_kfid, "cursor": cursor, "token": token, "limit": PAGE}
        shown = {key: value for key, value in body.items() if value}
        return self.transport.read("POST", f"{KF}/sync_msg", wire.MessagePage, json=shown)

    def send_msg(self, body: Mapping[str, Any]) -> wire.MsgId:
        return self.transport.write(f"{KF}/send_msg", body, wire.MsgId)

    def send_msg_on_event(self, body: Mapping[str, Any]) -> wire.MsgId:
        return self.transport.write(f"{KF}/send_msg_on_event", body, wire.MsgId)

    def get_state(self, open_kfid: str, external_userid: str) -> wire.ServiceState:
        body = {"open_kfid": open_kfid, "external_userid": external_userid}
        return self.transport.read("POST", f"{KF}/service_state/get", wire.ServiceState, json=body)

    def trans_state(self, body: Mapping[str, Any]) -> None:
        self.transport.write(f"{KF}/service_state/trans", body, Head)

    def batchget_customers(self, external_userids: Sequence[str]) -> wire.CustomerList:
        """At most 100 customers who were active within 48 hours."""
        body = {"external_userid_list": list(external_userids), "need_enter_session_context": 0}
        path = f"{KF}/customer/batchget"
        return self.transport.read("POST", path, wire.CustomerList, json=body)
