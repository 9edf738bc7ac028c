"""The sabotage: a catalog whose senders claim that nothing was ever sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.ports.capabilities import Delivery, Outgoing, Receipt, Sender
from siyu.reach.catalog import Catalog


class BlindCatalog(Catalog):
    """What may have been sent is simply sent again."""

    def sender(self, account: str, channel: str) -> Sender:
        return _Forgetful(super().sender(account, channel))


@dataclass
class _Forgetful:
    real: Sender

    def send(self, message: Outgoing) -> Receipt:
        return self.real.send(message)

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:
        return self.real.poll(remote_id, sender)

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:
        del message, since
        return None
