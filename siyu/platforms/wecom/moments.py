"""Moments of the company 企业朋友圈: made as tasks by a job, posted by staff, watched by polling.

Limits (path/95094, read 2026-11-22): 10 tasks a minute, 100,000 a month; text up to 2,000
characters and 4,000 bytes; up to nine images, or one video, or one link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from siyu.kernel.clock import from_ms, to_ms
from siyu.kernel.errors import PlatformRefused
from siyu.kernel.identity import Identity
from siyu.platforms.wecom import wire_reach
from siyu.platforms.wecom.attachments import to_wire
from siyu.platforms.wecom.paging import pages
from siyu.platforms.wecom.reach_calls import ReachCalls
from siyu.ports.facts import MOMENT_COMMENTED, MOMENT_LIKED, Fact
from siyu.ports.moments import (
    JobState,
    MomentJob,
    MomentPost,
    MomentPoster,
    MomentReaction,
    RemoteMoment,
)

MAX_CHARS, MAX_BYTES = 2_000, 4_000
MAX_STAFF = 100_000
MOST = {"image": 9, "video": 1, "link": 1}
_DONE = 3


class Moments:
    """Corp moments of one account."""

    per_minute = 10
    per_month = 100_000

    def __init__(self, calls: ReachCalls) -> None:
        self._calls = calls

    def start(self, post: MomentPost) -> str:
        """Ask for the tasks; PlatformRefused before the call when a limit is broken."""
        made: wire_reach.MomentJobMade = self._calls.add_moment_task(_body(post))
        return made.jobid

    def job(self, job_id: str) -> MomentJob:
        told = self._calls.get_moment_task_result(job_id)
        if told.status != _DONE:
            return MomentJob(JobState.RUNNING)
        result = told.result
        state = JobState.DONE if result.errcode == 0 and result.moment_id else JobState.FAILED
        return MomentJob(
            state,
            result.moment_id,
            "" if state is JobState.DONE else f"{result.errcode}",
            tuple(result.invalid_sender_list.user_list),
            tuple(result.invalid_external_contact_list.tag_list),
        )

    def list_posters(self, remote_id: str) -> Iterator[MomentPoster]:
        for page in pages(lambda at: self._calls.get_moment_task(remote_id, at)):
            for task in page.task_list:
                yield MomentPoster(task.userid, task.publish_status == 1)

    def list_planned(self, remote_id: str, staff: str) -> Iterator[str]:
        for page in pages(lambda at: self._calls.get_moment_customer_list(remote_id, staff, at)):
            yield from (one.external_userid for one in page.customer_list)

    def list_reached(self, remote_id: str, staff: str) -> Iterator[str]:
        for page in pages(lambda at: self._calls.get_moment_send_result(remote_id, staff, at)):
            yield from (one.external_userid for one in page.customer_list)

    def reactions(self, remote_id: str, staff: str) -> list[MomentReaction]:
        """Likes and comments of customers; those of colleagues are left out."""
        told = self._calls.get_moment_comments(remote_id, staff)
        return [
            MomentReaction(kind, self._identity(one), staff, from_ms(one.create_time * 1000))
            for kind, some in (
                (MOMENT_LIKED, told.like_list),
                (MOMENT_COMMENTED, told.comment_list),
            )
            for one in some
            if one.external_userid
        ]

    def cancel(self, remote_id: str) -> None:
        self._calls.cancel_moment_task(remote_id)

    def list_moments(self, since: datetime, until: datetime) -> Iterator[RemoteMoment]:
        for page in pages(lambda at: self._calls.get_moment_list(since, until, at)):
            for one in page.moment_list:
                at = from_ms(int(one.create_time) * 1000)
                yield RemoteMoment(one.moment_id, one.creator, at, one.text.content)

    def fact(self, remote_id: str, reaction: MomentReaction, received_at: datetime) -> Fact:
        """`moment_liked` or `moment_commented`; comments have no text on this platform."""
        at = to_ms(reaction.at)
        raw = f"{remote_id}/{reaction.staff}/{reaction.identity.value}/{at}"
        mark = hashlib.blake2b(raw.encode(), digest_size=12).hexdigest()
        return Fact(
            name=reaction.kind,
            at=at,
            received_at=to_ms(received_at),
            source=self._calls.account,
            message_id=f"{reaction.kind}:{mark}",
            platform="wecom",
            identities=(reaction.identity,),
            account=self._calls.account,
            staff=reaction.staff,
            properties={"moment_id": remote_id},
        )

    def _identity(self, one: wire_reach.MomentReaction) -> Identity:
        return Identity("wecom_external_userid", self._calls.corp_id, one.external_userid)


def _body(post: MomentPost) -> dict[str, Any]:
    if len(post.text) > MAX_CHARS or len(post.text.encode()) > MAX_BYTES:
        raise PlatformRefused("wecom.text", f"文本最多 {MAX_CHARS} 字", field="text")
    if not post.text and not post.attachments:
        raise PlatformRefused("wecom.text", "内容为空", field="text")
    if len(post.staff) > MAX_STAFF:
        raise PlatformRefused("wecom.sender", f"执行员工最多 {MAX_STAFF} 位", field="staff")
    body: dict[str, Any] = {"text": {"content": post.text}} if post.text else {}
    if post.attachments:
        _check_attachments(post.attachments)
        body["attachments"] = [_plain(one) for one in to_wire(post.attachments)]
    visible: dict[str, Any] = {}
    if post.staff:
        visible["sender_list"] = {"user_list": list(post.staff)}
    if post.tags:
        visible["external_contact_list"] = {"tag_list": list(post.tags)}
    return {**body, "visible_range": visible} if visible else body


def _check_attachments(attachments: Sequence[Mapping[str, str]]) -> None:
    """Nine images, or one video, or one link; never mixed."""
    kinds = {str(one.get("kind", "")) for one in attachments}
    kind = next(iter(kinds))
    if len(kinds) > 1 or kind not in MOST or len(attachments) > MOST[kind]:
        raise PlatformRefused(
            "wecom.attachments",
            "朋友圈附件须为 1 到 9 张图片、1 个视频或 1 个链接",
            field="attachments",
        )


def _plain(attachment: dict[str, Any]) -> dict[str, Any]:
    """Moments know only media ids of links' pictures and no descriptions."""
    if attachment["msgtype"] != "link":
        return attachment
    link = {key: attachment["link"][key] for key in ("title", "url") if key in attachment["link"]}
    return {"msgtype": "link", "link": link}
