"""What other slices and the worker call: plan, cancel, hear, and the three duties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.reach import cohorts, follow_up, quotas
from siyu.reach.campaigns import cancel_tasks, remind_senders
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher
from siyu.reach.erasure import forget_identities
from siyu.reach.failures import note_failures
from siyu.reach.gates import register_gate
from siyu.reach.ledger import cancel_campaign, cancel_touches, plan_touches
from siyu.reach.limits import add_override
from siyu.reach.permits import hear_permits
from siyu.reach.policy import update_policy
from siyu.reach.replies import note_replies
from siyu.reach.types import Cohort, GroupTarget
from siyu.reach.waves import close_waves, open_waves
from siyu.reach.windows import open_windows
from siyu.reach.wording import check_template, render

__all__ = [
    "add_override",
    "cancel_campaign",
    "cancel_tasks",
    "cancel_touches",
    "check_template",
    "close_waves",
    "dispatch",
    "dispatcher",
    "forget_identities",
    "hear",
    "open_waves",
    "plan_cohort",
    "plan_groups",
    "plan_touches",
    "poll",
    "pull_foreign",
    "reconcile",
    "register_gate",
    "remind_senders",
    "render",
    "set_dispatcher",
    "update_policy",
]

_dispatcher: Dispatcher | None = None


def hear(batch: Batch) -> None:
    """Stage: reply windows open, permissions count, answered and failed messages are marked."""
    open_windows(batch)
    hear_permits(batch)
    note_failures(batch)
    note_replies(batch)


def dispatcher() -> Dispatcher:
    """The dispatcher of this process, made when first needed."""
    global _dispatcher  # noqa: PLW0603 - one per process, by design
    if _dispatcher is None:
        _dispatcher = Dispatcher(catalog(), runtime().clock)
    return _dispatcher


def set_dispatcher(value: Dispatcher | None) -> None:
    """Use this dispatcher in this process (tests); None = make a new one when needed."""
    global _dispatcher  # noqa: PLW0603 - one per process, by design
    _dispatcher = value


def dispatch() -> bool:
    """Duty: decide due touches and hand them to the platforms."""
    return dispatcher().dispatch()


def plan_cohort(cohort: Cohort, customer_ids: Sequence[int], now: datetime) -> int:
    """See `cohorts.plan_cohort`."""
    return cohorts.plan_cohort(cohort, customer_ids, catalog(), now)


def plan_groups(cohort: Cohort, groups: Sequence[GroupTarget], now: datetime) -> int:
    """See `cohorts.plan_groups`."""
    return cohorts.plan_groups(cohort, groups, catalog(), now)


def pull_foreign() -> bool:
    """Duty: count what other tools sent."""
    return quotas.pull_foreign(catalog(), runtime().clock.now())


def poll() -> bool:
    """Duty: ask the platforms for results."""
    return follow_up.poll(dispatcher())


def reconcile() -> bool:
    """Duty: free what dead workers held, settle unknown outcomes."""
    return follow_up.reconcile(dispatcher())
