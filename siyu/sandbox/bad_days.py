"""The switches of bad days, all in one place."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.ports.sandbox import Trouble


class BadDays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chances (0 to 1) that something goes wrong, and how long delays last in seconds.

    Calls to the platform: `rate_limited`, `token_rejected`, `busy` answer with the platform's
    own error and do nothing; `error_5xx` answers 503 and does nothing; `stall` does the work
    and then does not answer for `stall_seconds`; `reset` does the work and cuts the connection.
    Callbacks: `drop` loses one, `duplicate` delivers it twice, `late` holds it back for
    `late_seconds`, `shuffle` lets later ones overtake it. `only`: calls below this path
    (`/wecom/cgi-bin/externalcontact`) and callbacks of its platform; "" means all.
    """

    rate_limited: float = 0.0
    token_rejected: float = 0.0
    busy: float = 0.0
    error_5xx: float = 0.0
    stall: float = 0.0
    stall_seconds: float = 15.0
    reset: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    late: float = 0.0
    late_seconds: float = 5.0
    shuffle: float = 0.0
    only: str = ""

    def pick_trouble(self, chance: random.Random) -> Trouble | None:
        """The platform's own failure for this call, if it shall have one."""
        for kind in Trouble:
            if happens(chance, getattr(self, kind.value)):
                return kind
        return None


def happens(chance: random.Random, probability: float) -> bool:
    """One throw of the dice; no throw at all when it cannot happen."""
    return probability > 0 and chance.random() < probability


def read_bad_days(current: BadDays, changes: dict[str, Any]) -> BadDays:
    """The switches after a change; Refused when one is unknown or out of range."""
    try:
        made = msgspec.convert({**msgspec.to_builtins(current), **changes}, BadDays)
    except msgspec.ValidationError as error:
        raise Refused("sandbox.bad_days", f"坏天气开关有误: {error}", field="bad_days") from error
    for name in made.__struct_fields__:
        value = getattr(made, name)
        limit = 600 if name.endswith("_seconds") else 1
        if isinstance(value, float) and not 0 <= value <= limit:
            raise Refused("sandbox.bad_days", f"{name} 须在 0 到 {limit} 之间", field=name)
    return made
