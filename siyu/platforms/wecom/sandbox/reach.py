"""Calls about welcome messages and mass messages to customers and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from siyu.platforms.wecom.sandbox.books import (
    WELCOME_LIFE,
    Corp,
    Fault,
    Received,
    SendTask,
    days_in_month,
    month_of,
)
from siyu.platforms.wecom.sandbox.media import check_attachments
from siyu.platforms.wecom.sandbox.paging import page
from siyu.platforms.wecom.sandbox.people import Answer, Call

MAX_RECIPIENTS = 10_000
MAX_GROUPS = 2_000
CHAT_TYPES = {"single": False, "group": True}
MAX_TEXT_BYTES = 4000
MAX_ATTACHMENTS = 9
REMINDERS_PER_DAY = 3


def send_welcome_msg(call: Call) -> Answer:
    code = call.corp.welcomes.get(call.text("welcome_code"))
    content = _content(call)
    if code is None or call.now > code.ends_at:
        raise Fault(41050, "invalid or expired welcome code")
    relation = call.corp.find_relation(code.userid, code.external_userid)
    if code.is_used or (relation is not None and relation.has_chatted):
        raise Fault(41051, "chat has been started or welcome message was sent")
    code.is_used = True
    call.corp.counts["welcomes"] += 1
    if relation is not None:
        text = str((content.get("text") or {}).get("content", ""))
        message = _receive(
            call.corp,
            call.second,
            who=code.external_userid,
            by=code.userid,
            kind="welcome",
            text=text,
        )
        message.attachments = [str(one["msgtype"]) for one in content["attachments"]]
        waited = call.now - (code.ends_at - WELCOME_LIFE)
        message.waited_ms = round(waited / timedelta(milliseconds=1))
    return {}


def add_msg_template(call: Call) -> Answer:
    is_for_groups = _is_for_groups(call)
    content = _content(call)
    sender = str(call.body.get("sender") or "")
    if is_for_groups:
        recipients, failed = _assign_groups(call, sender)
    else:
        wanted = list(dict.fromkeys(call.texts("external_userid", most=MAX_RECIPIENTS)))
        if not wanted:
            raise Fault(41046, "external_userid is empty")
        recipients, failed = _assign(call.corp, wanted, sender)
    if not recipients:
        raise Fault(41048, "no customer to send")
    msgid = call.corp.next_id("msg")
    task = SendTask(msgid, call.second, content, recipients, is_for_groups=is_for_groups)
    call.corp.tasks[task.msgid] = task
    _note_repeated(call.corp, task)
    return {"fail_list": failed, "msgid": task.msgid}


def _is_for_groups(call: Call) -> bool:
    kind = call.body.get("chat_type", "single")
    if kind not in CHAT_TYPES:
        raise Fault(40058, "invalid chat_type")
    return CHAT_TYPES[kind]


def _assign_groups(call: Call, sender: str) -> tuple[dict[str, list[str]], list[str]]:
    """Groups of the sender; without a list all of them."""
    if not sender:
        raise Fault(41047, "sender is empty")
    if not call.corp.is_visible(sender):
        raise Fault(40003, "invalid sender")
    own = [chat.chat_id for chat in call.corp.community.living() if chat.owner == sender]
    wanted = list(dict.fromkeys(call.texts("chat_id_list", most=MAX_GROUPS))) or own
    mine = [chat for chat in wanted if chat in own]
    return ({sender: mine} if mine else {}), [chat for chat in wanted if chat not in own]


def _assign(corp: Corp, wanted: list[str], sender: str) -> tuple[dict[str, list[str]], list[str]]:
    """Customers by the staff who will send, and those nobody can reach."""
    if sender and not corp.is_visible(sender):
        raise Fault(40003, "invalid sender")
    recipients: dict[str, list[str]] = defaultdict(list)
    failed = []
    for external in wanted:
        friends = [r for r in corp.friends_of(external) if not sender or r.userid == sender]
        if friends:
            recipients[friends[-1].userid].append(external)
        else:
            failed.append(external)
    return dict(recipients), failed


def _note_repeated(corp: Corp, task: SendTask) -> None:
    """Count customers for whom the same text was handed over before in this friendship."""
    for userid, customers in task.recipients.items():
        for external in customers:
            era = 0 if task.is_for_groups else _era(corp, userid, external, kind="mass_send")
            corp.note_text("duplicate_tasks", (external, era, task.text))


def get_groupmsg_list(call: Call) -> Answer:
    start, end = call.body.get("start_time"), call.body.get("end_time")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= end - start <= 31 * 86400:
        raise Fault(40058, "start_time or end_time is invalid")
    kind, filter_type = _is_for_groups(call), call.body.get("filter_type", 2)
    if filter_type not in {0, 1, 2}:
        raise Fault(40058, "invalid filter_type")
    found = [
        task
        for task in call.corp.tasks.values()
        if start <= task.created_at <= end
        and task.is_for_groups == kind
        and (filter_type == 2 or (task.creator == "app") == (filter_type == 0))
    ]
    mark = f"sent/{kind}/{filter_type}/{start}/{end}"
    shown, cursor = page(found, call.cursor, call.limit(100, 50), mark=mark)
    listed = [
        {
            "msgid": task.msgid,
            "creator": task.creator,
            "create_time": task.created_at,
            "create_type": 0 if task.creator == "app" else 1,
            **task.content,
        }
        for task in shown
    ]
    return {"group_msg_list": listed, "next_cursor": cursor}


def get_groupmsg_task(call: Call) -> Answer:
    task = _task(call)
    rows = []
    for userid in task.recipients:
        done = task.confirmed.get(userid)
        row = {"userid": userid, "status": 2 if done else 0}
        rows.append({**row, "send_time": done} if done else row)
    shown, cursor = page(rows, call.cursor, call.limit(1000, 500), mark=f"task/{task.msgid}")
    return {"task_list": shown, "next_cursor": cursor}


def get_groupmsg_send_result(call: Call) -> Answer:
    task, userid = _task(call), call.text("userid")
    rows: list[dict[str, Any]] = []
    name = "chat_id" if task.is_for_groups else "external_userid"
    for external in task.recipients.get(userid, ()):
        status, at = task.results.get((userid, external), (0, 0))
        row = {name: external, "userid": userid, "status": status}
        rows.append({**row, "send_time": at} if at else row)
    mark = f"result/{task.msgid}/{userid}"
    shown, cursor = page(rows, call.cursor, call.limit(1000, 500), mark=mark)
    return {"send_list": shown, "next_cursor": cursor}


def remind_groupmsg_send(call: Call) -> Answer:
    task = _task(call)
    task.reminders = [at for at in task.reminders if at > call.now - timedelta(days=1)]
    if len(task.reminders) >= REMINDERS_PER_DAY:
        raise Fault(41064, "remind too often")
    task.reminders.append(call.now)
    call.corp.reminded.update(
        who for who in task.recipients if who not in task.confirmed and who not in task.cancelled
    )
    return {}


def cancel_groupmsg_send(call: Call) -> Answer:
    task = _task(call)
    task.cancelled |= {userid for userid in task.recipients if userid not in task.confirmed}
    return {}


def confirm(corp: Corp, task: SendTask, userid: str, now: datetime) -> list[Received]:
    """A member of staff taps send: every recipient gets a result, some the message."""
    second = int(now.timestamp())
    task.confirmed[userid] = second
    quota = corp.knobs.month_quota or days_in_month(now)
    kind = "group_send" if task.is_for_groups else "mass_send"
    got = []
    for external in task.recipients[userid]:
        month = (external, month_of(now))
        if not _is_reachable(corp, task, userid, external):
            status = 2
        elif corp.monthly[month] >= quota:
            status = 3
        else:
            status = 1
            corp.monthly[month] += 1
            message = _receive(
                corp, second, who=external, by=userid, kind=kind, text=task.text, msgid=task.msgid
            )
            message.attachments = [str(one["msgtype"]) for one in task.content["attachments"]]
            got.append(message)
        task.results[userid, external] = (status, second)
        corp.counts[f"result_{status}"] += 1
    return got


def _is_reachable(corp: Corp, task: SendTask, userid: str, recipient: str) -> bool:
    """Still a friend, or still the owner of a living group."""
    if not task.is_for_groups:
        return corp.find_relation(userid, recipient) is not None
    chat = corp.community.chats.get(recipient)
    return chat is not None and chat.owner == userid and not chat.is_dismissed


def send_by_hand(corp: Corp, userid: str, externals: list[str], text: str, now: datetime) -> str:
    """A member of staff makes and sends a mass message of his or her own in the client."""
    content = {"text": {"content": text}, "attachments": []}
    recipients = {userid: list(externals)}
    msgid = corp.next_id("msg")
    task = SendTask(msgid, int(now.timestamp()), content, recipients, creator=userid)
    corp.tasks[msgid] = task
    confirm(corp, task, userid, now)
    return msgid


def pending(corp: Corp, userid: str = "", msgid: str = "") -> list[tuple[SendTask, str]]:
    """Tasks that wait for somebody's tap, oldest first."""
    return [
        (task, who)
        for task in corp.tasks.values()
        for who in task.recipients
        if who not in task.confirmed
        and who not in task.cancelled
        and (not userid or who == userid)
        and (not msgid or task.msgid == msgid)
    ]


def _task(call: Call) -> SendTask:
    found = call.corp.tasks.get(str(call.body.get("msgid", "")))
    if found is None:
        raise Fault(40058, "invalid msgid")
    return found


def _content(call: Call) -> dict[str, Any]:
    text = call.body.get("text")
    attachments = call.body.get("attachments") or []
    content = text.get("content", "") if isinstance(text, Mapping) else ""
    if not isinstance(content, str) or not isinstance(attachments, list):
        raise Fault(40058, "text or attachments is invalid")
    if not content and not attachments:
        raise Fault(40058, "text and attachments are empty")
    if len(content.encode()) > MAX_TEXT_BYTES:
        raise Fault(40058, "text.content exceed max length 4000")
    if len(attachments) > MAX_ATTACHMENTS:
        raise Fault(40058, "attachments exceed max size 9")
    check_attachments(call.corp, attachments, call.second)
    return {"text": {"content": content}, "attachments": attachments}


def _receive(
    corp: Corp, second: int, *, who: str, by: str, kind: str, text: str, msgid: str = ""
) -> Received:
    """The message is on the customer's phone; a text that came before is a duplicate."""
    message = Received(len(corp.received) + 1, who, by, kind, msgid, text, second)
    corp.received.append(message)
    corp.note_text("duplicates", (kind, who, _era(corp, by, who, kind=kind), text))
    return message


def _era(corp: Corp, userid: str, external_userid: str, *, kind: str) -> int:
    """When the friendship began: after a new addition the same words may come again.

    A welcome belongs to one friendship, a mass message to the customer's oldest living one.
    """
    friends = corp.friends_of(external_userid)
    if kind == "welcome":
        friends = [relation for relation in friends if relation.userid == userid]
    return friends[0].created_at if friends else 0


CALLS: dict[str, tuple[str, Callable[[Call], Answer]]] = {
    "send_welcome_msg": ("POST", send_welcome_msg),
    "add_msg_template": ("POST", add_msg_template),
    "get_groupmsg_list_v2": ("POST", get_groupmsg_list),
    "get_groupmsg_task": ("POST", get_groupmsg_task),
    "get_groupmsg_send_result": ("POST", get_groupmsg_send_result),
    "remind_groupmsg_send": ("POST", remind_groupmsg_send),
    "cancel_groupmsg_send": ("POST", cancel_groupmsg_send),
}
