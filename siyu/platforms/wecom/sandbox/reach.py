"""Calls about contact ways, welcome messages and mass messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from siyu.platforms.wecom.sandbox.books import (
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
        _receive(
            call.corp,
            call.second,
            who=code.external_userid,
            by=code.userid,
            kind="welcome",
            text=text,
        ).attachments = [str(one["msgtype"]) for one in content["attachments"]]
    return {}


def add_msg_template(call: Call) -> Answer:
    if call.body.get("chat_type", "single") != "single":
        raise Fault(40058, "chat_type is not supported by this sandbox")
    content = _content(call)
    wanted = list(dict.fromkeys(call.texts("external_userid", most=MAX_RECIPIENTS)))
    if not wanted:
        raise Fault(41046, "external_userid is empty")
    recipients, failed = _assign(call.corp, wanted, str(call.body.get("sender") or ""))
    if not recipients:
        raise Fault(41048, "no customer to send")
    task = SendTask(call.corp.next_id("msg"), call.second, content, recipients)
    call.corp.tasks[task.msgid] = task
    _note_repeated(call.corp, task)
    return {"fail_list": failed, "msgid": task.msgid}


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
            era = _era(corp, userid, external, kind="mass_send")
            corp.note_text("duplicate_tasks", (external, era, task.text))


def get_groupmsg_list(call: Call) -> Answer:
    start, end = call.body.get("start_time"), call.body.get("end_time")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= end - start <= 31 * 86400:
        raise Fault(40058, "start_time or end_time is invalid")
    found = [task for task in call.corp.tasks.values() if start <= task.created_at <= end]
    shown, cursor = page(found, call.cursor, call.limit(100, 50), mark=f"sent/{start}/{end}")
    listed = [
        {
            "msgid": task.msgid,
            "creator": "app",
            "create_time": task.created_at,
            "create_type": 0,
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
    for external in task.recipients.get(userid, ()):
        status, at = task.results.get((userid, external), (0, 0))
        row = {"external_userid": external, "userid": userid, "status": status}
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
    got = []
    for external in task.recipients[userid]:
        month = (external, month_of(now))
        if corp.find_relation(userid, external) is None:
            status = 2
        elif corp.monthly[month] >= quota:
            status = 3
        else:
            status = 1
            corp.monthly[month] += 1
            got.append(
                _receive(
                    corp,
                    second,
                    who=external,
                    by=userid,
                    kind="mass_send",
                    text=task.text,
                    msgid=task.msgid,
                )
            )
        task.results[userid, external] = (status, second)
        corp.counts[f"result_{status}"] += 1
    return got


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
