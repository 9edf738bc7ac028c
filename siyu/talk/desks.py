"""Desks as people manage them, and handing a customer over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound, Refused
from siyu.ports.desk import DeskState, ServiceDesk
from siyu.reach import actions as reach
from siyu.talk.desk_pulling import list_from_platform
from siyu.talk.models import Conversation, Desk, DeskSession
from siyu.talk.queries import get_conversation

MAX_WELCOME = 600
LOST = "这个客服账号不再授权给本应用, 请在微信客服后台重新授权"


@dataclass(frozen=True, kw_only=True)
class DeskView:
    """A desk. servicers: staff and whether they take new customers. open: sessions not ended.
    is_ours: the platform lets us answer there."""

    id: int
    account: str
    remote_id: str
    name: str
    servicers: list[dict[str, object]]
    welcome_text: str
    open: int
    human: int
    pulled_at: datetime | None
    error: str
    is_ours: bool


def list_desks(actor: Actor) -> list[DeskView]:
    """All desks that exist, by account and name."""
    require(actor, "talk:read")
    rows = list(Desk.objects.filter(is_gone=False).order_by("account", "name", "pk"))
    sessions = _count_sessions(rows)
    return [_view(row, sessions.get(row.pk, (0, 0))) for row in rows]


def refresh_desks(actor: Actor, account: str, *, now: datetime) -> int:
    """Read an account's desks from the platform; returns how many there are."""
    require(actor, "group:write")
    return list_from_platform(account, now)


def create_desk(actor: Actor, account: str, name: str, *, now: datetime) -> int:
    """Make a desk at the platform and keep it; returns its number."""
    require(actor, "group:write")
    remote_id = _desk(account).create_desk(name.strip(), "")
    with transaction.atomic():
        row = Desk.objects.create(
            account=account, remote_id=remote_id, name=name.strip(), due_at=now
        )
        record_audit(actor, "create_desk", f"desk:{row.pk}", now=now)
    return int(row.pk)


def update_desk(
    actor: Actor,
    desk_id: int,
    *,
    name: str | None = None,
    welcome_text: str | None = None,
    now: datetime,
) -> None:
    """Change a desk's name (at the platform, too) or its welcome words."""
    require(actor, "group:write")
    row = _own_row(desk_id)
    if welcome_text and len(welcome_text) > MAX_WELCOME:
        raise Refused("desk.welcome", f"欢迎语最多 {MAX_WELCOME} 字", field="welcome_text")
    if welcome_text:
        reach.check_template(welcome_text, field="welcome_text")
    if name is not None and name.strip() != row.name:
        _desk(row.account).rename_desk(row.remote_id, name.strip())
        row.name = name.strip()
    row.welcome_text = row.welcome_text if welcome_text is None else welcome_text
    with transaction.atomic():
        row.save(update_fields=["name", "welcome_text"])
        record_audit(actor, "update_desk", f"desk:{row.pk}", now=now)


def delete_desk(actor: Actor, desk_id: int, *, now: datetime) -> None:
    """Delete a desk at the platform, or only put away one that is not ours any more.

    What was said there stays.
    """
    require(actor, "group:write")
    row = _row(desk_id)
    if row.is_ours:
        _desk(row.account).delete_desk(row.remote_id)
    with transaction.atomic():
        Desk.objects.filter(pk=row.pk).update(is_gone=True, due_at=None)
        record_audit(actor, "delete_desk", f"desk:{row.pk}", now=now)


def change_servicers(
    actor: Actor,
    desk_id: int,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    now: datetime,
) -> Mapping[str, str]:
    """Who answers at a desk; returns staff whom the platform refused, with the reason."""
    require(actor, "group:write")
    row, refused = _own_row(desk_id), dict[str, str]()
    desk = _desk(row.account)
    if add:
        refused |= desk.add_servicers(row.remote_id, list(add))
    if remove:
        refused |= desk.remove_servicers(row.remote_id, list(remove))
    row.servicers = [
        {"staff": who.staff, "is_receiving": who.is_receiving}
        for who in desk.list_servicers(row.remote_id)
    ]
    with transaction.atomic():
        row.save(update_fields=["servicers"])
        record_audit(actor, "change_servicers", f"desk:{row.pk}", now=now)
    return refused


def make_link(actor: Actor, desk_id: int, scene: str) -> str:
    """The address that opens a chat with the desk; `scene` tells later where it hung."""
    require(actor, "talk:read")
    row = _own_row(desk_id)
    return _desk(row.account).make_link(row.remote_id, scene.strip())


def hand_over(
    actor: Actor, conversation_id: int, state: str, staff: str = "", *, now: datetime
) -> None:
    """Put a customer into the queue, into somebody's hands, or end the session."""
    require(actor, "talk:write")
    row = get_conversation(actor, conversation_id)
    if state not in {DeskState.QUEUED, DeskState.HUMAN, DeskState.ENDED}:
        raise Refused("desk.state", "请选择排队、转给员工或结束", field="state")
    if state == DeskState.HUMAN and not staff:
        raise Refused("desk.staff", "请选择接待人员", field="staff")
    session = DeskSession.objects.filter(account=row.account, thread=row.thread).first()
    if session is None:
        raise Refused("desk.none", "这个会话不在客服账号里", field="state")
    desk = _check_ours(desk_of(row))
    _desk(row.account).hand_over(
        desk.remote_id, session.remote_id, DeskState(state), staff if state == "human" else ""
    )
    session.state, session.staff = state, staff if state == DeskState.HUMAN else ""
    session.changed_at = now
    with transaction.atomic():
        session.save(update_fields=["state", "staff", "changed_at"])
        detail = {"state": state, "staff": session.staff}
        record_audit(actor, "hand_over", f"conversation:{row.pk}", now=now, detail=detail)


def desk_of(row: Conversation) -> Desk:
    """The desk of a conversation; NotFound when it is at none."""
    for desk in Desk.objects.filter(account=row.account):
        if f":{desk.remote_id}:" in row.thread:
            return desk
    raise NotFound("desk.unknown", "没有这个客服账号")


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: sessions through these identities."""
    DeskSession.objects.filter(identity_id__in=list(identity_ids)).delete()


def _count_sessions(rows: Sequence[Desk]) -> dict[int, tuple[int, int]]:
    counts = {}
    for row in rows:
        mine = DeskSession.objects.filter(
            account=row.account, thread__contains=f":{row.remote_id}:"
        ).exclude(state=DeskState.ENDED)
        counts[row.pk] = (mine.count(), mine.filter(state=DeskState.HUMAN).count())
    return counts


def _view(row: Desk, sessions: tuple[int, int]) -> DeskView:
    return DeskView(
        id=row.pk,
        account=row.account,
        remote_id=row.remote_id,
        name=row.name or row.remote_id,
        servicers=list(row.servicers),
        welcome_text=row.welcome_text,
        open=sessions[0],
        human=sessions[1],
        pulled_at=row.pulled_at,
        error=row.error if row.is_ours else "",
        is_ours=row.is_ours,
    )


def _row(desk_id: int) -> Desk:
    row = Desk.objects.filter(pk=desk_id, is_gone=False).first()
    if row is None:
        raise NotFound("desk.unknown", "没有这个客服账号")
    return row


def _own_row(desk_id: int) -> Desk:
    return _check_ours(_row(desk_id))


def _check_ours(row: Desk) -> Desk:
    if not row.is_ours:
        raise Refused("desk.lost", LOST)
    return row


def _desk(account: str) -> ServiceDesk:
    desk = connector(account).desk
    if desk is None:
        raise Refused("desk.platform", "这个平台没有客服账号", field="account")
    return desk
