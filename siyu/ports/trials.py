"""A message shown to one person before it goes to many; it counts against no quota of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class TrialSender(Protocol):
    def send_trial(
        self, recipient: str, text: str, attachments: Sequence[Mapping[str, str]]
    ) -> None:
        """Show it on the phone of one recipient (remote id). Raises the PlatformError family."""
        ...
