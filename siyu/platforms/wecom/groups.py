"""Customer groups 客户群: read, and what happened there as facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from siyu.kernel.clock import SHANGHAI, from_ms, to_ms
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.kernel.identity import Identity
from siyu.kernel.ids import digest
from siyu.platforms.wecom import wire_groups as wire
from siyu.platforms.wecom.errors import BOOK
from siyu.platforms.wecom.group_calls import GroupCalls
from siyu.platforms.wecom.mapping import PLATFORM, customer_identity
from siyu.platforms.wecom.transport import Transport
from siyu.ports import facts
from siyu.ports.capabilities import AccountConfig
from siyu.ports.facts import Fact
from siyu.ports.groups import (
    BY_LINK,
    INVITED,
    SCANNED,
    UNKNOWN,
    GroupDay,
    Membership,
    RemoteGroup,
    RemoteMember,
)

OWNERS_PER_CALL = 100
DAYS_PER_CALL = 31
_STAFF = 1
_SCENES = {1: INVITED, 2: BY_LINK, 3: SCANNED}
_EVIDENCE = "企业微信客户群成员里同时有客户 ID 与 UnionID"


class Groups:
    """The `GroupSource` of a corp."""

    def __init__(self, transport: Transport) -> None:
        self._calls = GroupCalls(transport)

    def list_groups(self, cursor: str, owners: Sequence[str] = ()) -> tuple[list[str], str]:
        """See `GroupSource.list_groups`; at most 100 owners. A page may be empty."""
        if len(owners) > OWNERS_PER_CALL:
            raise Refused("wecom.staff", f"一次最多 {OWNERS_PER_CALL} 名群主", field="owners")
        page = self._calls.list_chats(owners, cursor)
        following = "" if page.next_cursor == cursor else page.next_cursor
        return [chat.chat_id for chat in page.group_chat_list], following

    def fetch_group(self, remote_id: str) -> RemoteGroup | None:
        """See `GroupSource.fetch_group`."""
        try:
            chat = self._calls.get_chat(remote_id).group_chat
        except PlatformRefused as error:
            if is_nothing(error):
                return None
            raise
        return group_of(chat, self._calls.transport.account)

    def fetch_days(self, owner: str, start: date, end: date) -> list[GroupDay]:
        """See `GroupSource.fetch_days`; asks for 31 days a call."""
        found: list[GroupDay] = []
        while start <= end:
            last = min(end, start + timedelta(days=DAYS_PER_CALL - 1))
            page = self._calls.get_statistic(owner, _midnight(start), _midnight(last))
            found += [_day(owner, item) for item in page.items]
            start = last + timedelta(days=1)
        return found

    def join_fact(self, membership: Membership) -> Fact:
        """See `GroupSource.join_fact`."""
        return _fact(facts.GROUP_JOINED, membership, self._calls.transport.account)

    def leave_fact(self, membership: Membership) -> Fact:
        """See `GroupSource.leave_fact`."""
        return _fact(facts.GROUP_LEFT, membership, self._calls.transport.account)


def group_of(chat: wire.Chat, account: AccountConfig) -> RemoteGroup:
    """A group as the platform shows it → ours. Pure."""
    return RemoteGroup(
        remote_id=chat.chat_id,
        name=chat.name,
        owner=chat.owner,
        created_at=from_ms(chat.create_time * 1000),
        notice=chat.notice,
        admins=tuple(admin.userid for admin in chat.admin_list or ()),
        members=tuple(_member(member, account) for member in chat.member_list),
        version=chat.member_version,
    )


def is_nothing(error: PlatformRefused) -> bool:
    """Whether a refusal only says that there is no such thing (any more)."""
    return BOOK.rule_of(int(error.platform_code)).name == "no_group"


def _member(member: wire.Member, account: AccountConfig) -> RemoteMember:
    is_staff = member.type == _STAFF
    return RemoteMember(
        remote_id=member.userid,
        is_staff=is_staff,
        joined_at=from_ms(member.join_time * 1000),
        identities=() if is_staff else _identities(member, account),
        join_kind=_SCENES.get(member.join_scene, UNKNOWN),
        state=member.state,
        invitor=member.invitor.userid if member.invitor else "",
        name=member.group_nickname or member.name,
    )


def _identities(member: wire.Member, account: AccountConfig) -> tuple[Identity, ...]:
    own = customer_identity(account, member.userid)
    if not member.unionid:
        return (own,)
    return (own, Identity("wx_unionid", account.fields.get("open_account", ""), member.unionid))


def _day(owner: str, item: wire.DayItem) -> GroupDay:
    return GroupDay(
        owner=owner,
        day=from_ms(item.stat_time * 1000).astimezone(SHANGHAI).date(),
        groups=item.data.chat_total,
        new_groups=item.data.new_chat_cnt,
        members=item.data.member_total,
        new_members=item.data.new_member_cnt,
        speakers=item.data.member_has_msg,
        messages=item.data.msg_total,
    )


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp())


def _fact(name: str, membership: Membership, account: AccountConfig) -> Fact:
    at = to_ms(membership.at)
    properties = {
        "group": membership.group_key,
        "kind": membership.kind,
        "state": membership.state,
        "owner": membership.owner,
    }
    key = f"{account.key}|{name}|{membership.group_id}|{membership.remote_id}|{at}"
    return Fact(
        name=name,
        at=at,
        received_at=at,
        source=account.key,
        message_id=f"group:{digest(key.encode()).hex()}",
        platform=PLATFORM,
        identities=membership.identities,
        account=account.key,
        evidence=_EVIDENCE if len(membership.identities) > 1 else "",
        properties={key: value for key, value in properties.items() if value},
    )
