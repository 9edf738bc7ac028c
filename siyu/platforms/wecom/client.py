"""One thin method for each remote call; see `transport.py` for tokens, turns and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from siyu.platforms.wecom import wire, wire_links
from siyu.platforms.wecom.transport import EXTERNAL, Transport
from siyu.wechat.calling import Head

PAGE = 1000
LINK_PAGE = 100
LINKS = f"{EXTERNAL}/customer_acquisition"
SENT_PAGE = 100


class Client(Transport):
    """WeCom's server API for one corp and app. Raises the PlatformError family."""

    # staff and customers

    def get_follow_user_list(self) -> wire.FollowUserList:
        """Staff with the customer-contact function whom the app may see."""
        return self.read("GET", f"{EXTERNAL}/get_follow_user_list", wire.FollowUserList)

    def get_contact(self, external_userid: str, cursor: str) -> wire.ContactDetail:
        """One customer with up to 500 of its relations."""
        return self.read(
            "GET",
            f"{EXTERNAL}/get",
            wire.ContactDetail,
            params={"external_userid": external_userid, "cursor": cursor},
        )

    def batch_get_by_user(self, staff: Sequence[str], cursor: str) -> wire.ContactPage:
        """Up to 100 relations of up to 100 staff."""
        body = {"userid_list": list(staff), "cursor": cursor, "limit": 100}
        return self.read("POST", f"{EXTERNAL}/batch/get_by_user", wire.ContactPage, json=body)

    # contact ways

    def add_contact_way(self, body: Mapping[str, Any]) -> wire.ContactWay:
        return self.write(f"{EXTERNAL}/add_contact_way", body, wire.ContactWay)

    def update_contact_way(self, body: Mapping[str, Any]) -> None:
        self.write(f"{EXTERNAL}/update_contact_way", body, Head, is_safe=True)

    def del_contact_way(self, config_id: str) -> None:
        body = {"config_id": config_id}
        self.write(f"{EXTERNAL}/del_contact_way", body, Head, is_safe=True)

    def list_contact_way(self, start: int, end: int, cursor: str) -> wire.ContactWayPage:
        """Up to 100 made between two seconds; only those since 2021-07-10 are told."""
        body = {"start_time": start, "end_time": end, "cursor": cursor, "limit": 100}
        return self.read("POST", f"{EXTERNAL}/list_contact_way", wire.ContactWayPage, json=body)

    def get_contact_way(self, config_id: str) -> wire.ContactWayAnswer:
        body = {"config_id": config_id}
        return self.read("POST", f"{EXTERNAL}/get_contact_way", wire.ContactWayAnswer, json=body)

    def fetch_picture(self, url: str) -> bytes:
        """A picture the platform links to; b"" when it cannot be had now."""
        return self.download(url)

    # acquisition links

    def create_link(self, body: Mapping[str, Any]) -> wire_links.MadeLink:
        return self.write(f"{LINKS}/create_link", body, wire_links.MadeLink)

    def update_link(self, body: Mapping[str, Any]) -> None:
        self.write(f"{LINKS}/update_link", body, Head, is_safe=True)

    def delete_link(self, link_id: str) -> None:
        self.write(f"{LINKS}/delete_link", {"link_id": link_id}, Head, is_safe=True)

    def list_link(self, cursor: str) -> wire_links.LinkPage:
        body = {"limit": LINK_PAGE, "cursor": cursor}
        return self.read("POST", f"{LINKS}/list_link", wire_links.LinkPage, json=body)

    def link_customers(self, link_id: str, cursor: str) -> wire_links.LinkCustomerPage:
        """Customers one link brought."""
        body = {"link_id": link_id, "limit": PAGE, "cursor": cursor}
        return self.read("POST", f"{LINKS}/customer", wire_links.LinkCustomerPage, json=body)

    def link_quota(self) -> wire_links.LinkQuota:
        return self.read("GET", f"{EXTERNAL}/customer_acquisition_quota", wire_links.LinkQuota)

    def link_statistic(self, link_id: str, start: datetime, end: datetime) -> wire_links.LinkCount:
        """What a link did between two times."""
        body = {
            "link_id": link_id,
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
        }
        return self.read("POST", f"{LINKS}/statistic", wire_links.LinkCount, json=body)

    # remarks

    def remark(self, body: Mapping[str, Any]) -> None:
        self.write(f"{EXTERNAL}/remark", body, Head, is_safe=True)

    # tags

    def get_corp_tag_list(self) -> wire.TagList:
        return self.read("POST", f"{EXTERNAL}/get_corp_tag_list", wire.TagList, json={})

    def add_corp_tag(self, group_name: str, names: Sequence[str]) -> wire.AddedTags:
        body = {"group_name": group_name, "tag": [{"name": name} for name in names]}
        return self.write(f"{EXTERNAL}/add_corp_tag", body, wire.AddedTags)

    def edit_corp_tag(self, remote_id: str, name: str) -> None:
        """Rename a tag or a group: their ids share one namespace."""
        self.write(f"{EXTERNAL}/edit_corp_tag", {"id": remote_id, "name": name}, Head, is_safe=True)

    def del_corp_tag(self, tag_ids: Sequence[str]) -> None:
        self.write(f"{EXTERNAL}/del_corp_tag", {"tag_id": list(tag_ids)}, Head)

    def mark_tag(self, body: Mapping[str, Any]) -> None:
        self.write(f"{EXTERNAL}/mark_tag", body, Head, is_safe=True)

    # messages

    def send_welcome_msg(self, body: Mapping[str, Any]) -> None:
        self.write(f"{EXTERNAL}/send_welcome_msg", body, Head)

    def add_msg_template(self, body: Mapping[str, Any]) -> wire.MessageTemplate:
        return self.write(f"{EXTERNAL}/add_msg_template", body, wire.MessageTemplate)

    def get_groupmsg_list(
        self, chat_type: str, start: datetime, end: datetime, cursor: str
    ) -> wire.SentGroupPage:
        """Mass messages created by the corp between two times (at most a month apart)."""
        body = {
            "chat_type": chat_type,
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "filter_type": 0,
            "limit": SENT_PAGE,
            "cursor": cursor,
        }
        path = f"{EXTERNAL}/get_groupmsg_list_v2"
        return self.read("POST", path, wire.SentGroupPage, json=body)

    def get_groupmsg_task(self, msgid: str, cursor: str) -> wire.SendTaskPage:
        """Which staff have confirmed a mass message."""
        body = {"msgid": msgid, "limit": PAGE, "cursor": cursor}
        return self.read("POST", f"{EXTERNAL}/get_groupmsg_task", wire.SendTaskPage, json=body)

    def get_groupmsg_send_result(self, msgid: str, userid: str, cursor: str) -> wire.SendResultPage:
        """What became of each recipient of one member of staff."""
        body = {"msgid": msgid, "userid": userid, "limit": PAGE, "cursor": cursor}
        path = f"{EXTERNAL}/get_groupmsg_send_result"
        return self.read("POST", path, wire.SendResultPage, json=body)
