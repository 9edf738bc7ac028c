"""What the inbox shows of service desks: who answers, and our words that do not come back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q

from siyu.core.accounts import manifests
from siyu.ports.desk import DeskState
from siyu.reach import queries as reach
from siyu.reach.silences import Place
from siyu.reach.types import DESK_LOST, NOT_OUR_TURN, TouchRow, TouchState
from siyu.talk.desk_hearing import WELCOME, welcome_step
from siyu.talk.models import Conversation, Desk, DeskSession, Message
from siyu.talk.types import MessageView

REPLY = "reply"
"""The campaign of replies; their step is `conversation:<id>`."""


_OURS = frozenset({DeskState.NEW, DeskState.ASSISTANT})


def reply_step(conversation_id: int) -> str:
    return f"conversation:{conversation_id}"


def silences_of(places: Collection[Place]) -> dict[Place, str]:
    """Of some conversations, those in which we must not speak, with the reason: their desk is not
    ours, staff are in charge, or the session is over."""
    threads = {thread for _, thread in places}
    busy = DeskSession.objects.filter(thread__in=threads).exclude(state__in=_OURS)
    silent = dict.fromkeys(busy.values_list("account", "thread"), NOT_OUR_TURN)
    lost = Desk.objects.filter(Q(is_ours=False) | Q(is_gone=True))
    for account, remote_id in lost.values_list("account", "remote_id"):
        mark = f":{remote_id}:"
        silent |= {(account, one): DESK_LOST for one in threads if mark in one}
    return {place: silent[place] for place in places if place in silent}


def why_silent(row: Conversation) -> str:
    """Why we must not speak in it now; "" = we may."""
    place = (row.account, row.thread)
    return silences_of([place]).get(place, "")


def desk_places(rows: Sequence[Conversation]) -> dict[int, dict[str, Any]]:
    """Of the conversations at a desk: desk, session, servicers; `is_open` False where others
    answer."""
    sessions = {
        (one.account, one.thread): one
        for one in DeskSession.objects.filter(thread__in=[row.thread for row in rows])
    }
    if not sessions:
        return {}
    desks = list(Desk.objects.filter(account__in={account for account, _ in sessions}))
    return {
        row.pk: _place(sessions[row.account, row.thread], desks)
        for row in rows
        if (row.account, row.thread) in sessions
    }


def silent_replies(
    row: Conversation, messages: Sequence[Message], *, is_first: bool, is_last: bool
) -> list[MessageView]:
    """Delivered replies of channels that tell nothing back, within the time of one page."""
    quiet = _quiet_channels(row.account)
    if not quiet:
        return []
    newest = None if is_first or not messages else messages[0].at
    oldest = None if is_last or not messages else messages[-1].at
    steps = {(REPLY, reply_step(row.pk))}
    steps |= {
        (WELCOME, welcome_step(desk.pk))
        for desk in Desk.objects.filter(account=row.account)
        if f":{desk.remote_id}:" in row.thread
    }
    return [
        _said(touch)
        for touch in reach.touches_of(row.customer_id)
        if touch.state == TouchState.DELIVERED
        and touch.channel in quiet
        and (touch.campaign, touch.step) in steps
        and (newest is None or _at(touch) <= newest)
        and (oldest is None or _at(touch) >= oldest)
    ]


def _place(session: DeskSession, desks: Sequence[Desk]) -> dict[str, Any]:
    mine = next((one for one in desks if f":{one.remote_id}:" in session.thread), None)
    is_lost = mine is not None and (mine.is_gone or not mine.is_ours)
    shut: dict[str, Any] = {} if session.state in _OURS and not is_lost else {"is_open": False}
    return {
        **shut,
        "is_desk_lost": is_lost,
        "desk": (mine.name or mine.remote_id) if mine else "",
        "session": session.state,
        "session_staff": session.staff,
        "servicers": [str(one["staff"]) for one in mine.servicers] if mine else [],
    }


def _quiet_channels(account: str) -> set[str]:
    manifest = manifests().get(account.partition(":")[0])
    return {one.name for one in manifest.channels if not one.is_echoed} if manifest else set()


def _at(touch: TouchRow) -> Any:
    return touch.done_at or touch.planned_at


def _said(touch: TouchRow) -> MessageView:
    return MessageView(
        id=f"touch:{touch.id}",
        is_ours=True,
        is_manual=False,
        kind="text",
        text=touch.text_preview,
        at=_at(touch),
        state="sent",
    )
