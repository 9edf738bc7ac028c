"""By which channels each customer can be reached now, from relations and reply windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from siyu.pool import queries as pool
from siyu.pool.absence import absent_staff
from siyu.pool.types import IdentityRow, Relation
from siyu.ports import facts
from siyu.ports.manifest import Channel
from siyu.reach.catalog import Catalog, is_windowed, window_length
from siyu.reach.models import Permit, Touch, Window
from siyu.reach.permits import permits_of
from siyu.reach.silences import Place, silences_of
from siyu.reach.types import NOT_OUR_TURN, STAFF_LEFT, OpenChannel
from siyu.reach.windows import last_call

_NONE: Place = ("", "")


@dataclass(frozen=True)
class _Known:
    """What the pool and the windows say about one customer."""

    identities: Sequence[IdentityRow]
    relations: Sequence[Relation]
    windows: Mapping[tuple[str, str], Window]
    permits: Sequence[Permit] = ()
    leavers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    silences: Mapping[Place, str] = field(default_factory=dict)


def find_routes(
    customer_ids: Iterable[int], catalog: Catalog, now: datetime
) -> dict[int, list[OpenChannel]]:
    """Every channel of every active account for each customer, open or closed with a reason."""
    ids = sorted(set(customer_ids))
    offered = [
        (key, channel)
        for key in catalog.accounts()
        for channel in catalog.channels_of(key)
        if not channel.is_for_groups
    ]
    known = _gather(ids, sorted({channel.address for _, channel in offered}))
    by_staff = {key for key, channel in offered if _is_by_staff(channel)}
    leavers = {key: absent_staff(key) for key in by_staff}
    known = {key: replace(one, leavers=leavers) for key, one in known.items()}
    if any(channel.needs_permit for _, channel in offered):
        permits = permits_of(ids)
        known = {key: replace(one, permits=permits.get(key, ())) for key, one in known.items()}
    routes: dict[int, list[OpenChannel]] = {}
    for customer_id in ids:
        routes[customer_id] = [
            route
            for account, channel in offered
            for route in _routes_of(known[customer_id], account, channel, now)
        ]
    return routes


def group_route(touch: Touch, catalog: Catalog) -> OpenChannel | None:
    """The way to a group: by the member of staff who owns it; None when the channel is gone."""
    for channel in catalog.channels_of(touch.account):
        if channel.name == touch.channel and channel.is_for_groups:
            has_left = touch.sender in absent_staff(touch.account)
            return _route(
                touch.account,
                channel,
                sender=touch.sender,
                address=touch.address,
                reason_if_closed=STAFF_LEFT if has_left else "",
            )
    return None


def _is_by_staff(channel: Channel) -> bool:
    """Whether a member of staff has to do something for each message."""
    return channel.needs_staff and not is_windowed(channel)


def _gather(ids: Sequence[int], namespaces: Sequence[str]) -> dict[int, _Known]:
    identities = pool.identities_of(ids, namespaces)
    relations = pool.relations_of(ids)
    windows: dict[int, dict[tuple[str, str], Window]] = defaultdict(dict)
    for window in Window.objects.filter(customer_id__in=ids).order_by("until", "id"):
        windows[window.customer_id][(window.account, window.channel)] = window
    silences = silences_of(
        {_place(one) for by in windows.values() for one in by.values()} - {_NONE}
    )
    return {
        customer_id: _Known(
            identities.get(customer_id, []),
            relations.get(customer_id, []),
            windows.get(customer_id, {}),
            silences=silences,
        )
        for customer_id in ids
    }


def _place(window: Window) -> Place:
    thread = str(window.context.get("conversation_id", ""))
    return (window.account, thread) if thread else _NONE


def _routes_of(known: _Known, account: str, channel: Channel, now: datetime) -> list[OpenChannel]:
    if is_windowed(channel):
        return [_windowed(known, account, channel, now)]
    if channel.needs_permit:
        return [_permitted(known, account, channel)]
    relations = [relation for relation in known.relations if relation.account == account]
    friends = [relation for relation in relations if relation.is_friend]
    if not friends:
        reason = "not_friend" if relations else "no_channel"
        return [_route(account, channel, reason_if_closed=reason)]
    gone = known.leavers.get(account, frozenset()) if _is_by_staff(channel) else frozenset()
    return [
        _route(
            account,
            channel,
            sender=relation.staff,
            identity_id=relation.identity_id,
            reason_if_closed=STAFF_LEFT,
        )
        if relation.staff in gone
        else _addressed(known, account, channel, relation.identity_id, {"sender": relation.staff})
        for relation in friends
    ]


def _windowed(known: _Known, account: str, channel: Channel, now: datetime) -> OpenChannel:
    window = known.windows.get((account, channel.name))
    if window is None:
        return _route(account, channel, reason_if_closed="no_channel")
    details = {
        "until": window.until,
        "remaining": window.remaining,
        "window_id": window.pk,
        "context": {str(key): str(value) for key, value in window.context.items()},
        "sender": str(window.context.get("staff", "")),
    }
    if last_call(window) <= now or window.remaining == 0:
        return _route(account, channel, reason_if_closed="window_closed", **details)
    silence = known.silences.get(_place(window), "")
    is_greeting = silence == NOT_OUR_TURN and channel.trigger == facts.CHAT_ENTERED
    if silence and not is_greeting:
        return _route(account, channel, reason_if_closed=silence, **details)
    return _addressed(known, account, channel, window.identity_id, details)


def _permitted(known: _Known, account: str, channel: Channel) -> OpenChannel:
    """Open while the person allows anything; which template is asked once the text is known."""
    mine = [row for row in known.permits if (row.account, row.channel) == (account, channel.name)]
    left = sum(row.left for row in mine)
    if not left:
        return _route(account, channel, reason_if_closed="no_permit" if mine else "no_channel")
    return _addressed(known, account, channel, mine[0].identity_id, {"remaining": left})


def _addressed(
    known: _Known,
    account: str,
    channel: Channel,
    identity_id: int | None,
    details: Mapping[str, Any],
) -> OpenChannel:
    identity = _address(known.identities, account, channel.address, identity_id)
    if identity is None:
        closed = {"identity_id": identity_id, "reason_if_closed": "no_address"}
        return _route(account, channel, **closed, **details)
    return _route(account, channel, address=identity.value, identity_id=identity.id, **details)


def _address(
    identities: Sequence[IdentityRow], account: str, namespace: str, identity_id: int | None
) -> IdentityRow | None:
    """The identity the contact came through, else the one of this account's scope."""
    fit = [row for row in identities if row.namespace == namespace]
    for row in fit:
        if row.id == identity_id:
            return row
    scope = account.partition(":")[2]
    return next((row for row in fit if row.scope in {scope, account, ""}), None)


def _route(account: str, channel: Channel, **details: Any) -> OpenChannel:
    return OpenChannel(
        channel=channel.name,
        account=account,
        cost_fen=channel.cost_fen,
        is_windowed=is_windowed(channel),
        needs_permit=channel.needs_permit,
        is_marketing=channel.is_marketing,
        needs_staff=channel.needs_staff,
        max_chars=channel.max_chars,
        batch=max(1, channel.batch),
        window_seconds=window_length(channel).total_seconds(),
        **details,
    )
