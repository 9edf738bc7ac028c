"""Contact ways 联系我: the QR codes customers scan."""

from __future__ import annotations

from typing import Any

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.pictures import read_qr
from siyu.ports.codes import CodeSpec, RemoteCode

MAX_STATE = 30
MAX_STAFF = 100
MAX_REMARK = 30
_MULTI, _QR = 2, 2
GONE = "wecom.contact_way"
"""What 41037 says: no such contact way."""


class ContactWays:
    """The `LiveCodeIssuer` of a corp: one QR code for several staff or departments."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create_code(self, spec: CodeSpec) -> RemoteCode:
        """Make a code; `state` (≤ 30 characters) comes back with each customer it brings.

        The platform answers with the address of a picture; what the picture holds is read, so
        that it can be drawn in any size.
        """
        check_spec(spec)
        way = self._client.add_contact_way({"type": _MULTI, "scene": _QR, **_body(spec)})
        return RemoteCode(way.config_id, self.read_picture(way.qr_code), way.qr_code)

    def update_code(self, remote_id: str, spec: CodeSpec) -> None:
        """Change who receives the customers, and how; the picture stays the same."""
        check_spec(spec)
        self._client.update_contact_way({"config_id": remote_id, **_body(spec)})

    def read_picture(self, picture_url: str) -> str:
        """What the platform's picture of a code holds; "" when it cannot be had or read now."""
        return read_qr(self._client.fetch_picture(picture_url)) if picture_url else ""

    def delete_code(self, remote_id: str) -> None:
        """The picture stops working."""
        try:
            self._client.del_contact_way(remote_id)
        except PlatformRefused as error:
            if error.code != GONE:
                raise


def _body(spec: CodeSpec) -> dict[str, Any]:
    return {
        "remark": spec.name[:MAX_REMARK],
        "skip_verify": spec.is_accepted,
        "state": spec.state,
        "user": list(spec.staff),
        "party": [int(one) for one in spec.departments],
        "is_exclusive": spec.is_exclusive,
    }


def check_spec(spec: CodeSpec) -> None:
    """Refused when the platform would not take it."""
    if not 1 <= len(spec.state) <= MAX_STATE:
        raise Refused("wecom.state", f"活码参数须为 1 到 {MAX_STATE} 个字符", field="state")
    if not spec.staff and not spec.departments:
        raise Refused("wecom.staff", "一个活码须有员工或部门", field="staff")
    if len(spec.staff) > MAX_STAFF:
        raise Refused("wecom.staff", f"一个活码最多 {MAX_STAFF} 名员工", field="staff")
    if not all(one.isascii() and one.isdigit() for one in spec.departments):
        raise Refused("wecom.department", "部门 ID 须为数字", field="departments")
