"""Contact ways 联系我: the QR codes customers scan."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.client import Client
from siyu.ports.capabilities import RemoteCode

MAX_STATE = 30
MAX_STAFF = 100
_MULTI, _QR = 2, 2


class ContactWays:
    """The `LiveCodeIssuer` of a corp: one QR code for several staff, friend without asking."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create_code(self, *, name: str, state: str, staff: Sequence[str]) -> RemoteCode:
        """Make a code; `state` (≤ 30 characters) comes back with each customer it brings."""
        _check(state, staff)
        way = self._client.add_contact_way(
            {
                "type": _MULTI,
                "scene": _QR,
                "remark": name[:30],
                "skip_verify": True,
                "state": state,
                "user": list(staff),
            }
        )
        return RemoteCode(way.config_id, way.qr_code)

    def update_code(self, remote_id: str, *, state: str, staff: Sequence[str]) -> None:
        """Change who receives the customers; the picture stays the same."""
        _check(state, staff)
        self._client.update_contact_way(
            {"config_id": remote_id, "state": state, "user": list(staff)}
        )

    def delete_code(self, remote_id: str) -> None:
        """The picture stops working."""
        self._client.del_contact_way(remote_id)


def _check(state: str, staff: Sequence[str]) -> None:
    if not 1 <= len(state) <= MAX_STATE:
        raise Refused("wecom.state", f"活码参数须为 1 到 {MAX_STATE} 个字符", field="state")
    if not 1 <= len(staff) <= MAX_STAFF:
        raise Refused("wecom.staff", f"一个活码须有 1 到 {MAX_STAFF} 名员工", field="staff")
