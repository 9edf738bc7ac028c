"""Which channels are left alone, written down so that people and other processes see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.reach.lanes import LaneKey
from siyu.reach.models import Circuit


@dataclass(frozen=True)
class OpenCircuit:
    """A channel that failed again and again. until: when it is tried next; code: of the error."""

    account: str
    channel: str
    since: datetime
    until: datetime
    code: str


def note_circuit(key: LaneKey, until: datetime | None, code: str, now: datetime) -> None:
    """Keep that a channel is sick until it is tried again; None = it is well."""
    account, channel = key
    if until is None:
        Circuit.objects.filter(account=account, channel=channel).delete()
        return
    Circuit.objects.update_or_create(
        account=account,
        channel=channel,
        defaults={"until": until, "code": code[:64]},
        create_defaults={"since": now, "until": until, "code": code[:64]},
    )


def open_circuits() -> list[OpenCircuit]:
    """The sick channels, the longest first."""
    rows = Circuit.objects.order_by("since", "id")
    return [OpenCircuit(r.account, r.channel, r.since, r.until, r.code) for r in rows]
