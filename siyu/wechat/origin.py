"""Whose callback it is and when it came; what all facts of one body share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.ports.capabilities import AccountConfig
from siyu.ports.facts import Fact

AHEAD_MS = 300_000
LATE_MS = 86_400_000
UNIONID = "wx_unionid"


@dataclass(frozen=True)
class Origin:
    """received_at: milliseconds."""

    account: AccountConfig
    received_at: int
    message_id: str

    def fact(self, name: str, at: int, **more: Any) -> Fact:
        """A fact of this body. A time ahead of ours becomes the time of arrival, flagged."""
        properties = dict(more.pop("properties", {}))
        is_ahead = at > self.received_at + AHEAD_MS
        if is_ahead:
            properties["clock"] = "ahead"
        return Fact(
            name=name,
            at=self.received_at if is_ahead else at,
            received_at=self.received_at,
            source=self.account.key,
            message_id=more.pop("message_id", self.message_id),
            platform=self.account.platform,
            account=self.account.key,
            properties=properties,
            is_late=at < self.received_at - LATE_MS,
            **more,
        )


def person(
    account: AccountConfig, namespace: str, openid: str, unionid: str = ""
) -> tuple[Identity, ...]:
    """The person of an openid of this app, with the unionid when it is told."""
    own = Identity(namespace, account.remote_id, openid)
    if not unionid:
        return (own,)
    return (own, Identity(UNIONID, account.fields.get("open_account", ""), unionid))


def seconds_ms(value: object, field: str) -> int:
    """A unix time in seconds (number or text) as milliseconds; Refused when it is none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise Refused("callback.event", f"回调的 {field} 不是时间", field=field)
    return int(text) * 1000
