"""WeCom's shapes of take-over, behaviour, member pages and messages to staff."""

from __future__ import annotations

import msgspec


class MovedCustomer(msgspec.Struct, frozen=True):
    """errcode 0: accepted. status: 1 done, 2 waiting, 3 refused, 4 full, 5 no record."""

    external_userid: str
    errcode: int = 0
    status: int = 0
    takeover_time: int = 0


class MovedCustomers(msgspec.Struct, frozen=True):
    customer: list[MovedCustomer] = []
    next_cursor: str = ""


class Unassigned(msgspec.Struct, frozen=True):
    handover_userid: str
    external_userid: str
    dimission_time: int = 0


class UnassignedPage(msgspec.Struct, frozen=True):
    info: list[Unassigned] = []
    is_last: bool = True
    next_cursor: str = ""


class FailedChat(msgspec.Struct, frozen=True):
    chat_id: str
    errcode: int = 0
    errmsg: str = ""


class FailedChats(msgspec.Struct, frozen=True):
    failed_chat_list: list[FailedChat] = []


class BehaviourRow(msgspec.Struct, frozen=True):
    """reply_percentage, avg_reply_time (minutes): only on days with conversations."""

    stat_time: int
    chat_cnt: int = 0
    message_cnt: int = 0
    reply_percentage: float | None = None
    avg_reply_time: float | None = None
    negative_feedback_cnt: int = 0
    new_apply_cnt: int = 0
    new_contact_cnt: int = 0


class BehaviourRows(msgspec.Struct, frozen=True):
    behavior_data: list[BehaviourRow] = []


class Ticket(msgspec.Struct, frozen=True):
    ticket: str
    expires_in: int


class UserInfo(msgspec.Struct, frozen=True):
    """userid: a member; openid: somebody else."""

    userid: str = ""
    openid: str = ""


class SentToStaff(msgspec.Struct, frozen=True):
    invaliduser: str = ""
    msgid: str = ""
