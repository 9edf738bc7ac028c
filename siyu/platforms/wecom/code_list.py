"""The contact ways 联系我 of a corp, whoever made them.

Source: developer.work.weixin.qq.com/document/path/92228; those made before 2021-07-10 and
temporary ones are not listed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from siyu.kernel.errors import PlatformRefused
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.codes import GONE
from siyu.ports.code_lists import ListedCode

FIRST = datetime(2021, 7, 10, tzinfo=UTC)


class ContactWayList:
    """The `CodeLister` of a corp; 100 a page."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list_codes(self, cursor: str, until: datetime) -> tuple[list[str], str]:
        """See `CodeLister.list_codes`."""
        first, last = int(FIRST.timestamp()), int(until.timestamp())
        page = self._client.list_contact_way(first, last, cursor)
        return [way.config_id for way in page.contact_way], page.next_cursor

    def read_code(self, remote_id: str) -> ListedCode | None:
        """See `CodeLister.read_code`."""
        try:
            way = self._client.get_contact_way(remote_id).contact_way
        except PlatformRefused as error:
            if error.code == GONE:
                return None
            raise
        return ListedCode(
            remote_id=way.config_id,
            name=way.remark,
            state=way.state,
            staff=tuple(way.user),
            departments=tuple(map(str, way.party)),
            picture_url=way.qr_code,
            is_accepted=way.skip_verify,
        )
