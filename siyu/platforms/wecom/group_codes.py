"""The codes into customer groups 加入群聊."""

from __future__ import annotations

from typing import Any

from siyu.kernel.errors import PlatformError, PlatformRefused, Refused
from siyu.platforms.wecom.errors import BOOK
from siyu.platforms.wecom.group_calls import GroupCalls
from siyu.platforms.wecom.transport import Transport
from siyu.ports.groups import GroupCodeSpec, RemoteGroupCode

MAX_STATE, MAX_BASE_NAME, MAX_REMARK = 30, 40, 30
_QR = 2


class JoinWays:
    """The `GroupCodeIssuer` of a corp."""

    max_groups = 5

    def __init__(self, transport: Transport) -> None:
        self._calls = GroupCalls(transport)

    def create_code(self, spec: GroupCodeSpec) -> RemoteGroupCode:
        """Make it, and ask for its picture: the platform gives it by another call.

        When only that call fails the code is made all the same, its url not known yet.
        """
        made = self._calls.add_join_way(_way(spec))
        try:
            found = self.fetch_code(made.config_id)
        except PlatformError:
            found = None
        return found or RemoteGroupCode(remote_id=made.config_id, url="", groups=spec.groups)

    def update_code(self, remote_id: str, spec: GroupCodeSpec) -> RemoteGroupCode:
        """See `GroupCodeIssuer.update_code`."""
        self._calls.update_join_way({**_way(spec), "config_id": remote_id})
        found = self.fetch_code(remote_id)
        return found or RemoteGroupCode(remote_id=remote_id, url="", groups=spec.groups)

    def fetch_code(self, remote_id: str) -> RemoteGroupCode | None:
        """See `GroupCodeIssuer.fetch_code`."""
        try:
            way = self._calls.get_join_way(remote_id).join_way
        except PlatformRefused as error:
            if BOOK.rule_of(int(error.platform_code)).name == "contact_way":
                return None
            raise
        return RemoteGroupCode(
            remote_id=way.config_id, url=way.qr_code, groups=tuple(way.chat_id_list)
        )

    def delete_code(self, remote_id: str) -> None:
        """The picture leads nowhere any more."""
        try:
            self._calls.del_join_way(remote_id)
        except PlatformRefused as error:
            if BOOK.rule_of(int(error.platform_code)).name != "contact_way":
                raise


def _way(spec: GroupCodeSpec) -> dict[str, Any]:
    if not 1 <= len(spec.groups) <= JoinWays.max_groups:
        raise Refused("wecom.groups", f"一个群活码须有 1 到 {JoinWays.max_groups} 个群")
    if len(spec.state) > MAX_STATE or len(spec.base_name) > MAX_BASE_NAME:
        raise Refused("wecom.state", f"参数最多 {MAX_STATE} 字, 群名前缀最多 {MAX_BASE_NAME} 字")
    return {
        "scene": _QR,
        "remark": spec.name[:MAX_REMARK],
        "auto_create_room": int(spec.is_growing),
        "room_base_name": spec.base_name,
        "room_base_id": spec.base_number,
        "chat_id_list": list(spec.groups),
        "state": spec.state,
    }
