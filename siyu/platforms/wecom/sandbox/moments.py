"""Moments: tasks made by a job, posted by staff (late or never), liked and commented on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.sandbox.books import Corp, Fault, month_of
from siyu.platforms.wecom.sandbox.controls import People
from siyu.platforms.wecom.sandbox.media import check_attachments
from siyu.platforms.wecom.sandbox.moment_books import Moment, MomentJob, Reaction
from siyu.platforms.wecom.sandbox.paging import page
from siyu.platforms.wecom.sandbox.people import Answer, Call

PER_MINUTE = 10
PER_MONTH = 100_000
MAX_CHARS, MAX_BYTES = 2_000, 4_000
JOB_LIFE = 24 * 3600
MOST = {"image": 9, "video": 1, "link": 1}


def add_moment_task(call: Call) -> Answer:
    content = _content(call)
    visible = call.body.get("visible_range") or {}
    staff = list((visible.get("sender_list") or {}).get("user_list") or ())
    tags = list((visible.get("external_contact_list") or {}).get("tag_list") or ())
    _limit(call)
    corp = call.corp
    good = [who for who in staff or corp.staff if corp.is_visible(who)]
    known = corp.tag_names()
    good_tags = [tag for tag in tags if tag in known]
    moment = Moment(
        corp.next_id("mom"),
        call.second,
        content,
        {who: _viewers(corp, who, good_tags) for who in good},
    )
    job = MomentJob(
        corp.next_id("job"),
        call.second,
        moment,
        0 if good and (good_tags or not tags) else 41048,
        [who for who in staff if who not in good],
        [tag for tag in tags if tag not in good_tags],
    )
    corp.moments.jobs[job.job_id] = job
    if job.errcode == 0:
        corp.moments.moments[moment.moment_id] = moment
    return {"jobid": job.job_id}


def get_moment_task_result(call: Call) -> Answer:
    job = call.corp.moments.jobs.get(call.query.get("jobid", ""))
    if job is None or call.second - job.made_at > JOB_LIFE:
        raise Fault(40058, "invalid jobid")
    job.asked += 1
    if job.asked < call.corp.moments.slow:
        return {"status": min(job.asked, 2), "type": "add_moment_task"}
    result = {
        "errcode": job.errcode,
        "errmsg": "ok" if job.errcode == 0 else "no valid sender",
        "moment_id": job.moment.moment_id if job.errcode == 0 else "",
        "invalid_sender_list": {"user_list": job.invalid_staff, "department_list": []},
        "invalid_external_contact_list": {"tag_list": job.invalid_tags},
    }
    return {"status": 3, "type": "add_moment_task", "result": result}


def cancel_moment_task(call: Call) -> Answer:
    _moment(call).is_cancelled = True
    return {}


def get_moment_list(call: Call) -> Answer:
    start, end = call.body.get("start_time"), call.body.get("end_time")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= end - start <= 30 * 86400:
        raise Fault(41035, "start_time or end_time is invalid")
    found = [m for m in call.corp.moments.moments.values() if start <= m.created_at <= end]
    shown, cursor = page(found, call.cursor, call.limit(20, 20), mark=f"moments/{start}/{end}")
    listed = [
        {
            "moment_id": moment.moment_id,
            "creator": moment.creator,
            "create_time": str(moment.created_at),
            "create_type": 0,
            "visible_type": 1,
            "text": moment.content["text"],
        }
        for moment in shown
    ]
    return {"moment_list": listed, "next_cursor": cursor}


def get_moment_task(call: Call) -> Answer:
    moment = _moment(call)
    rows = [{"userid": who, "publish_status": int(who in moment.posted)} for who in moment.planned]
    shown, cursor = page(
        rows, call.cursor, call.limit(1000, 500), mark=f"posters/{moment.moment_id}"
    )
    return {"task_list": shown, "next_cursor": cursor}


def get_moment_customer_list(call: Call) -> Answer:
    moment, userid = _moment(call), call.text("userid")
    rows = [{"userid": userid, "external_userid": one} for one in moment.planned.get(userid, ())]
    mark = f"viewers/{moment.moment_id}/{userid}"
    shown, cursor = page(rows, call.cursor, call.limit(1000, 500), mark=mark)
    return {"customer_list": shown, "next_cursor": cursor}


def get_moment_send_result(call: Call) -> Answer:
    moment, userid = _moment(call), call.text("userid")
    rows = [{"external_userid": one} for one in moment.reached.get(userid, ())]
    mark = f"reached/{moment.moment_id}/{userid}"
    shown, cursor = page(rows, call.cursor, call.limit(5000, 3000), mark=mark)
    return {"customer_list": shown, "next_cursor": cursor}


def get_moment_comments(call: Call) -> Answer:
    moment, userid = _moment(call), call.text("userid")
    said: dict[str, list[dict[str, Any]]] = {"comment": [], "like": []}
    for one in moment.reactions.get(userid, ()):
        key = "userid" if one.who in call.corp.staff else "external_userid"
        said[one.kind].append({key: one.who, "create_time": one.at})
    return {"comment_list": said["comment"], "like_list": said["like"]}


# what people do


def post_moments(people: People, userid: str = "", moment_id: str = "") -> Any:
    """Staff post what waits for them (all, or only these); who saw it is decided now."""
    done = [
        (moment, who)
        for moment in people.corp.moments.moments.values()
        for who in moment.planned
        if who not in moment.posted
        and not moment.is_cancelled
        and (not userid or who == userid)
        and (not moment_id or moment.moment_id == moment_id)
    ]
    for moment, who in done:
        _post(people, moment, who)
    return {"posted": len(done)}


def pending_moments(people: People) -> Any:
    """Who has not posted yet."""
    return [
        {"moment_id": moment.moment_id, "userid": who}
        for moment in people.corp.moments.moments.values()
        if not moment.is_cancelled
        for who in moment.planned
        if who not in moment.posted
    ]


def moment_views(people: People) -> Any:
    """Who saw what: every delivered moment."""
    return [
        {"moment_id": moment.moment_id, "userid": who, "external_userid": external}
        for moment in people.corp.moments.moments.values()
        for who, seen in moment.reached.items()
        for external in seen
    ]


def react_to_moment(
    people: People, moment_id: str, userid: str, who: str, kind: str = "like"
) -> Any:
    """A customer (or a colleague) likes a posted moment or writes below it."""
    moment = people.corp.moments.moments.get(moment_id)
    if moment is None or userid not in moment.posted:
        raise Refused("sandbox.moment", "it is not posted", field="moment_id")
    if kind not in {"like", "comment"}:
        raise Refused("sandbox.kind", "like or comment", field="kind")
    if who not in people.corp.staff and who not in moment.reached.get(userid, ()):
        raise Refused("sandbox.viewer", "they cannot see it", field="who")
    mine = moment.reactions.setdefault(userid, [])
    if kind == "like" and any(one.kind == kind and one.who == who for one in mine):
        return {"is_new": False}
    mine.append(Reaction(kind, who, int(people.world.clock.now().timestamp())))
    return {"is_new": True}


def moment_limits(people: People, per_staff: int | None = None, slow: int | None = None) -> Any:
    """Turn the knobs of moments; see `MomentBook`."""
    book = people.corp.moments
    book.per_staff = book.per_staff if per_staff is None else per_staff
    book.slow = book.slow if slow is None else slow
    return {"per_staff": book.per_staff, "slow": book.slow}


def moment_counts(corp: Corp) -> dict[str, int]:
    """The books of moments in numbers."""
    moments = corp.moments.moments.values()
    return {
        "moments": len(moments),
        "moments_posted": sum(len(moment.posted) for moment in moments),
        "moment_views": sum(len(seen) for moment in moments for seen in moment.reached.values()),
        "moment_reactions": sum(
            len(some) for moment in moments for some in moment.reactions.values()
        ),
    }


def _post(people: People, moment: Moment, who: str) -> None:
    """The customers of now see it, as far as they may; each is shown some of them a month."""
    now, book = people.world.clock.now(), people.corp.moments
    moment.posted[who] = int(now.timestamp())
    seen = []
    for external in moment.planned[who]:
        key = (who, external, month_of(now))
        is_open = not book.per_staff or book.shown.get(key, 0) < book.per_staff
        if is_open and people.corp.find_relation(who, external) is not None:
            book.shown[key] = book.shown.get(key, 0) + 1
            seen.append(external)
    moment.reached[who] = seen


def _viewers(corp: Corp, who: str, tags: list[str]) -> list[str]:
    return [
        relation.external_userid
        for relation in corp.relations.get(who, {}).values()
        if relation.is_friend and (not tags or set(tags) & set(relation.tag_ids))
    ]


def _limit(call: Call) -> None:
    book, minute, month = call.corp.moments, call.second // 60, month_of(call.now)
    if book.minutes.get(minute, 0) >= PER_MINUTE or book.months.get(month, 0) >= PER_MONTH:
        raise Fault(45009, "api freq out of limit")
    book.minutes = {minute: book.minutes.get(minute, 0) + 1}
    book.months[month] = book.months.get(month, 0) + 1


def _content(call: Call) -> dict[str, Any]:
    text = call.body.get("text") or {}
    attachments = call.body.get("attachments") or []
    content = text.get("content", "") if isinstance(text, Mapping) else None
    if not isinstance(content, str) or not isinstance(attachments, list):
        raise Fault(40058, "text or attachments is invalid")
    if not content and not attachments:
        raise Fault(40058, "text and attachments are empty")
    if len(content) > MAX_CHARS or len(content.encode()) > MAX_BYTES:
        raise Fault(40058, "text.content exceed max length")
    kinds = {str(one.get("msgtype")) for one in attachments}
    if attachments:
        kind = next(iter(kinds))
        if len(kinds) > 1 or kind not in MOST or len(attachments) > MOST[kind]:
            raise Fault(40058, "attachments is invalid")
        check_attachments(call.corp, attachments, call.second, is_for_moments=True)
    return {"text": {"content": content}, "attachments": attachments}


def _moment(call: Call) -> Moment:
    found = call.corp.moments.moments.get(call.text("moment_id"))
    if found is None:
        raise Fault(40058, "invalid moment_id")
    return found


CALLS: dict[str, tuple[str, Callable[[Call], Answer]]] = {
    f"externalcontact/{name}": told
    for name, told in {
        "add_moment_task": ("POST", add_moment_task),
        "get_moment_task_result": ("GET", get_moment_task_result),
        "cancel_moment_task": ("POST", cancel_moment_task),
        "get_moment_list": ("POST", get_moment_list),
        "get_moment_task": ("POST", get_moment_task),
        "get_moment_customer_list": ("POST", get_moment_customer_list),
        "get_moment_send_result": ("POST", get_moment_send_result),
        "get_moment_comments": ("POST", get_moment_comments),
    }.items()
}
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "post_moments": post_moments,
    "pending_moments": pending_moments,
    "moment_views": moment_views,
    "react_to_moment": react_to_moment,
    "moment_limits": moment_limits,
}
