"""Reads of moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, Sum

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.kernel.errors import NotFound, SiyuError
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.moments.models import Moment, Poster
from siyu.moments.types import MomentView, PosterView, State, Totals

READ = "broadcast:read"


def list_moments(
    actor: Actor, *, state: str = "", cursor: str | None = None, limit: int = 30
) -> Page[MomentView]:
    """A page of moments, the newest first."""
    require(actor, READ)
    rows = Moment.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if cursor:
        rows = rows.filter(pk__lt=decode_cursor(cursor, int)[0])
    size = max(1, min(limit, MAX_LIMIT))
    found = list(rows[: size + 1])
    following = encode_cursor(found[size - 1].pk) if len(found) > size else None
    totals = _totals(row.pk for row in found)
    return Page([_view(row, totals.get(row.pk)) for row in found[:size]], following)


def get_moment(actor: Actor, moment_id: int) -> MomentView:
    """One moment; NotFound."""
    require(actor, READ)
    row = _row(moment_id)
    return _view(row, _totals([row.pk]).get(row.pk))


def list_posters(actor: Actor, moment_id: int) -> list[PosterView]:
    """Who is to post, those who have not first."""
    require(actor, READ)
    rows = Poster.objects.filter(moment=_row(moment_id)).order_by("is_posted", "-reached", "staff")
    return [
        PosterView(
            row.staff,
            row.is_posted,
            row.posted_at,
            row.planned,
            row.reached,
            row.likes,
            row.comments,
        )
        for row in rows
    ]


def list_moment_accounts(actor: Actor) -> list[str]:
    """Accounts whose platform has moments."""
    require(actor, READ)
    return [key for key in active_accounts() if _has_moments(key)]


def count_making(now: datetime) -> int:
    """Moments that the platform is to make, whose next turn is due at `now`."""
    making = (State.APPROVED, State.CREATING)
    return Moment.objects.filter(state__in=making, next_at__lte=now).count()


def _has_moments(account: str) -> bool:
    try:
        return connector(account).moments is not None
    except SiyuError:
        return False


def _totals(moment_ids: Iterable[int]) -> dict[int, Totals]:
    rows = (
        Poster.objects.filter(moment_id__in=list(moment_ids))
        .order_by()
        .values_list("moment_id")
        .annotate(
            posters=Count("id"),
            posted=Count("id", filter=Q(is_posted=True)),
            planned=Sum("planned"),
            reached=Sum("reached"),
            likes=Sum("likes"),
            comments=Sum("comments"),
        )
    )
    return {moment_id: Totals(*counts) for moment_id, *counts in rows}


def _row(moment_id: int) -> Moment:
    found = Moment.objects.filter(pk=moment_id).first()
    if found is None:
        raise NotFound("moment.unknown", "没有这条朋友圈")
    return found


def _view(row: Moment, totals: Totals | None) -> MomentView:
    return MomentView(
        id=row.pk,
        name=row.name,
        state=row.state,
        account=row.account,
        text=str(row.content.get("text", "")),
        attachments=list(row.content.get("attachments", [])),
        staff=row.staff,
        tag_ids=row.tag_ids,
        scheduled_at=row.scheduled_at,
        watch_days=row.watch_days,
        created_by=row.created_by,
        created_at=row.created_at,
        submitted_by=row.submitted_by,
        decided_by=row.decided_by,
        note=row.note,
        problem=row.problem,
        posting_at=row.posting_at,
        finished_at=row.finished_at,
        invalid_staff=row.invalid_staff,
        estimate=row.estimate,
        totals=totals or Totals(),
    )
