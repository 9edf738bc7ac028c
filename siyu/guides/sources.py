"""The sources that pulls read, in order: the room's own, then those of other rooms."""

from __future__ import annotations

from siyu.guides.contacts import ContactPull
from siyu.guides.directory import DirectorySource
from siyu.guides.group_pull import GroupPull
from siyu.guides.pulling import PullSource

_sources: dict[str, PullSource] = {
    source.name: source for source in (DirectorySource(), ContactPull(), GroupPull())
}


def register(source: PullSource) -> None:
    """Let pulls read one more source."""
    _sources[source.name] = source


def find_source(name: str) -> PullSource | None:
    """The source of a checkpoint; None when it is no longer registered."""
    return _sources.get(name)


def offered_sources(account: str) -> list[str]:
    """Names of what can be pulled from an account, in order."""
    return [name for name, source in _sources.items() if source.is_offered(account)]
