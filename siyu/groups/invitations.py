"""Invitations: an audience is asked into the groups of a code, and what came of it per customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.scope import staff_scope
from siyu.core.writing import insert_rows
from siyu.groups.codes import get_code, path_of
from siyu.groups.counting import joined_of, present_in
from siyu.groups.models import Invitation, Invitee
from siyu.groups.types import InvitationView, InviteeView
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool
from siyu.pool.absence import absent_staff
from siyu.pool.lookups import carriers, match_customers
from siyu.reach import actions as reach
from siyu.reach import queries as reach_queries
from siyu.reach.types import BEST, MARKETING, TouchPlan
from siyu.segments import queries as segments

MESSAGE, TODO = "message", "todo"
CHUNK = 500
MOST = 50_000
LIFE = timedelta(days=3)


def create_invitation(
    actor: Actor,
    *,
    name: str,
    code_id: int,
    way: str,
    text: str,
    segment_id: int | None = None,
    tag_id: int | None = None,
    now: datetime,
) -> InvitationView:
    """Invite a segment's members or a tag's carriers as they are now, at most 50,000.

    text may use `{{ link }}`: the code's page. Who is in one of the code's groups already is left
    out. `message`: one message each through the ledger; `todo`: a list for the staff who know
    them, so who knows nobody still there is left out.
    """
    require(actor, "group:write")
    code = get_code(actor, code_id)
    _check(name, way, text)
    people = _audience(segment_id, tag_id, now)
    present = present_in([one.id for one in code.groups])
    people = [one for one in people if one not in present]
    if not 1 <= len(people) <= MOST:
        raise Refused("invitation.audience", f"可邀请的客户须为 1 到 {MOST} 位", field="segment_id")
    with transaction.atomic():
        row = Invitation.objects.create(
            name=name.strip(),
            code_id=code_id,
            way=way,
            segment_id=segment_id,
            tag_id=tag_id,
            text=text,
            created_by=actor.name,
            created_at=now,
        )
        link = f"{settings.ENVIRONMENT.public_url}{path_of(code.slug)}"
        for start in range(0, len(people), CHUNK):
            row.total += _invite(row, people[start : start + CHUNK], link, now)
        if not row.total:
            raise Refused(
                "invitation.nobody", "这些客户没有在职的好友员工, 请改为发消息", field="way"
            )
        row.save(update_fields=["total"])
        record_audit(actor, "invite_to_groups", f"group_invitation:{row.pk}", now=now)
    return _views([row])[0]


def list_invitations(actor: Actor) -> list[InvitationView]:
    """All invitations, the newest first."""
    require(actor, "group:read")
    return _views(Invitation.objects.order_by("-pk").select_related("code")[:MAX_LIMIT])


def list_invitees(
    actor: Actor, invitation_id: int, cursor: str | None = None, limit: int = 50
) -> Page[InviteeView]:
    """Who was invited and what came of it; a guide sees those who are his to ask, a manager
    those of his staff."""
    require(actor, "group:read")
    row = Invitation.objects.select_related("code").filter(pk=invitation_id).first()
    if row is None:
        raise NotFound("invitation.unknown", "没有这次邀请")
    found = _mine(actor, Invitee.objects.filter(invitation=row))
    if cursor:
        found = found.filter(pk__gt=decode_cursor(cursor, int)[0])
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("pk")[: size + 1])
    more = len(rows) > size
    views = _invitees(actor, row, rows[:size])
    return Page(views, encode_cursor(rows[size - 1].pk) if more else None)


def tick_off(actor: Actor, invitee_id: int, *, now: datetime) -> None:
    """A member of staff has asked this customer."""
    require(actor, "talk:write")
    row = _mine(actor, Invitee.objects.filter(pk=invitee_id)).first()
    if row is None or row.invitation.way != TODO:
        raise NotFound("invitation.unknown", "没有这条待办")
    with transaction.atomic():
        Invitee.objects.filter(pk=row.pk, done_at__isnull=True).update(done_at=now)
        record_audit(actor, "tick_off_invitation", f"group_invitee:{row.pk}", now=now)


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: nobody remembers that this person was invited."""
    Invitee.objects.filter(identity_id__in=list(identity_ids)).delete()


def campaign_of(invitation_id: int) -> str:
    return f"group_invite:{invitation_id}"


def _invite(row: Invitation, people: Sequence[int], link: str, now: datetime) -> int:
    known = match_customers(people)
    staff = _staff_of(people, row.code.account) if row.way == TODO else {}
    if row.way == TODO:
        known = {customer: person for customer, person in known.items() if customer in staff}
    touches: dict[int, int] = {}
    if row.way == MESSAGE:
        plans = [_plan(row, customer, link, now) for customer in known]
        ids = reach.plan_touches(plans, now=now)
        touches = dict(zip(known, ids, strict=True))
    insert_rows(
        [
            Invitee(
                invitation=row,
                customer_id=person[0],
                identity_id=person[1],
                touch_id=touches.get(customer),
                staff=staff.get(customer, ""),
            )
            for customer, person in known.items()
        ],
        ignore_conflicts=True,
    )
    return len(known)


def _plan(row: Invitation, customer_id: int, link: str, now: datetime) -> TouchPlan:
    return TouchPlan(
        campaign=campaign_of(row.pk),
        version=0,
        step="invite",
        entry_key=str(customer_id),
        customer_id=customer_id,
        identity_id=None,
        channel=BEST,
        template=row.text,
        purpose=MARKETING,
        due_at=now,
        expires_at=now + LIFE,
        context={"values": {"link": link}},
    )


def _staff_of(people: Sequence[int], account: str) -> dict[int, str]:
    """Who knows each customer: the newest living relation of the account with somebody who is
    still there."""
    found, absent = {}, absent_staff(account)
    for customer_id, relations in pool.relations_of(people).items():
        mine = [
            one
            for one in relations
            if one.account == account and one.is_friend and one.staff not in absent
        ]
        if mine:
            found[customer_id] = mine[0].staff
    return found


def _audience(segment_id: int | None, tag_id: int | None, now: datetime) -> list[int]:
    if (segment_id is None) == (tag_id is None):
        raise Refused("invitation.audience", "请选择一个人群或一个标签", field="segment_id")
    if segment_id is not None:
        definition = segments.load_definition(segment_id)
        return [int(one) for one in segments.evaluate(definition, now=now)]
    return carriers(tag_id or 0)


def _check(name: str, way: str, text: str) -> None:
    if not 1 <= len(name.strip()) <= 64:
        raise Refused("invitation.name", "名称须为 1 到 64 个字", field="name")
    if way not in {MESSAGE, TODO}:
        raise Refused("invitation.way", "请选择发消息或员工待办", field="way")
    if not text.strip():
        raise Refused("invitation.text", "请填写邀请内容", field="text")
    reach.check_template(text, field="text")


def _mine(actor: Actor, rows: QuerySet[Invitee]) -> QuerySet[Invitee]:
    scope = staff_scope(actor)
    account = "invitation__code__account"
    return rows if scope is None else rows.filter(scope.matches(account=account))


def _views(rows: Iterable[Invitation]) -> list[InvitationView]:
    return [_view(row) for row in rows]


def _view(row: Invitation) -> InvitationView:
    invited = Invitee.objects.filter(invitation=row)
    if row.way == TODO:
        sent = invited.filter(done_at__isnull=False).count()
    else:
        sent = reach_queries.count_delivered(campaign_of(row.pk))
    return InvitationView(
        id=row.pk,
        name=row.name,
        way=row.way,
        code_id=row.code_id,
        code_name=row.code.name,
        segment_id=row.segment_id,
        tag_id=row.tag_id,
        text=row.text,
        total=row.total,
        sent=sent,
        joined=len(joined_of(invited.values("customer_id"), row.code.groups, row.created_at)),
        created_at=row.created_at,
    )


def _invitees(actor: Actor, row: Invitation, rows: Sequence[Invitee]) -> list[InviteeView]:
    people = [one.customer_id for one in rows]
    mine = pool.visible_customer_ids(actor, people)
    names = pool.names_of(mine)
    states = reach_queries.states_of([one.touch_id for one in rows if one.touch_id])
    joined = joined_of(people, row.code.groups, row.created_at)
    return [
        InviteeView(
            id=one.pk,
            customer_id=one.customer_id,
            name=names.get(one.customer_id, ""),
            staff=one.staff,
            state=states.get(one.touch_id or 0, "done" if one.done_at else "todo"),
            is_joined=one.customer_id in joined,
        )
        for one in rows
        if one.customer_id in mine
    ]
