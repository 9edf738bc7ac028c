"""Paged answers read to their end; a cursor that comes again ends the reading, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar


class Page(Protocol):
    @property
    def next_cursor(self) -> str: ...


OnePage = TypeVar("OnePage", bound=Page)


def pages(fetch: Callable[[str], OnePage]) -> Iterator[OnePage]:
    """All pages of a list, fetched one after the other."""
    cursor, seen = "", {""}
    while True:
        page = fetch(cursor)
        yield page
        cursor = page.next_cursor
        if cursor in seen:
            return
        seen.add(cursor)
