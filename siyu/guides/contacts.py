"""Customers and their relations as a pull reads them."""

from __future__ import annotations

from datetime import datetime

from siyu.core.accounts import connector
from siyu.core.intake import submit_facts
from siyu.guides import known
from siyu.guides.colleagues import tell_leavers
from siyu.guides.models import Known, Staff, Sync
from siyu.guides.pulling import Part, Plan, Pull, PullPage, in_chunks
from siyu.kernel.errors import Refused
from siyu.ports.capabilities import ContactSource

STAFF_PER_CALL = 100
GONE_PER_TURN = 500
DOUBTFUL_GONE, DOUBTFUL_SHARE = 50, 0.2
"""A pull that misses this many relations and this share of them all was rather not shown them."""
MORE = "more"


class ContactPull:
    """Pulls the relations of at most 100 staff at a time, then tells who is gone."""

    name = "contacts"
    is_essential = True

    def is_offered(self, account: str) -> bool:
        """See `PullSource.is_offered`."""
        return connector(account).contacts is not None

    def plan(self, pull: Pull) -> Plan:
        """See `PullSource.plan`; who may have customers is written down on the way."""
        staff = _source(pull).list_staff()
        note_staff(pull.account, staff, pull.started_at)
        expected = Known.objects.filter(account=pull.account, ended_at__isnull=True).count()
        return Plan(in_chunks(staff, STAFF_PER_CALL), staff, expected)

    def read(self, pull: Pull, part: Part) -> PullPage:
        """One page, kept in the inbox before the checkpoint moves: a repeat changes nothing."""
        found, cursor = _source(pull).fetch_contacts(part, pull.cursor)
        page = known.compare(found, pull, _started_before(pull))
        submit_facts(page.submit)
        return PullPage(
            found=len(found),
            changed=len(page.submit),
            missed=page.missed,
            cursor=cursor,
            keep=lambda: known.remember(page),
        )

    def finish(self, pull: Pull, now: datetime) -> PullPage:  # noqa: ARG002 - as every source
        """Tell of relations that the platform no longer has, some a turn.

        Whoever left since the pull began is not judged: his customers are on no list any more.
        When suspiciously many are gone the pull fails instead, and nobody is told lost.
        """
        if not known.list_gone(pull, pull.staff, 1):
            return PullPage()
        source = _source(pull)
        staff = set(pull.staff).intersection(source.list_staff())
        count, total = known.count_gone(pull, staff)
        if not pull.gone and count >= DOUBTFUL_GONE and count >= total * DOUBTFUL_SHARE:
            raise Refused(
                "sync.doubtful",
                f"名单比上次少了 {count} 人 (共 {total} 人), 像是可见范围变了, 没有当作流失处理",
            )
        gone = known.list_gone(pull, staff, GONE_PER_TURN)
        submit_facts(
            [source.end_relation(row.remote_id, row.staff, pull.started_at) for row in gone]
        )
        more = MORE if len(gone) == GONE_PER_TURN else ""
        count = len(gone)
        return PullPage(gone=count, missed=count, cursor=more, keep=lambda: known.forget(gone))


def note_staff(account: str, staff: list[str], now: datetime) -> None:
    """Who may have customers as the platform has it now: who is not listed is inactive.

    A nameless entry stands for the account itself, whose followers are nobody's in particular.
    """
    Staff.objects.bulk_create(
        [
            Staff(account=account, staff=one, is_active=True, first_seen_at=now, seen_at=now)
            for one in staff
            if one
        ],
        update_conflicts=True,
        unique_fields=["account", "staff"],
        update_fields=["is_active", "seen_at"],
    )
    Staff.objects.filter(account=account, seen_at__lt=now).update(is_active=False)
    tell_leavers(account, now)


def _started_before(pull: Pull) -> datetime | None:
    """When the last whole pull before this one began."""
    earlier = Sync.objects.filter(
        account=pull.account, state="done", is_partial=False, pk__lt=pull.id
    )
    return earlier.order_by("-pk").values_list("started_at", flat=True).first()


def _source(pull: Pull) -> ContactSource:
    source = connector(pull.account).contacts
    assert source is not None, "only asked where it is offered"
    return source
