"""Routes of trials and of articles to send."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema, Status

from siyu.broadcasts import trials
from siyu.broadcasts.api import DraftBody
from siyu.broadcasts.types import Draft
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime

router = Router(tags=["broadcasts"])


class ArticleItem(Schema):
    """parts: how many articles the draft holds."""

    media_id: str
    title: str
    digest: str
    url: str
    parts: int
    updated_at: datetime


class ArticleList(Schema):
    items: list[ArticleItem]


class TrialBody(DraftBody):
    customer_id: int


@router.get("/broadcasts/articles", response=ArticleList, operation_id="list_broadcast_articles")
def list_articles(request: HttpRequest, account: str) -> ArticleList:
    """What editors left in the platform's draft box, the newest first."""
    found = trials.list_articles(actor_of(request), account)
    return ArticleList(items=[ArticleItem(**asdict(one)) for one in found])


@router.post("/broadcasts/trial", response={204: None}, operation_id="send_broadcast_trial")
def send_trial(request: HttpRequest, body: TrialBody) -> Status[None]:
    """Show the draft to one customer now."""
    given = body.dict()
    customer_id = given.pop("customer_id")
    now = runtime().clock.now()
    trials.send_trial(actor_of(request), Draft(**given), customer_id, now=now)
    return Status(204, None)
