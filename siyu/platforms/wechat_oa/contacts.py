"""Fans, pulled: openids by 10,000, their profiles by 100."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.platforms.wechat_oa.client import FANS_PER_CALL, OfficialClient
from siyu.platforms.wechat_oa.mapping import fan_fact, gone_fact
from siyu.ports.facts import Fact

EVERYBODY = ""
"""Fans belong to the account, not to one of our staff."""


class Fans:
    """The `ContactSource` of an official account. Cursor: `<openid before the page>|<offset>`."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client
        self._page: tuple[str, list[str], str] | None = None
        self._tags: dict[int, str] = {}

    def list_staff(self) -> list[str]:
        """One nameless entry: the account itself."""
        return [EVERYBODY]

    def fetch_contacts(self, staff: Sequence[str], cursor: str) -> tuple[list[Fact], str]:
        """A hundred fans and where to go on. A page of openids is asked for once and kept."""
        if list(staff) != [EVERYBODY]:
            raise Refused("wechat.staff", "公众号的粉丝不属于某位员工", field="staff")
        before, offset = _read_cursor(cursor)
        openids, following = self._openids(before)
        chunk = openids[offset : offset + FANS_PER_CALL]
        found = self._facts(chunk) if chunk else []
        if offset + FANS_PER_CALL < len(openids):
            return found, f"{before}|{offset + FANS_PER_CALL}"
        return found, f"{following}|0" if following and following != before and openids else ""

    def fetch_contact(self, remote_id: str) -> list[Fact]:
        """One fan; [] when he or she does not follow."""
        asked_at = to_ms(self._client.now())
        fan = self._client.get_fan(remote_id)
        if not fan.subscribe:
            return []
        self._learn_tags({*fan.tagid_list})
        return [fan_fact(fan, self._client.account, self._tags, asked_at)]

    def end_relation(self, remote_id: str, staff: str, at: datetime) -> Fact:  # noqa: ARG002
        """See `ContactSource.end_relation`."""
        return gone_fact(self._client.account, remote_id, to_ms(at))

    def _facts(self, openids: Sequence[str]) -> list[Fact]:
        asked_at = to_ms(self._client.now())
        fans = [fan for fan in self._client.get_fans(openids).user_info_list if fan.subscribe]
        self._learn_tags({tag for fan in fans for tag in fan.tagid_list})
        return [fan_fact(fan, self._client.account, self._tags, asked_at) for fan in fans]

    def _openids(self, before: str) -> tuple[list[str], str]:
        if self._page is None or self._page[0] != before:
            page = self._client.list_fans(before)
            self._page = (before, page.data.openid, page.next_openid)
        return self._page[1], self._page[2]

    def _learn_tags(self, ids: set[int]) -> None:
        if ids - set(self._tags):
            named = {tag.id: tag.name for tag in self._client.get_tags().tags}
            self._tags = {**dict.fromkeys(ids, ""), **named}


def _read_cursor(cursor: str) -> tuple[str, int]:
    before, _, offset = cursor.rpartition("|")
    if cursor and not offset.isdigit():
        raise Refused("wechat.cursor", "翻页位置无效", field="cursor")
    return before, int(offset or 0)
