"""Remarks on a relation. Source: path/92115. Our own writes cause no callback."""

from __future__ import annotations

from typing import Any

from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.transport import EXTERNAL
from siyu.ports.remarks import RemarkChange
from siyu.wechat.calling import Head


class Remarks:
    """The `RemarkWriter` of a corp."""

    max_remark = 20
    max_description = 150
    max_company = 20
    max_mobiles = 5

    def __init__(self, client: Client) -> None:
        self._client = client

    def change_remark(self, staff: str, customer: str, change: RemarkChange) -> None:
        """See `RemarkWriter.change_remark`; nothing happens when nothing would change."""
        fields: dict[str, Any] = {
            "remark": _cut(change.remark, self.max_remark),
            "description": _cut(change.description, self.max_description),
            "remark_company": _cut(change.company, self.max_company),
        }
        if change.mobiles is not None:
            fields["remark_mobiles"] = list(change.mobiles)[: self.max_mobiles] or [""]
        told = {name: value for name, value in fields.items() if value is not None}
        if told:
            body = {"userid": staff, "external_userid": customer, **told}
            self._client.write(f"{EXTERNAL}/remark", body, Head, is_safe=True)

    def write_remark(self, staff: str, customer: str, *, remark: str, description: str) -> None:
        """See `RemarkWriter.write_remark`."""
        change = RemarkChange(remark=remark or None, description=description or None)
        self.change_remark(staff, customer, change)


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]
