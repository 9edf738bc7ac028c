"""Messages of the app to members of staff."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.errors import Refused
from siyu.kernel.ids import digest
from siyu.platforms.wecom.staff_calls import StaffCalls
from siyu.platforms.wecom.transport import Transport

MAX_BYTES = 2048
"""Of a text; developer.work.weixin.qq.com/document/path/90236 (read 2026-02)."""
SAME_SECONDS = 4 * 3600


class Notices:
    """The `StaffNotifier` of an app. The platform itself drops a repeat within four hours."""

    max_people = 1000

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._calls = StaffCalls(transport)

    def notify(self, staff: Sequence[str], text: str, *, key: str) -> list[str]:
        """See `StaffNotifier.notify`. The key makes two different notices of one text differ."""
        if not 1 <= len(staff) <= self.max_people:
            raise Refused("wecom.staff", f"一次最多 {self.max_people} 人", field="staff")
        mark = digest(key.encode()).hex()[:6]
        body = {
            "touser": "|".join(staff),
            "msgtype": "text",
            "agentid": int(self._transport.account.fields.get("agent_id") or 0),
            "text": {"content": _cut(f"{text}\n#{mark}")},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": SAME_SECONDS,
        }
        sent = self._calls.send_message(body)
        return [who for who in sent.invaliduser.split("|") if who]


def _cut(text: str) -> str:
    return text.encode()[:MAX_BYTES].decode(errors="ignore")
