"""Tasks that a member of staff must confirm before a mass message goes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class RemoteTask:
    """A mass message as the platform lists it, whoever made it."""

    remote_id: str
    created_at: datetime


@dataclass(frozen=True)
class StaffState:
    """Whether one member of staff confirmed a task."""

    staff: str
    is_confirmed: bool
    at: datetime | None = None


class StaffTasks(Protocol):
    """What can be done with mass messages after they were made. Raises the PlatformError family.

    channel: the channel they were made by (`wecom.mass_send`).
    """

    def list_tasks(self, channel: str, since: datetime, until: datetime) -> Iterator[RemoteTask]:
        """All tasks made between two times (at most 31 days), also those of other tools."""
        ...

    def list_staff(self, remote_id: str) -> Iterator[StaffState]:
        """Who has to confirm a task, and who has."""
        ...

    def remind(self, remote_id: str) -> None:
        """Ask those who have not confirmed once more; the platform limits how often."""
        ...

    def cancel(self, remote_id: str) -> None:
        """Take the task away from those who have not confirmed; what went out stays."""
        ...
