"""The worker's part: let the platform make it, watch who posts, whom it reaches, who reacts."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from siyu.core.accounts import connector
from siyu.core.intake import submit_facts
from siyu.core.runtime import runtime
from siyu.kernel.errors import (
    PlatformRefused,
    RetryLater,
    SiyuError,
    UnknownOutcome,
    WaitUntil,
)
from siyu.materials import actions as materials
from siyu.materials.queries import attach
from siyu.moments.models import Moment, Poster, Reaction
from siyu.moments.types import State
from siyu.pool import outreach
from siyu.ports.facts import MOMENT_LIKED
from siyu.ports.media import MOMENT
from siyu.ports.moments import JobState, MomentPost, MomentPublisher

log = structlog.get_logger("siyu.moments")

SOON, RETRY = timedelta(seconds=5), timedelta(seconds=30)
DOUBT = timedelta(minutes=2)
POSTERS_PER_TURN = 20
LOOK_EVERY = timedelta(minutes=10)
LONGEST = timedelta(hours=6)


def work() -> bool:
    """Duty: the next step of one moment that is due. True when there may be more."""
    now = runtime().clock.now()
    row = Moment.objects.filter(next_at__lte=now).order_by("next_at", "id").first()
    if row is None:
        return False
    try:
        _step(row, _publisher(row), now)
    except WaitUntil as error:
        Moment.objects.filter(pk=row.pk).update(problem=error.reason[:200], next_at=error.until)
    except SiyuError as error:
        log.warning("moments.failed", moment=row.pk, code=error.code)
        Moment.objects.filter(pk=row.pk).update(problem=error.reason[:200], next_at=now + RETRY)
    return True


def _step(row: Moment, publisher: MomentPublisher, now: datetime) -> None:
    if row.state == State.APPROVED:
        _create(row, publisher, now)
    elif row.state == State.CREATING and row.job_id:
        _ask_job(row, publisher, now)
    elif row.state == State.CREATING:
        _settle_doubt(row, publisher, now)
    elif row.state == State.POSTING:
        _watch(row, publisher, now)
    else:
        Moment.objects.filter(pk=row.pk).update(next_at=None)


def _create(row: Moment, publisher: MomentPublisher, now: datetime) -> None:
    """Intent first, then the call: a death in between leaves `creating` without a job."""
    post = _post(row, now)
    if post is None:
        materials.want_media(
            row.account, materials.materials_in(row.content["attachments"]), now=now, use=MOMENT
        )
        Moment.objects.filter(pk=row.pk).update(
            problem="附件还在上传到平台, 上传好后自动开始", next_at=now + SOON
        )
        return
    asked = Moment.objects.filter(pk=row.pk, state=State.APPROVED)
    if not asked.update(state=State.CREATING, asked_at=now, next_at=now + DOUBT, problem=""):
        return
    try:
        job = publisher.start(post)
    except (RetryLater, WaitUntil):
        Moment.objects.filter(pk=row.pk).update(state=State.APPROVED, asked_at=None)
        raise
    except UnknownOutcome:
        return
    except PlatformRefused as error:
        _end(row, State.FAILED, now, problem=error.reason)
        return
    Moment.objects.filter(pk=row.pk).update(job_id=job, next_at=now + SOON)


def _post(row: Moment, now: datetime) -> MomentPost | None:
    """What the platform is told; None while a file is not yet there."""
    told = row.content["attachments"]
    ready = attach(row.account, told, now=now, use=MOMENT)
    if len(ready) < len(told):
        return None
    tags = outreach.remote_tags(row.account, row.tag_ids)
    return MomentPost(
        text=row.content["text"],
        attachments=tuple(ready),
        staff=tuple(row.staff),
        tags=tuple(tags[tag_id] for tag_id in row.tag_ids if tag_id in tags),
    )


def _ask_job(row: Moment, publisher: MomentPublisher, now: datetime) -> None:
    try:
        job = publisher.job(row.job_id)
    except PlatformRefused:
        Moment.objects.filter(pk=row.pk).update(job_id="", next_at=now)
        return
    if job.state is JobState.RUNNING:
        Moment.objects.filter(pk=row.pk).update(next_at=now + SOON)
    elif job.state is JobState.FAILED:
        _end(row, State.FAILED, now, problem=f"平台没有建成任务 ({job.reason})")
    else:
        _begin(row, job.remote_id, now, list(job.invalid_staff))


def _settle_doubt(row: Moment, publisher: MomentPublisher, now: datetime) -> None:
    """Whether a moment of the same words was made since we asked; never asked for again."""
    assert row.asked_at is not None
    known = set(Moment.objects.exclude(remote_id="").values_list("remote_id", flat=True))
    since = row.asked_at - timedelta(seconds=30)
    for found in publisher.list_moments(since, now):
        if found.text == row.content["text"] and found.remote_id not in known:
            _begin(row, found.remote_id, now, [])
            return
    if now - row.asked_at > timedelta(minutes=30):
        _end(row, State.FAILED, now, problem="平台上没有找到这条朋友圈, 请核对后重新提交")
    else:
        Moment.objects.filter(pk=row.pk).update(next_at=now + DOUBT)


def _begin(row: Moment, remote_id: str, now: datetime, invalid: list[str]) -> None:
    Moment.objects.filter(pk=row.pk).update(
        state=State.POSTING,
        remote_id=remote_id,
        posting_at=now,
        invalid_staff=invalid,
        problem="",
        next_at=now,
    )


def _watch(row: Moment, publisher: MomentPublisher, now: datetime) -> None:
    """Who has posted; then results and reactions of some posters; the end after `watch_days`."""
    assert row.posting_at is not None
    if row.cancel_asked_at is not None and not _cancel(row, publisher):
        return
    _note_posters(row, publisher, now)
    due = row.posters.filter(next_at__lte=now).order_by("next_at", "id")
    for poster in due[:POSTERS_PER_TURN]:
        _look_at(row, poster, publisher, now)
    is_over = now >= row.posting_at + timedelta(days=row.watch_days)
    if row.cancel_asked_at is not None or is_over:
        state = State.CANCELLED if row.cancel_asked_at is not None else State.DONE
        _end(row, state, now)
        return
    has_more = due.exists()
    Moment.objects.filter(pk=row.pk, cancel_asked_at=None).update(
        problem="", next_at=now + (SOON if has_more else _pause(now - row.posting_at))
    )


def _cancel(row: Moment, publisher: MomentPublisher) -> bool:
    """Take it from those who have not posted; False when the platform will never do that."""
    try:
        publisher.cancel(row.remote_id)
    except PlatformRefused as error:
        log.warning("moments.cancel_refused", moment=row.pk, code=error.code)
        Moment.objects.filter(pk=row.pk).update(
            cancel_asked_at=None, problem=f"平台没有收回这条朋友圈: {error.reason}"[:200]
        )
        return False
    return True


def _note_posters(row: Moment, publisher: MomentPublisher, now: datetime) -> None:
    told = {poster.staff: poster.is_posted for poster in publisher.list_posters(row.remote_id)}
    known = {poster.staff: poster for poster in row.posters.all()}
    fresh = [
        Poster(
            moment=row,
            staff=staff,
            is_posted=is_posted,
            posted_at=now if is_posted else None,
            next_at=now,
        )
        for staff, is_posted in told.items()
        if staff not in known
    ]
    Poster.objects.bulk_create(fresh, ignore_conflicts=True)
    posted = [
        poster.pk for staff, poster in known.items() if told.get(staff) and not poster.is_posted
    ]
    Poster.objects.filter(pk__in=posted).update(is_posted=True, posted_at=now, next_at=now)


def _look_at(row: Moment, poster: Poster, publisher: MomentPublisher, now: datetime) -> None:
    """One poster's numbers; a poster who has not posted is only counted once."""
    assert row.posting_at is not None
    if not poster.planned:
        poster.planned = sum(1 for _ in publisher.list_planned(row.remote_id, poster.staff))
    poster.next_at = None
    if poster.is_posted:
        poster.reached = sum(1 for _ in publisher.list_reached(row.remote_id, poster.staff))
        reactions = publisher.reactions(row.remote_id, poster.staff)
        facts = [publisher.fact(row.remote_id, one, now) for one in reactions]
        known = set(Reaction.objects.filter(poster=poster).values_list("message_id", flat=True))
        fresh = [fact for fact in facts if fact.message_id not in known]
        submit_facts(fresh)
        poster.likes = sum(fact.name == MOMENT_LIKED for fact in facts)
        poster.comments = len(facts) - poster.likes
        poster.next_at = now + _pause(now - (poster.posted_at or row.posting_at))
        with transaction.atomic():
            Reaction.objects.bulk_create(
                [Reaction(poster=poster, message_id=fact.message_id) for fact in fresh],
                ignore_conflicts=True,
            )
            poster.save()
        return
    poster.save()


def _pause(age: timedelta) -> timedelta:
    """Ten minutes at first, ever longer, six hours at most."""
    return max(LOOK_EVERY, min(LONGEST, age / 6))


def _end(row: Moment, state: State, now: datetime, *, problem: str = "") -> None:
    Moment.objects.filter(pk=row.pk).update(
        state=state, finished_at=now, next_at=None, problem=problem[:200]
    )


def _publisher(row: Moment) -> MomentPublisher:
    found = connector(row.account).moments
    if found is None:
        raise PlatformRefused("moment.account", "这个账号不能发朋友圈")
    return found
