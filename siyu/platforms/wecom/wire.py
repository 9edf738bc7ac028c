"""WeCom's own shapes and names. Unknown fields pass; a missing one is a clear error."""

from __future__ import annotations

from typing import Any

import msgspec


class AccessToken(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class FollowUserList(msgspec.Struct, frozen=True):
    follow_user: list[str] = []


class ExternalContact(msgspec.Struct, frozen=True):
    """type: 1 WeChat user, 2 WeCom user of another corp. gender: 0 unknown, 1 male, 2 female."""

    external_userid: str
    name: str = ""
    avatar: str = ""
    type: int = 1
    gender: int = 0
    unionid: str = ""
    corp_name: str = ""


class TagOfRelation(msgspec.Struct, frozen=True):
    """type: 1 corp, 2 personal (no id), 3 strategy."""

    tag_name: str = ""
    group_name: str = ""
    tag_id: str = ""
    type: int = 1


class FollowUser(msgspec.Struct, frozen=True):
    """One member of staff's relation with a customer.

    `get` gives `tags`, `batch/get_by_user` only `tag_id`. remark_corp_name: the company staff noted
    (`remark_company` when it is written).
    """

    userid: str
    createtime: int = 0
    remark: str = ""
    description: str = ""
    tags: list[TagOfRelation] = []
    tag_id: list[str] = []
    remark_mobiles: list[str] | None = None
    remark_corp_name: str = ""
    add_way: int = 0
    oper_userid: str = ""
    state: str = ""


class ContactDetail(msgspec.Struct, frozen=True):
    external_contact: ExternalContact
    follow_user: list[FollowUser] = []
    next_cursor: str = ""


class ContactOfUser(msgspec.Struct, frozen=True):
    external_contact: ExternalContact
    follow_info: FollowUser


class ContactPage(msgspec.Struct, frozen=True):
    external_contact_list: list[ContactOfUser] = []
    next_cursor: str = ""


class ContactWay(msgspec.Struct, frozen=True):
    config_id: str
    qr_code: str = ""


class ContactWayDetail(msgspec.Struct, frozen=True):
    config_id: str
    remark: str = ""
    state: str = ""
    user: list[str] = []
    party: list[int] = []
    qr_code: str = ""
    skip_verify: bool = True


class ContactWayAnswer(msgspec.Struct, frozen=True):
    contact_way: ContactWayDetail


class ContactWayPage(msgspec.Struct, frozen=True):
    contact_way: list[ContactWay] = []
    next_cursor: str = ""


class Tag(msgspec.Struct, frozen=True):
    id: str
    name: str = ""


class TagGroup(msgspec.Struct, frozen=True):
    group_id: str
    group_name: str = ""
    tag: list[Tag] = []


class TagList(msgspec.Struct, frozen=True):
    tag_group: list[TagGroup] = []


class AddedTags(msgspec.Struct, frozen=True):
    tag_group: TagGroup


class MessageTemplate(msgspec.Struct, frozen=True):
    msgid: str = ""
    fail_list: list[str] | None = None


class MessageText(msgspec.Struct, frozen=True):
    content: str = ""


class SentGroup(msgspec.Struct, frozen=True):
    msgid: str
    create_time: int | str = 0
    text: MessageText = MessageText()


class SentGroupPage(msgspec.Struct, frozen=True):
    group_msg_list: list[SentGroup] = []
    next_cursor: str = ""


class SendTask(msgspec.Struct, frozen=True):
    """status: 0 not sent, 2 sent."""

    userid: str
    status: int = 0
    send_time: int = 0


class SendTaskPage(msgspec.Struct, frozen=True):
    task_list: list[SendTask] = []
    next_cursor: str = ""


class SendResult(msgspec.Struct, frozen=True):
    """status: 0 not sent, 1 sent, 2 not a friend any more, 3 over the customer's quota."""

    external_userid: str = ""
    userid: str = ""
    status: int = 0
    send_time: int = 0
    chat_id: str = ""


class SendResultPage(msgspec.Struct, frozen=True):
    send_list: list[SendResult] = []
    next_cursor: str = ""


Attachment = dict[str, Any]
