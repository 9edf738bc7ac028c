"""Messages of our app to our own staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class StaffNotifier(Protocol):
    """Raises the PlatformError family."""

    max_people: int

    def notify(self, staff: Sequence[str], text: str, *, key: str) -> list[str]:
        """Tell up to `max_people` members of staff something; returns whom it did not reach.

        The same key and text within four hours are shown once.
        """
        ...
