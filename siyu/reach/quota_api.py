"""Routes of the quota ledger."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.pool import queries as pool
from siyu.ports.manifest import Quota
from siyu.reach import actions, queries

router = Router(tags=["reach"])


class QuotaItem(Schema):
    """elsewhere: of `used`, sent by other tools or by staff themselves."""

    account: str
    channel: str
    limit: int
    used: int
    elsewhere: int
    resets_at: datetime
    source: str


class QuotaList(Schema):
    items: list[QuotaItem]


class LimitItem(Schema):
    """limit: per `per` and `window`; 0 = the days of the month. is_ours: added by the brand."""

    channel: str
    per: str
    window: str
    limit: int
    valid_from: str
    source: str
    is_ours: bool


class LimitList(Schema):
    items: list[LimitItem]


class LimitBody(Schema):
    channel: str
    window: str
    limit: int
    valid_from: str
    source: str
    per: str = "customer"


@router.get(
    "/customers/{customer_id}/quotas", response=QuotaList, operation_id="list_customer_quotas"
)
def list_customer_quotas(request: HttpRequest, customer_id: int) -> QuotaList:
    """How many more messages each platform lets this customer receive, and who used the rest."""
    row = pool.get_customer(actor_of(request), customer_id).row
    found = queries.quotas_of_customer(row.id, runtime().clock.now())
    return QuotaList(items=[QuotaItem(**asdict(quota)) for quota in found])


@router.get("/reach/quotas", response=LimitList, operation_id="list_quotas")
def list_quotas(request: HttpRequest) -> LimitList:
    """All limits known, with their dates and sources."""
    require(actor_of(request), "touch:read")
    return _limits()


@router.post("/reach/quotas", response=LimitList, operation_id="add_quota")
def add_quota(request: HttpRequest, body: LimitBody) -> LimitList:
    """Note another limit from a day on, as a platform announced it."""
    actions.add_override(
        actor_of(request),
        Quota(**body.dict()),
        queries.counted_channels(),
        now=runtime().clock.now(),
    )
    return _limits()


def _limits() -> LimitList:
    return LimitList(
        items=[
            LimitItem(
                channel=quota.channel,
                per=quota.per,
                window=quota.window,
                limit=quota.limit,
                valid_from=quota.valid_from,
                source=quota.source,
                is_ours=is_ours,
            )
            for quota, is_ours in queries.list_limits()
        ]
    )
