"""Customers and their relations, pulled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wecom import wire
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.errors import BOOK
from siyu.platforms.wecom.mapping import TagNames, end_fact, relation_fact
from siyu.ports.facts import Fact

STAFF_PER_CALL = 100


class Contacts:
    """The `ContactSource` of a corp."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tag_names: TagNames = {}

    def list_staff(self) -> list[str]:
        """See `ContactSource.list_staff`."""
        return self._client.get_follow_user_list().follow_user

    def fetch_contacts(self, staff: Sequence[str], cursor: str) -> tuple[list[Fact], str]:
        """See `ContactSource.fetch_contacts`; at most 100 staff. A page may be empty."""
        if not 1 <= len(staff) <= STAFF_PER_CALL:
            raise Refused("wecom.staff", f"一次最多 {STAFF_PER_CALL} 名员工", field="staff")
        asked_at = to_ms(self._client.now())
        try:
            page = self._client.batch_get_by_user(staff, cursor)
        except PlatformRefused as error:
            if _is_nothing(error):
                return [], ""
            raise
        self._learn_tags(
            {tag for item in page.external_contact_list for tag in item.follow_info.tag_id}
        )
        found = [
            self._fact(item.external_contact, item.follow_info, asked_at)
            for item in page.external_contact_list
        ]
        return found, "" if page.next_cursor == cursor else page.next_cursor

    def fetch_contact(self, remote_id: str) -> list[Fact]:
        """See `ContactSource.fetch_contact`; follows the pages of a much-followed customer."""
        found: list[Fact] = []
        cursor, seen = "", {""}
        while True:
            asked_at = to_ms(self._client.now())
            try:
                page = self._client.get_contact(remote_id, cursor)
            except PlatformRefused as error:
                if _is_nothing(error):
                    return found
                raise
            found += [
                self._fact(page.external_contact, follow, asked_at) for follow in page.follow_user
            ]
            cursor = page.next_cursor
            if cursor in seen:
                return found
            seen.add(cursor)

    def end_relation(self, remote_id: str, staff: str, at: datetime) -> Fact:
        """See `ContactSource.end_relation`."""
        return end_fact(remote_id, staff, to_ms(at), self._client.account)

    def _fact(self, contact: wire.ExternalContact, follow: wire.FollowUser, seen_at: int) -> Fact:
        return relation_fact(
            contact,
            follow,
            account=self._client.account,
            tag_names=self._tag_names,
            seen_at=seen_at,
        )

    def _learn_tags(self, ids: set[str]) -> None:
        """Names of tags the batch call gives by id only; asked for when an unknown one comes."""
        if ids - set(self._tag_names):
            groups = self._client.get_corp_tag_list().tag_group
            known = {tag.id: (group.group_name, tag.name) for group in groups for tag in group.tag}
            self._tag_names = {**dict.fromkeys(ids, ("", "")), **known}


def _is_nothing(error: PlatformRefused) -> bool:
    return BOOK.is_ignorable(error)
