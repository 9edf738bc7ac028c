"""WeCom's shapes for tasks of mass messages and for moments."""

from __future__ import annotations

import msgspec


class MomentJobMade(msgspec.Struct, frozen=True):
    jobid: str = ""


class MomentInvalidStaff(msgspec.Struct, frozen=True):
    user_list: list[str] = []
    department_list: list[int] = []


class MomentInvalidCustomers(msgspec.Struct, frozen=True):
    tag_list: list[str] = []


class MomentResult(msgspec.Struct, frozen=True):
    errcode: int = 0
    errmsg: str = ""
    moment_id: str = ""
    invalid_sender_list: MomentInvalidStaff = MomentInvalidStaff()
    invalid_external_contact_list: MomentInvalidCustomers = MomentInvalidCustomers()


class MomentJobResult(msgspec.Struct, frozen=True):
    """status: 1 begun, 2 running, 3 done."""

    status: int = 0
    result: MomentResult = MomentResult()


class MomentTask(msgspec.Struct, frozen=True):
    """publish_status: 0 not posted, 1 posted."""

    userid: str
    publish_status: int = 0


class MomentTaskPage(msgspec.Struct, frozen=True):
    task_list: list[MomentTask] = []
    next_cursor: str = ""


class MomentCustomer(msgspec.Struct, frozen=True):
    external_userid: str = ""
    userid: str = ""


class MomentCustomerPage(msgspec.Struct, frozen=True):
    customer_list: list[MomentCustomer] = []
    next_cursor: str = ""


class MomentReaction(msgspec.Struct, frozen=True):
    """external_userid of a customer, or userid of staff."""

    external_userid: str = ""
    userid: str = ""
    create_time: int = 0


class MomentComments(msgspec.Struct, frozen=True):
    comment_list: list[MomentReaction] = []
    like_list: list[MomentReaction] = []


class MomentText(msgspec.Struct, frozen=True):
    content: str = ""


class Moment(msgspec.Struct, frozen=True):
    moment_id: str
    creator: str = ""
    create_time: int | str = 0
    text: MomentText = MomentText()


class MomentPage(msgspec.Struct, frozen=True):
    moment_list: list[Moment] = []
    next_cursor: str = ""
